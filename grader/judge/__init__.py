"""The judge: check cells run in a trusted process, the learner's code in another.

codec.py moves values (never code) over a socket, agent.py answers in the learner's kernel,
proxy.py stands for the learner's objects, judge.py runs check cells, interface.py reads from
the reference solution which names are the learner's.
"""
