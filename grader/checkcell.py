"""`with check("exercise"):` around plain asserts: the only grading construct of a lesson.

In a notebook a check shows a card and lets the notebook run on. Under nbgrader, in tests and
under the judge (see grader.mode) it raises, so that nbgrader's own rule decides the points.
"""

from grader import card, mode, progress
from grader.explain import NOT_SOLVED, explain
from grader.quiet import no_stderr

_verdicts: dict[str, dict[str, bool]] = {}  # exercise -> part -> passed in this kernel


class CheckFailed(AssertionError):
    """A check that did not pass, with one sentence that says what to look at."""

    def _render_traceback_(self) -> list[str]:
        """What IPython shows (Validate, feedback): the sentence, not the check's source."""
        return [f"{type(self).__name__}: {self}"]


class NotSolvedYet(CheckFailed):
    """The answer is still the untouched stub, or its cell has not run."""


class check:
    """Context manager around the asserts of one check cell.

    exercise: the id in the cell's header. part: names one of several check cells.
    Everything written to stderr inside is dropped, since nbgrader gives zero for it.
    """

    def __init__(self, exercise: str, part: str = ""):
        if not isinstance(exercise, str) or not exercise:
            raise TypeError("check needs the exercise's id, as in check('pair-counts')")
        self.exercise, self.part = exercise, part

    def __enter__(self):
        self._silence = no_stderr()
        self._silence.__enter__()
        return self

    def __exit__(self, kind, error, trace):
        self._silence.__exit__(None, None, None)
        if isinstance(error, KeyboardInterrupt):
            return False
        verdict(self.exercise, self.part, error is None)
        if error is None:
            self._passed()
            return True
        state, sentence = explain(error, trace)
        if mode.strict():
            raise (NotSolvedYet if state == NOT_SOLVED else CheckFailed)(sentence) from None
        card.show(state, self._title(), sentence)
        return True

    def _passed(self):
        if mode.shows_cards():
            card.show("solved", self._title())
        if solved(self.exercise) and mode.keeps_progress():
            progress.note(self.exercise)

    def _title(self):
        return f"{self.exercise} ({self.part})" if self.part else self.exercise


def verdict(exercise: str, part: str, passed: bool) -> None:
    """Note a verdict in this kernel; the judge calls this with its own."""
    _verdicts.setdefault(exercise, {})[part] = passed


def solved(exercise: str) -> bool:
    """True when every check cell of the exercise that ran in this kernel passed."""
    parts = _verdicts.get(exercise)
    return bool(parts) and all(parts.values())


def passed(exercise: str, part: str = "") -> bool:
    """True when this very check said yes since the last `forget`."""
    return _verdicts.get(exercise, {}).get(part, False)


def forget() -> None:
    """Drop all verdicts, as a new kernel would."""
    _verdicts.clear()
