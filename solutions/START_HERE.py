# %% [markdown]
# # Labels to Agents
#
# *You know traditional machine learning: collect labels, train, deploy. This course takes you
# from there to models that already know something, and to programs that act with them.*
#
# Everything runs on this machine, on its CPU, without a network. Every exercise is checked
# while you work. Every number you read was measured by a cell that you can run again.

# %% [markdown] plan
# ## The lessons
#
# {plan}

# %% [markdown]
# **New here?** Click into the next grey cell and press **Shift + Enter**. It looks at your
# machine and says what, if anything, to do about it. Then open
# [00 · Start](00_start/00_start.ipynb): a quarter of an hour, one exercise.

# %%
from course import machine

machine()

# %% [markdown]
# ## Your progress
#
# Run this cell whenever you want to know where you stand. *Solved here* counts the checks that
# passed in your notebooks. The score comes from `python -m course.grade NN`, which runs the
# hidden tests too, on a copy of your notebook. It stays on this machine.

# %%
from course import progress

progress()

# %% [markdown]
# ## How a lesson works
#
# - You guess first, then you measure. Guesses are never graded.
# - An exercise has a contract, a cell for your answer, a check, and three hints. Open a hint
#   when you are stuck for five minutes, not before.
# - Stuck for good? Go on. Later cells then use the course's stored value and say so.
# - The course brings NumPy, scikit-learn, PyTorch and Matplotlib. pandas is not needed.
# - Words in links stand in the [glossary](glossary.md).
#
# ## To get a notebook back as it was
#
# Rename your copy in the file list (right click, *Rename*), then in a terminal, in the course's
# folder: `git checkout -- notebooks/04_tokens`. Your renamed copy stays.
