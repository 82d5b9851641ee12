"""A made-up lesson of three exercises: what the hostile submissions are handed in for."""

import copy
import json
from pathlib import Path

import nbformat

from grader.engine.plan import Plan, plan_of
from grader.source import read_lesson

LESSON = "97_fortress"
HIDDEN = "canary-hidden-481516"  # stands only in hidden tests: nobody may ever read it
TEXT = f'''\
# %% [markdown]
# # 97 · Fortress

# %% locked="fortress-setup"
import numpy as np
from grader import check, in_kernel, result

# %% exercise="double"
def double(x):
    """Twice x."""
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION

# %% check="double" points=2
with check("double"):
    got = double(3)
    assert got == 6, f"double(3) should be 6, you gave {{got}}"
    ### BEGIN HIDDEN TESTS
    got = double(-41)  # {HIDDEN}
    assert got == -82, "a negative number: look at its sign"
    assert double("ab") == "abab", "a text is repeated"
    assert abs(double(0.5) - 1) < 1e-9, "a half"
    ### END HIDDEN TESTS

# %% exercise="middle"
def middle(xs):
    """The mean of an array along its rows, shape (n, m) -> (n,)."""
    ### BEGIN SOLUTION
    return np.asarray(xs).mean(1)
    ### END SOLUTION

# %% check="middle" points=1
with check("middle"):
    got = middle(np.array([[1., 3.], [5., 7.]]))
    assert np.allclose(got, [2, 6]), f"the means are 2 and 6, you gave {{got}}"

# %% check="middle" part="shape" points=2
with check("middle", "shape"):
    ### BEGIN HIDDEN TESTS
    got = middle(np.arange(12.).reshape(4, 3))  # {HIDDEN}
    assert got.shape == (4,), "one mean for each row"
    assert np.allclose(got, [1, 4, 7, 10]), "look at the axis"
    ### END HIDDEN TESTS

# %% [markdown] essay="why" points=1
# ### BEGIN SOLUTION
# Because.
# ### END SOLUTION

# %% exercise="bag"
class Bag:
    """Counts what is put in: put(x), count(x), len(bag)."""
    ### BEGIN SOLUTION
    def __init__(self):
        self.things = []

    def put(self, x):
        self.things.append(x)

    def count(self, x):
        return self.things.count(x)

    def __len__(self):
        return len(self.things)

    def __eq__(self, other):
        return isinstance(other, Bag) and sorted(self.things) == sorted(other.things)

    def __sub__(self, other):
        return len(self) - len(other)
    ### END SOLUTION

# %% check="bag" points=5
with check("bag"):
    bag = Bag()
    bag.put("a")
    assert bag.count("a") == 1, "one a was put in"
    ### BEGIN HIDDEN TESTS
    bag.put("a")
    bag.put("b")  # {HIDDEN}
    assert bag.count("a") == 2 and bag.count("z") == 0, "counts"
    assert len(bag) == 3, "len"
    other = Bag()
    assert bag != other and other == Bag() and bag - other == 3, "compared"
    ### END HIDDEN TESTS
'''
HONEST = {
    "double": "def double(x):\n    return x + x",
    "middle": "def middle(xs):\n    return np.array([row.mean() for row in xs])",
    "bag": "class Bag:\n    def __init__(self):\n        self.seen = {}\n"
           "    def put(self, x):\n        self.seen[x] = self.seen.get(x, 0) + 1\n"
           "    def count(self, x):\n        return self.seen.get(x, 0)\n"
           "    def __len__(self):\n        return sum(self.seen.values())\n"
           "    def __eq__(self, other):\n        return self.seen == other.seen\n"
           "    def __sub__(self, other):\n        return len(self) - len(other)"}
POINTS = {"double": 2.0, "middle": 3.0, "bag": 5.0}
FULL = sum(POINTS.values())


def write_source(folder: Path) -> Path:
    """The lesson's source under solutions/ in `folder`."""
    path = folder / "solutions" / LESSON / f"{LESSON}.py"
    path.parent.mkdir(parents=True)
    path.write_text(TEXT, encoding="utf-8")
    return path


def make_plan(folder: Path) -> Plan:
    """The plan of the made-up lesson; its source is written into `folder`."""
    path = write_source(folder)
    return plan_of(LESSON, read_lesson(path), path.parent / "reference")


def submission(released, answers: dict[str, str], note: str = "") -> dict:
    """A filled-in notebook as plain JSON data. answers: {exercise: source}. note: makes it unique."""
    notebook = copy.deepcopy(released)
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if name in answers:
            cell.source = answers[name]
        elif name == "essay-why":
            cell.source = f"I think so. {note}"
    return json.loads(nbformat.writes(notebook))
