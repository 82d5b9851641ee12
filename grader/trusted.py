"""Names that a check may use: what learners can change must not help to grade them."""

import builtins
import dis
from collections.abc import Iterator

from IPython.core.inputtransformer2 import TransformerManager

from grader.source import read_lesson, source_path

GIVEN = set(dir(builtins)) | {"__name__", "display", "get_ipython"}


def names_of(source: str) -> tuple[set[str], set[str]]:
    """(global names that a cell reads, names that it makes)."""
    reads, makes = set(), set()

    def walk(code):
        for step in dis.get_instructions(code):
            if step.opname in ("LOAD_NAME", "LOAD_GLOBAL"):
                reads.add(step.argval)
            elif step.opname in ("STORE_NAME", "STORE_GLOBAL"):
                makes.add(step.argval)
        for constant in code.co_consts:
            if hasattr(constant, "co_code"):
                walk(constant)

    walk(compile(TransformerManager().transform_cell(source), "<cell>", "exec"))
    return reads, makes


def untrusted_names(names: list[str]) -> Iterator[str]:
    """A check or locked cell that reads a name from a cell which learners can edit.

    Under the judge only answers live in the learner's kernel; what a check compares them with
    must come from locked cells, imports or the check itself.
    """
    for lesson in names:
        trusted, answers = set(GIVEN), set()
        cells = [c for c in read_lesson(source_path(lesson)).cells if c.cell_type == "code"]
        for cell in cells:
            if cell.metadata.get("course", {}).get("kind") == "exercise":
                answers |= names_of(cell.source)[1]
        for cell in cells:
            kind = cell.metadata.get("course", {}).get("kind")
            if kind not in ("check", "locked"):
                continue
            reads, makes = names_of(cell.source)
            known = trusted | makes | (answers if kind == "check" else set())
            for name in sorted(reads - known):
                yield (f"{lesson}, {cell.id}: reads `{name}`, which stands in a cell that learners "
                       "can change: make it in a locked cell or in the check")
            if kind == "locked":
                trusted |= makes
