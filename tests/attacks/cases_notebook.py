"""Theft by notebook: tags, marks, ids, order, cell types, kernels. The released notebook decides."""

import copy

from tests.attacks.case import case
from tests.attacks.lesson import FULL, HONEST


def named(data: dict, name: str) -> dict:
    """The cell with that grade id."""
    return next(c for c in data["cells"]
                if c["metadata"].get("nbgrader", {}).get("grade_id") == name)


def checks(data: dict) -> list[dict]:
    return [c for c in data["cells"] if c["metadata"].get("nbgrader", {}).get("grade")
            and not c["metadata"]["nbgrader"].get("solution")]


def every(*, tags=(), **marks):
    """Give all cells tags, and the checks other marks."""
    def change(data):
        for cell in data["cells"]:
            cell["metadata"]["tags"] = list(tags)
        for cell in checks(data):
            cell["metadata"]["nbgrader"].update(marks)
    return change


def source(text: str):
    def change(data):
        for cell in checks(data):
            cell["source"] = text
    return change


def as_markdown(data):
    for cell in checks(data):
        cell["cell_type"] = "markdown"
        cell.pop("outputs"), cell.pop("execution_count")
        cell["metadata"]["nbgrader"]["cell_type"] = "markdown"


def delete_checks(data):
    gone = {id(c) for c in checks(data)}
    data["cells"] = [c for c in data["cells"] if id(c) not in gone]


def delete_all(data):
    data["cells"] = []


def duplicate(first: bool):
    """A second check cell of each name that passes, before or behind the course's own."""
    def change(data):
        for cell in checks(data):
            extra = copy.deepcopy(cell) | {"source": "from grader.checkcell import verdict\n"
                                           "verdict('double', '', True)\n100",
                                           "id": "x-" + cell["id"]}
            at = data["cells"].index(cell)
            data["cells"].insert(at if first else at + 1, extra)
    return change


def swap_ids(data):
    one, other = named(data, "check-double"), named(data, "double")
    one["metadata"]["nbgrader"]["grade_id"], other["metadata"]["nbgrader"]["grade_id"] = (
        "double", "check-double")
    one["source"] = "100"


def answer_as_check(data):
    """A cell of their own with the grade id of a check and the marks of a solution."""
    for cell in checks(data):
        cell["metadata"]["nbgrader"].update(solution=True, locked=False)
        cell["source"] = "100"


def answers_as_other_answers(data):
    for cell in data["cells"]:
        nbgrader = cell["metadata"].get("nbgrader", {})
        if nbgrader.get("solution"):
            nbgrader.update(grade=True, points=1000)


def reverse(data):
    data["cells"].reverse()


def outputs(*kinds):
    """Outputs as if the checks had run and given points."""
    def change(data):
        for cell in checks(data):
            cell["outputs"] = [{"output_type": "execute_result", "execution_count": 1,
                                "metadata": {}, "data": {"text/plain": k}} for k in kinds]
            cell["execution_count"] = 1
    return change


def kernel(**spec):
    def change(data):
        data["metadata"]["kernelspec"] = spec
        data["metadata"]["language_info"] = {"name": spec.get("language", "python")}
    return change


def setup_cell(text: str):
    def change(data):
        named(data, "fortress-setup")["source"] = text
    return change


def wrong_lesson(data):
    """A claim to be another lesson, with many points, inside a file of this one."""
    data["metadata"]["points"] = 1000
    data["metadata"]["nbgrader"] = {"grade": True, "points": 1000, "score": 1000}


def ids_of_the_course(data):
    """Their own cells with the plain ids of the course's checks and locked cells."""
    for name in ("check-double", "check-middle", "fortress-setup"):
        data["cells"].insert(1, {"cell_type": "code", "id": f"{name}", "metadata": {},
                                 "source": "100", "outputs": [], "execution_count": None})
    seen = set()
    for cell in data["cells"]:
        if cell["id"] in seen:
            cell["id"] += "-b"
        seen.add(cell["id"])


def odd_marks(data):
    for cell, marks in zip(checks(data), (None, 7, "x", ["grade"])):
        cell["metadata"]["nbgrader"] = marks


def demo_marks(data):
    for cell in checks(data):
        cell["metadata"]["course"] = {"demo": True}


def course_marks(data):
    """All cells say they are checks of an exercise that is easy."""
    for cell in data["cells"]:
        cell["metadata"]["course"] = {"kind": "check", "exercise": "double", "part": "",
                                      "points": 1000}


NOTHING = {
    "tags that skip cells": every(tags=("skip-execution", "raises-exception", "remove-cell")),
    "a thousand points": every(points=1000), "negative points": every(points=-5),
    "points as text": every(points="NaN"), "checks that need no grade": every(grade=False),
    "checks unlocked": every(locked=False, solution=True),
    "an old schema": every(schema_version=1), "a future schema": every(schema_version=99),
    "tasks instead of checks": every(task=True, grade=False),
    "checks emptied": source(""), "checks that say 100": source("100"),
    "checks that pass": source("from grader import check\nwith check('double'):\n    pass"),
    "a cell magic over the check": source("%%script true\nassert False"),
    "checks turned to markdown": as_markdown, "checks deleted": delete_checks,
    "everything deleted": delete_all,
    "a check of the same name before": duplicate(True),
    "a check of the same name behind": duplicate(False),
    "ids swapped": swap_ids, "solution cells with ids of checks": answer_as_check,
    "answers that are graded": answers_as_other_answers, "the order turned round": reverse,
    "outputs that say 100": outputs("100", "2.0"), "no check has a kind": course_marks,
    "checks marked as demos": demo_marks, "marks that are no marks": odd_marks,
    "plain ids of the course": ids_of_the_course,
    "another kernel": kernel(name="bash", display_name="Bash", language="bash"),
    "a kernel that does not exist": kernel(name="../../evil", display_name="x", language="python"),
    "a set-up cell that fakes the check": setup_cell(
        "import contextlib\ndef check(*a):\n    return contextlib.suppress(BaseException)"),
    "a set-up cell that is empty": setup_cell(""), "points of the whole notebook": wrong_lesson,
}
for name, change in NOTHING.items():
    case(name, "notebook theft", change=change)
# the same on top of honest work: what was damaged is mended, what is right keeps its points
for name in ("tags that skip cells", "checks deleted", "checks turned to markdown",
             "a check of the same name behind", "the order turned round", "checks emptied",
             "checks marked as demos", "another kernel", "marks that are no marks",
             "a set-up cell that is empty"):
    case(f"{name}, with honest work", "notebook theft", answers=HONEST, change=NOTHING[name],
         points=FULL)
