# %% [markdown]
# # 00 · Start: run, check, see your progress
#
# *In a quarter of an hour you can run a cell, have an answer checked, and read your own score.*

# %% [markdown] card
# {card}

# %% [markdown]
# ## You will be able to
#
# - **run** a [notebook](../glossary.md#notebook) from top to bottom and tell what its [kernel](../glossary.md#kernel) still remembers;
# - **read** a [check](../glossary.md#check) card and act on its message;
# - **write** one function that passes its check (exercise `majority-baseline`);
# - **grade** your own copy, [hidden tests](../glossary.md#hidden-test) included.

# %% [markdown]
# ## The question
#
# A colleague is proud: "My churn model is right 93 times out of 100." You ask for the labels.
# Of her 1,000 customers, 70 left and 930 stayed. Before you read on: how good is a "model"
# that looks at nothing and answers *stays* for everybody?

# %% [markdown]
# ## Run a cell
#
# Click into the grey cell below and press **Shift + Enter**. It runs, and the next cell is
# selected. The first cell of every lesson looks like this one: it is locked, it checks that
# everything the lesson needs is on your machine, and it says so in one line.

# %% locked="setup"
from course import lesson
from grader import check, result

lesson("00_start")

# %% [markdown]
# From here on no network is needed. If that line had said what is missing, it would also
# have said what to run.
#
# Write down your guess, as a share between 0 and 1. Guesses are never graded. They are here
# because a number that you bet on is a number that you remember.

# %%
my_guess = 0.5      # <- your guess: how often is "stays" right?

# %% [markdown]
# Now count. `Counter` from the standard library counts anything you can put into a list.

# %%
from collections import Counter

customers = ["left"] * 70 + ["stays"] * 930
Counter(customers)

# %% [markdown]
# `"stays"` is right for 930 of 1,000. Divide:

# %%
always_stays = Counter(customers)["stays"] / len(customers)
print(f"always 'stays': {always_stays:.2f} · your guess: {my_guess:.2f}")

# %% [markdown]
# The colleague's model is right exactly as often as no model at all. That share, the accuracy of always
# giving the most frequent label, is the **majority baseline**. In this course no accuracy
# stands alone: a baseline stands beside it every time.

# %% [markdown]
# ## When something breaks
#
# Errors are normal here and cost nothing. Delete the `#` at the start of the second line,
# run the cell, and read the *last* line of the red text first: it names what is wrong.
# Then put the `#` back and run the cell again.

# %%
print("this line runs")
# print(costumers)      # a typing error: costumers, customers

# %% [markdown]
# Two more habits save hours:
#
# - The kernel remembers every name from every cell you ran, in the order you ran them, also
#   names whose cell you deleted since. When results look haunted, choose
#   **Kernel → Restart Kernel and Run All Cells…**
# - A cell that never ends shows `[*]`. The square **■** in the toolbar stops it.

# %% [markdown] contract="majority-baseline" difficulty=1 minutes=5
# ## Exercise `majority-baseline`
#
# *Difficulty 1 of 5 · about 5 minutes · 2 points*
#
# Write `majority_baseline(labels)`: the accuracy of always answering the most frequent label.
#
# | | |
# |---|---|
# | `labels` | a list of labels: strings, numbers, anything that can be counted |
# | returns | a number between 0 and 1; `0.0` for an empty list |
#
# Example: `majority_baseline(["a", "b", "a", "a"])` is `0.75`.
#
# The check tries a few lists that you see and some that you do not. It proves that your
# function counts right; it does not prove that a model which beats the number is useful.

# %% exercise="majority-baseline"
def majority_baseline(labels):
    """Accuracy of always answering the most frequent label; 0.0 for []."""
    ### BEGIN SOLUTION
    if not labels:
        return 0.0
    return Counter(labels).most_common(1)[0][1] / len(labels)
    ### END SOLUTION

# %% [markdown]
# Run your cell, then run the check below. It answers with a card: **Solved here** (*here*, since
# grading tries inputs that you do not see), **Not yet** with what to look at next, or **Not
# solved yet** when nothing is written. The cell is locked so that nobody changes the question by
# accident. Run it as often as you like.

