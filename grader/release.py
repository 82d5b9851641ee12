"""Make the released notebook out of a solution notebook with nbgrader's own preprocessors.

The same steps as `nbgrader generate_assignment` less the gradebook (0.15 s instead of 3);
tests/test_build.py proves the bytes equal.
"""

import copy
import logging

import nbformat
from nbgrader.preprocessors import (
    CheckCellMetadata, ClearHiddenTests, ClearMarkScheme, ClearOutput, ClearSolutions,
    ComputeChecksums, LockCells)

from course.paths import CourseError

STEPS = (LockCells, ClearSolutions, ClearOutput, CheckCellMetadata, ComputeChecksums,
         ClearHiddenTests, ClearMarkScheme, ComputeChecksums, CheckCellMetadata)


def release(solution, lesson: str):
    """The notebook that learners get. Raises CourseError where nbgrader refuses the source."""
    notebook = copy.deepcopy(solution)
    resources = {"nbgrader": {"assignment": lesson, "notebook": lesson, "student": "."}}
    for step in STEPS:
        worker = step()
        worker.log = logging.getLogger("grader.release")
        worker.log.setLevel(logging.CRITICAL)
        try:
            notebook, resources = worker.preprocess(notebook, resources)
        except Exception as error:  # nbgrader raises RuntimeError, ValidationError and others
            raise CourseError(f"solutions/{lesson}: nbgrader's {step.__name__} refuses the "
                              f"lesson: {error}") from None
    return notebook


def text_of(notebook) -> str:
    """The bytes of a notebook file as text: sorted keys, one final newline."""
    return nbformat.writes(notebook, nbformat.NO_CONVERT).rstrip("\n") + "\n"
