"""Seats for one lesson's runners: the best sandbox this machine gives, warm where it can be."""

import re
import sys
import threading

from course.paths import CourseError
from grader.engine import seats, zygote
from grader.sandbox import detect
from grader.sandbox.contract import GAPS, LEVELS, Limits, Place

STARTS = 3  # zygotes that may end while they start: somebody kills them, or the machine is full
MODELS = ("llm", "embedder", "embeddings")  # names of the course that bring torch with them


class Opener:
    """opener(plan) gives a function that makes Seats. level: "best", or one of GAPS; afterwards
    the level in use. CourseError when this machine gives no level, or not the one asked for."""

    def __init__(self, level: str, plan, limits: dict | None = None):
        self.modules = heavy(plan)
        self.place = Place(plan.lesson, str(plan.reference) if plan.reference.is_dir() else "",
                           limits=Limits(**limits or {}))
        self.zygote, self.failed, self.more = None, None, []
        self.starting = threading.Thread(target=self._warm)
        self.starting.start()  # while this process warms the judge
        self.level = level

    def settle(self) -> None:
        """Wait for the zygote and find the level; no thread is left when it returns. Call it when
        the locked cells ran in this process: what they imported is imported there too."""
        self.starting.join()
        if self.failed:
            raise self.failed
        self.more = zygote.libraries(sys.modules)
        try:
            self._warm_more()
        except zygote.Ended:
            self._begin()
        self.level = self._tried([self.level] if self.level != "best" else LEVELS[:-1])
        self.gaps = GAPS[self.level]

    def __call__(self):
        return lambda: seats.open_seat(self.level, self.place, zygote=self.zygote)

    def mend(self) -> None:
        """Start the zygote again when it died; CourseError when none lives."""
        if self.zygote.process.poll() is not None:
            self.zygote.close()
            self._begin()

    def close(self) -> None:
        self.starting.join()
        if self.zygote:
            self.zygote.close()

    def _warm(self) -> None:
        try:
            self._begin()
        except CourseError as error:
            self.failed = error

    def _begin(self) -> None:
        """A zygote with all that it is to import, tried again when it ends meanwhile."""
        for left in reversed(range(STARTS)):
            try:
                self.zygote = zygote.Zygote(self.modules)
                return self._warm_more()
            except zygote.Ended:
                if not left:
                    raise

    def _warm_more(self) -> None:
        """CourseError only when the zygote is gone; it is closed then."""
        if not self.more:
            return
        try:
            self.zygote.more(self.more)
        except zygote.Ended:
            self.zygote.close()
            raise
        except CourseError:  # a thread came with one of them: without them, slower
            self.more = []
            self.zygote.close()
            self.zygote = zygote.Zygote(self.modules)

    def _tried(self, levels) -> str:
        reasons = []
        for level in levels:
            try:
                seats.open_seat(level, self.place, zygote=self.zygote).close()
                return level
            except CourseError as error:
                reasons.append(f"{level}: {detect.remedy(level, str(error))}")
        raise CourseError("this machine gives no sandbox for learners' code, so nothing was "
                          "graded. " + ". ".join(reasons) + ". See docs/grading.md; --unsafe "
                          "grades without one")


def heavy(plan) -> tuple[str, ...]:
    """Which heavy libraries a lesson imports, so that its zygote has them ready and no others."""
    text = "\n".join([*plan.trusted.values(), *(c.source for c in plan.released.cells
                                                if c.cell_type == "code")])
    names = set(re.findall(r"^\s*(?:import|from)\s+([A-Za-z_]\w*)", text, re.M))
    if re.search(rf"\b({'|'.join(MODELS)})\(", text):
        names |= {"torch", "transformers"}
    return tuple(name for name in zygote.HEAVY if name.split(".")[0] in names)
