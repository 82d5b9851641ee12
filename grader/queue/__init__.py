"""The queue: many submissions graded on one machine or on several, and a record that lasts.

grading.py grades one submission in a process of its own, nursery.py keeps a lesson warm and forks
these, pool.py feeds nurseries, dask_pool.py does it on other machines, ledger.py is the record
(one writer), stamps.py says what a score depends on.
"""