# %% check="majority-baseline" points=2
with check("majority-baseline"):
    got = majority_baseline(["a", "b", "a", "a"])
    assert got is not None, (
        "majority_baseline gave None: end it with a `return` line")
    assert not isinstance(got, str), (
        f"you gave the label {got!r}: return a number from 0 to 1")
    assert abs(got - 0.75) < 1e-9, (
        f"3 of the 4 labels in ['a', 'b', 'a', 'a'] are equal; you gave {got}")
    got = majority_baseline([0, 1, 1, 0, 1])
    assert abs(got - 0.6) < 1e-9, (
        f"in [0, 1, 1, 0, 1] the most frequent label is 1; you gave {got}")
    ### BEGIN HIDDEN TESTS
    got = majority_baseline(["x", "y", "z", "y", "z", "z", "z", "x"])
    assert abs(got - 0.5) < 1e-9, (
        f"with three different labels you gave {got}: "
        "take the label that is counted most often, however many there are")
    got = majority_baseline([0, 0, 0, 1])
    assert abs(got - 0.75) < 1e-9, (
        f"when 0 is the frequent label you gave {got}: "
        "0 is a label like any other")
    got = majority_baseline(["z", "a", "a"])
    assert abs(got - 2 / 3) < 1e-9, (
        f"when the frequent label does not come first you gave {got}")
    got = majority_baseline([])
    assert got == 0, f"the contract says 0.0 for an empty list; you gave {got}"
    ### END HIDDEN TESTS

# %% [markdown] hints="majority-baseline"
# <details><summary>Hint 1: the idea</summary>
#
# Count how often each label occurs. The largest count is how often the lazy model is right.
# </details>
# <details><summary>Hint 2: the tool</summary>
#
# `Counter(labels)` counts; its method `most_common(1)` gives a list with one `(label, count)`
# pair. An empty list has no most common label: return for it before you count.
# </details>
# <details><summary>Hint 3: almost there</summary>
#
# `Counter(labels).most_common(1)[0][1]` is the largest count. Divide it by the number of labels.
# </details>
# <details><summary>“I get this error”</summary>
#
# - `NameError: name 'Counter' is not defined`: the cell with `from collections import Counter`
#   has not run since the kernel started. Run the cells above.
# - `IndexError: list index out of range`: your function met the empty list.
# </details>

# %% [markdown]
# When an exercise stays unsolved, the lesson goes on all the same: later cells take the
# course's stored value and tell you so. Here is one: the baseline of a much larger list.

# %%
baseline = result(
    "majority-baseline",
    lambda: majority_baseline(["stays"] * 9_300 + ["left"] * 700),
    "baseline.json")
print(f"10,000 customers, baseline {baseline:.2f}")

# %% [markdown]
# ## What grades you
#
# | where | what it runs | when to use it |
# |---|---|---|
# | the check cell | the tests you can see | while you work |
# | **Validate** (button above the notebook) | all visible checks, in a fresh kernel | before you hand in: it finds answers that only worked because of a deleted cell |
# | `python -m course.grade 00` in a terminal | hidden tests too, on a copy of your notebook | when you want your real score; START HERE then shows it |
# | your instructor, if you have one | the same notebook, under nbgrader | homework |

# %% [markdown]
# ## You can now
#
# - **run** a notebook, stop it, and restart its kernel when it looks haunted;
# - **read** a check's card and know what it does not prove;
# - **write** an answer that keeps the whole contract, not only its example;
# - **grade** a copy of your own work from the terminal.
#
# In five lines: Shift + Enter runs a cell. The kernel remembers what ran, not what you see.
# A check tells you what to look at next. Hidden tests use other inputs, so solve the contract,
# not the example. And an accuracy without its baseline says nothing: 0.93 was worth nothing.
#
# New words: [notebook](../glossary.md#notebook), [cell](../glossary.md#cell), [kernel](../glossary.md#kernel), [check](../glossary.md#check), [hidden test](../glossary.md#hidden-test), [autograding](../glossary.md#autograding), [majority baseline](../glossary.md#majority-baseline).
#
# **Next:** open [04 · Tokens](../04_tokens/04_tokens.ipynb) from the file list, or go back to
# [START HERE](../START_HERE.ipynb) for your progress.
