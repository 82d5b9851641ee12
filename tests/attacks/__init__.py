"""Hostile and broken submissions, and what the grader must make of them.

lesson.py holds a small made-up lesson, case.py what a case is, cases_*.py the cases by class,
arena.py grades them beside honest ones and looks for canaries, test_attacks.py asserts.
"""
