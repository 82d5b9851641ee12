"""Who is running the notebook: a learner, nbgrader, or the build.

Separate switches: COURSE_STRICT=1 makes checks raise (tests, judge, build),
COURSE_WRITE_REFERENCES=1 lets `result` write what it computed and COURSE_SHOW_CARDS=1 keeps
the cards of passed checks (both `make run` only).
"""

import os


def strict() -> bool:
    """Checks raise instead of showing a card."""
    return os.environ.get("COURSE_STRICT") == "1" or bool(os.environ.get("NBGRADER_EXECUTION"))


def shows_cards() -> bool:
    """A passed check says so: to a learner, and in the outputs that `make run` stores."""
    return not strict() or os.environ.get("COURSE_SHOW_CARDS") == "1"


def testing() -> bool:
    """The course itself is being tested: a failing `result` is an error, not a fallback."""
    return os.environ.get("COURSE_STRICT") == "1"


def writing() -> bool:
    """References are being made from the reference solution."""
    return os.environ.get("COURSE_WRITE_REFERENCES") == "1"


def keeps_progress() -> bool:
    """Only a learner's own session notes progress, never a graded or tested run."""
    return not strict() and os.environ.get("COURSE_PROGRESS") != "off"
