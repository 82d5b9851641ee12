"""The engine that grades one submission: no Jupyter server, no ports, two processes.

runner.py runs the learner's cells (untrusted, inside the sandbox), session.py leads it and the
judge (trusted), plan.py prepares what all submissions of a lesson share, wire.py is their line.
"""
