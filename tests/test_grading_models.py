"""A lesson whose locked cells load the language model is graded in the sandbox like any other."""

import json
import sys
from types import SimpleNamespace

import nbformat
import pytest

from course.llm_files import is_whole
from course.paths import DATA, CourseError
from grader.engine.plan import plan_of
from grader.queue import flow, packed, pool
from grader.queue.ledger import Ledger
from grader.reports import tables
from grader.source import read_lesson
from tests.cohort import filled
from tests.madeup import put

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="grading others' work needs Linux"),
    pytest.mark.skipif(not is_whole(DATA / "cache" / "llm-safetensors"),
                       reason="the model is not set up: python -m course.setup")]
LESSON = "96_model"
TEXT = '''\
# %% [markdown]
# # 96 · A model

# %% locked="model-setup"
import json
import os
from pathlib import Path

import torch
from course import llm, reviews
from course.paths import DATA, ROOT
from grader import check, in_kernel, result, stored

model = llm()
torch.manual_seed(0)
texts = reviews("film")
shipped_files = sorted(p.name for p in (DATA / "results").rglob("*.json"))

# %% locked="model-uses"
capital = model.generate("The capital of France is", 3)
weights = torch.nn.Linear(4, 4)
weights(torch.ones(4)).sum().backward()

# %% exercise="surprise"
def surprise(text):
    """Bits of a text: minus log2 of its probability under `model`, given "The"."""
    ### BEGIN SOLUTION
    return -model.score("The", text) / 0.6931471805599453
    ### END SOLUTION

# %% check="surprise" points=3
with check("surprise"):
    want = -model.score("The", " cat") / 0.6931471805599453
    got = surprise(" cat")
    assert abs(got - want) < 1e-3, f"{want:.3f} bits, you gave {got}"
    ### BEGIN HIDDEN TESTS
    assert surprise(" cat sat") > got, "more text, more bits"
    assert "Paris" in in_kernel("capital"), "the model that the lesson loaded"
    assert in_kernel("len(texts)") == len(texts) > 1000, "texts"
    assert in_kernel("shipped_files") == shipped_files, "results"
    ### END HIDDEN TESTS

# %% exercise="noise"
def noise(n):
    """n normal numbers."""
    ### BEGIN SOLUTION
    return torch.randn(n)
    ### END SOLUTION

# %% check="noise" points=1
with check("noise"):
    torch.manual_seed(3)
    want = torch.randn(4)
    torch.manual_seed(3)
    assert torch.equal(noise(4), want), "a seed that a check sets holds for the answer too"

# %% exercise="tune"
def tune(steps):
    """Losses of a copy of the model over `steps` steps on one sentence."""
    ### BEGIN SOLUTION
    copy = llm(fresh=True).model.train()
    ids = torch.tensor([model.tokenizer("The cat sat on the mat.")["input_ids"]])
    optimizer = torch.optim.SGD(copy.parameters(), lr=0.002)
    losses = []
    for _ in range(steps):
        loss = copy(ids, labels=ids).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss))
    return losses
    ### END SOLUTION

# %% check="tune" points=2
with check("tune"):
    got = tune(3)
    assert len(got) == 3 and got[-1] < got[0], f"the loss falls, you gave {got}"
'''
ANSWERS = {
    "surprise": "import math\ndef surprise(text):\n"
                "    return -model.score('The', text) / math.log(2)\n",
    "noise": "def noise(n):\n    return torch.randn(n)\n",
    "tune": TEXT.split('# %% exercise="tune"\n')[1].split("# %% check")[0].replace(
        "    ### BEGIN SOLUTION\n", "").replace("    ### END SOLUTION\n", "")}


@pytest.fixture(scope="module")
def handed(tmp_path_factory):
    """(the packed lesson, a folder with three submissions, one of them empty)."""
    top = tmp_path_factory.mktemp("model")
    source = put(top / LESSON / f"{LESSON}.py", TEXT)
    plan = plan_of(LESSON, read_lesson(source), source.parent / "reference")
    for who, answers in (("ann", ANSWERS), ("bob", {}), ("cem", ANSWERS | {"surprise": "import os\n"
                         "def surprise(text):\n    os._exit(1)\n"})):
        notebook = filled(plan.released, answers)
        put(top / "in" / f"{who}_{LESSON}.ipynb", nbformat.writes(notebook))
    return packed.pack(plan), top / "in"


def graded(handed, store, level: str):
    package, folder = handed
    options = pool.Options(jobs=2, level=level, packed={LESSON: package})
    with Ledger(store, write=True) as ledger:
        run, whole = flow.grade(ledger, [folder], options, LESSON)
        assert whole
        return {row["learner"]: json.loads(row["result"]) for row in tables.Rows(ledger, run=run)}


@pytest.mark.parametrize("level", [
    "best", *(pytest.param(level, marks=pytest.mark.fortress)
              for level in ("namespaces", "bubblewrap", "landlock"))])
def test_a_model_in_a_locked_cell_is_graded(handed, tmp_path, level):
    try:
        results = graded(handed, tmp_path, level)
    except CourseError as error:
        if "gives no sandbox" not in str(error):
            raise
        pytest.skip(str(error))
    said = {who: [(i["state"], i["message"]) for i in r["items"]] for who, r in results.items()}
    assert {who: r["points"] for who, r in results.items()} == {"ann": 6, "bob": 0, "cem": 3}, said
    assert results["ann"]["level"] != "none"
    print({who: r["seconds"] for who, r in results.items()}, results["ann"]["level"])


def test_runners_start_with_what_the_locked_cells_imported(handed, tmp_path, monkeypatch):
    """The imports of a lesson are done once; the process that forks runners has one thread."""
    llama = "transformers.models.llama.modeling_llama"
    from grader.queue import seating
    plan = packed.unpack(handed[0], tmp_path)
    opener = seating.Opener("best", plan)
    try:
        opener.starting.join()
        # what a nursery would hold: this process holds what the tests before this one imported
        monkeypatch.setattr(seating, "sys", SimpleNamespace(modules={llama: None, "json": json}))
        opener.settle()
        assert "torch" in opener.modules
        assert opener.zygote.ready == opener.zygote.ready | {"missing": [], "threads": 1}
        assert opener.more == [llama]
    finally:
        opener.close()
