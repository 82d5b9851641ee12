"""A small made-up course in a temporary folder, for tests that break one thing at a time.

`course = made_up(tmp_path, monkeypatch)` points every path constant of grader/ at it.
"""

import importlib
from pathlib import Path

LESSON = "90_small"
TEXT = '''\
# %% [markdown]
# # 90 · Small

# %% [markdown] card
# {card}

# %% locked="small-setup"
from grader import check, in_kernel, result, stored

# %% [markdown] contract="double-it" difficulty=1 minutes=2
# ## Exercise `double-it`
#
# Write `double(x)`; see [token](../glossary.md#token).

# %% exercise="double-it"
def double(x):
    """Twice x."""
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION

# %% check="double-it" points=2
with check("double-it"):
    got = double(3)
    assert got == 6, f"double(3) should be 6, you gave {got}"
    ### BEGIN HIDDEN TESTS
    got = double(-1)
    assert got == -2, f"a negative number gave {got}: look at its sign"
    ### END HIDDEN TESTS

# %% check="double-it" part="text" points=1
with check("double-it", "text"):
    got = double("ab")
    assert got == "abab", f"double('ab') repeats the text, you gave {got!r}"

# %% [markdown] hints="double-it"
# <details><summary>Hint 1: the idea</summary>
#
# Add it to itself.
# </details>

# %%
numbers = result(
    "double-it", lambda: [double(n) for n in range(5)], "numbers.json")
print(numbers)

# %% demo
curve = stored("curve.json", [3, 2, 1])

# %%
print(stored("curve.json"))

# %% [markdown] contract="count-words" difficulty=1 minutes=2
# ## Exercise `count-words`
#
# Write `count_words(text)`.

# %% exercise="count-words"
def count_words(text):
    """How many words."""
    ### BEGIN SOLUTION
    return len(text.split())
    ### END SOLUTION

# %% check="count-words" points=1.5
with check("count-words"):
    got = count_words("a b")
    assert got == 2, f"'a b' has two words, you gave {got}"
    ### BEGIN HIDDEN TESTS
    got = count_words(" a  b ")
    assert got == 2, f"spaces around words gave {got}: split at any space"
    ### END HIDDEN TESTS

# %% [markdown] hints="count-words"
# <details><summary>Hint 1: the idea</summary>
#
# Split.
# </details>

# %% [markdown] essay="why-small" points=1
# ### BEGIN SOLUTION
# Because it is quick.
# ### END SOLUTION
#
# ### BEGIN MARK SCHEME
# One point for any reason.
# ### END MARK SCHEME
'''
VARIANTS = {"double_it": '''\
"""Answers."""

# %% right="adds"
# Adds instead of multiplying.
def double(x):
    return x + x


# %% wrong="squares"
# Takes twice for the square.
def double(x):
    return x * x if isinstance(x, int) else x + x


# %% wrong="gives_none"
# Prints and returns nothing.
def double(x):
    print(2 * x)


# %% wrong="half"
# Divides.
def double(x):
    return x / 2 if isinstance(x, int) else x


# %% wrong="drops_the_sign"
# Takes the absolute value on the way.
def double(x):
    return 2 * abs(x) if isinstance(x, int) else 2 * x
''', "count_words": '''\
# %% right="regular_expression"
# Another way to split.
import re


def count_words(text):
    return len(re.findall(r"\\S+", text))


# %% wrong="letters"
# Counts letters.
def count_words(text):
    return len(text)


# %% wrong="splits_on_one_space"
# Takes two spaces for an empty word.
def count_words(text):
    return len(text.split(" "))


# %% wrong="spaces"
# Counts the gaps.
def count_words(text):
    return text.count(" ")


# %% wrong="always_one"
# Takes the text for one word.
def count_words(text):
    return len([text])
'''}
CATALOGUE = f'''\
[[lesson]]
id = "{LESSON}"
title = "Small"
minutes = 5
seconds = 30
needs = []
uses = []
'''
START = "# %% [markdown] plan\n# # Start\n#\n# {plan}\n"
MODULES = ("source", "build", "run", "lint", "links", "variants")


class MadeUp:
    """The folders of one made-up course, and what tests change in it."""

    def __init__(self, root: Path):
        self.root = root
        self.source = root / "solutions" / LESSON / f"{LESSON}.py"
        self.released = root / "notebooks" / LESSON / f"{LESSON}.ipynb"
        self.solution = self.source.with_suffix(".ipynb")
        self.variants = root / "tests" / "variants" / LESSON

    def write(self, text: str = TEXT) -> None:
        """Give the lesson another source."""
        put(self.source, text)

    def change(self, old: str, new: str) -> None:
        """Replace one thing in the source; it must be there."""
        text = self.source.read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in the made-up lesson"
        self.write(text.replace(old, new, 1))

    def build(self) -> None:
        """What `make build` does."""
        from grader import build
        for path, content in build.everything([]).items():
            build.write(path, content)


def put(path: Path, text: str) -> Path:
    """Write a text file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def made_up(root: Path, monkeypatch) -> MadeUp:
    """Write the made-up course under `root` and point grader's modules at it."""
    course = MadeUp(root)
    course.write()
    put(root / "course" / "catalogue.toml", CATALOGUE)
    put(root / "solutions" / "START_HERE.py", START)
    put(root / "docs" / "glossary.md", "# Glossary\n\n## token\n\nA piece of text.\n")
    for name, text in VARIANTS.items():
        put(course.variants / f"{name}.py", text)
    paths = {"SOLUTIONS": root / "solutions", "NOTEBOOKS": root / "notebooks",
             "CATALOGUE": root / "course" / "catalogue.toml",
             "GLOSSARY": root / "docs" / "glossary.md", "RUNS": root / "solutions" / "runs.json",
             "TIMINGS": root / "docs" / "timings.md", "TABLE": root / "docs" / "checks.md",
             "FOLDER": root / "tests" / "variants"}
    for name in MODULES:
        module = importlib.import_module(f"grader.{name}")
        for constant, path in paths.items():
            if hasattr(module, constant):
                monkeypatch.setattr(module, constant, path)
        if name in ("lint", "links"):
            monkeypatch.setattr(module, "ROOT", root)
    return course
