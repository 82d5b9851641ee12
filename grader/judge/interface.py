"""Which names are the learner's: read from the reference solution, nothing has to be annotated."""

import ast
import builtins

from IPython.core.inputtransformer2 import TransformerManager

from grader.trusted import names_of


def interface_of(solution) -> dict:
    """{"names": made by answer cells, "classes": {class: dunders it defines}, "reads": names
    that answers read but do not make} of the solution notebook (trusted)."""
    names, reads = set(), set()
    classes: dict[str, list[str]] = {}
    for cell in solution.cells:
        if cell.cell_type != "code" or not cell.metadata.get("nbgrader", {}).get("solution"):
            continue
        used, made = names_of(cell.source)  # globals only: a local of an answer is nobody's name
        names |= made
        reads |= used
        for node in ast.walk(ast.parse(TransformerManager().transform_cell(cell.source))):
            if isinstance(node, ast.ClassDef):
                classes[node.name] = _dunders(node)
    reads = {name for name in reads - names if not hasattr(builtins, name)}
    return {"names": sorted(names), "classes": classes, "reads": sorted(reads)}


def _dunders(node: ast.ClassDef) -> list[str]:
    found = [f.name for f in node.body if isinstance(f, ast.FunctionDef)]
    made = any("dataclass" in ast.unparse(d) for d in node.decorator_list)
    return sorted({name for name in found if name.startswith("__")} | ({"__eq__"} if made else set()))
