"""The judge: ordinary check cells work unchanged from another process; cheats gain nothing."""

import sys
import textwrap

import nbformat
import pytest

if sys.platform != "linux":
    pytest.skip("the judge needs fork and Unix sockets", allow_module_level=True)

from grader import kernel, variants
from grader.judge.interface import interface_of
from grader.judge.judge import Judge
from grader.judge.pair import Kernel
from grader.source import lessons, read_lesson, source_path

SETUP = "import numpy as np\nimport torch\nfrom grader import check, in_kernel"


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    """The judge makes its process strict; give the variable back after each test."""
    monkeypatch.setenv("COURSE_STRICT", "1")


def judged(tmp_path, learner: str, body: str, reference: str | None = None, before: str = "") -> dict:
    """Run `body` as a check of what `learner` defines; `reference` says which names are theirs."""
    cell = nbformat.v4.new_code_cell(textwrap.dedent(reference or learner),
                                     metadata={"nbgrader": {"solution": True}})
    judge = Judge(interface_of(nbformat.v4.new_notebook(cells=[cell])), seconds=4)
    assert judge.helper(SETUP) == ""
    there = Kernel(tmp_path)
    try:
        there.run("setup", SETUP)
        there.run("answer", textwrap.dedent(learner))
        check = nbformat.v4.new_code_cell(metadata={"course": {"exercise": "x"}}, id="check-x")
        source = "with check('x'):\n" + textwrap.indent(textwrap.dedent(body).strip("\n"), "    ")
        return there.check(judge, check, source)
    finally:
        there.close()


@pytest.mark.parametrize("answer, says", [
    ("import os; os._exit(3)", "your code ended the process it ran in"),
    ("while True: pass", "your code took more than 4 s")])
def test_code_that_ends_its_process_or_never_ends_is_told_so(answer, says, tmp_path):
    """Even by a check that takes any exception for an answer."""
    got = judged(tmp_path, f"def f():\n    {answer}\n", """
        try:
            f()
        except Exception:
            pass
        assert f() == 1, "look at f"
    """)
    assert not got["passed"] and got["state"] == "not reached" and got["message"].startswith(says)


def test_a_snapshot_goes_on_after_torch_used_two_threads(tmp_path, monkeypatch):
    """A lesson's set-up cell gives torch all cores; a fork after that must not hang."""
    import torch
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    work = "import torch\nx = torch.randn(600, 600)\nfor _ in range(3): y = x @ x"
    exec(work, {})
    there = Kernel(tmp_path)
    try:
        there.ours.settimeout(30)
        there.run("setup", "from course.quiet import set_threads\nset_threads()\n" + work)
        there.snapshot(True)
        assert there.run("again", work) == ""
        there.snapshot(False)
    finally:
        there.close()
        torch.set_num_threads(before)


SOFTMAX = """
    def softmax(x):
        e = np.exp(x - x.max(-1, keepdims=True))
        return e / e.sum(-1, keepdims=True)
"""
TOKENIZER = """
    class Tok:
        kind = "bytes"
        def __init__(self, text): self.text = text
        def encode(self): return list(self.text.encode())
        def __len__(self): return len(self.text)
        def __contains__(self, c): return c in self.text
        def __iter__(self): return iter(self.text)
        def __getitem__(self, i): return self.text[i]
        def __eq__(self, other): return isinstance(other, Tok) and other.text == self.text
        def __add__(self, other): return Tok(self.text + other.text)
        def __enter__(self): return self
        def __exit__(self, *error): return False
"""
IDIOMS = {
    "numpy": (SOFTMAX, "got = softmax(np.array([[1., 2.], [3., 3.]]))\n"
              "assert np.allclose(got.sum(-1), 1), 'rows'\nassert got.shape == (2, 2), 'shape'"),
    "torch with a seed": ("def noise(n):\n    return torch.randn(n)",
                          "torch.manual_seed(3)\nwant = torch.randn(4)\ntorch.manual_seed(3)\n"
                          "assert torch.equal(noise(4), want), 'seed'"),
    "a class": (TOKENIZER, """
        t = Tok("héllo")
        assert isinstance(t, Tok) and type(t) is Tok, "type"
        assert t.encode() == list("héllo".encode()), "encode"
        assert len(t) == 5 and "h" in t and t[1] == "é" and "".join(t) == "héllo", "container"
        assert t == Tok("héllo") and t != Tok("x") and (t + Tok("!")).text == "héllo!", "operators"
        with t as again:
            assert again.kind == "bytes", "context"
        t.text = "new"
        assert t.encode() == [110, 101, 119], "attribute set"
    """),
    "in-place change": ("def add(xs):\n    xs.append(1)", "mine = [0]\nadd(mine)\nassert mine == [0, 1], 'x'"),
    "untouched argument": ("def f(xs):\n    return sorted(xs)",
                           "mine = [2, 1]\nf(mine)\nassert mine == [2, 1], 'x'"),
    "array changed in place": ("def zero(a):\n    a[:] = 0", "a = np.ones(3)\nzero(a)\nassert a.sum() == 0, 'x'"),
    "same object back": ("def same(x):\n    return x", "a = [1]\nassert same(a) is a, 'x'"),
    "callback": ("def twice(f, x):\n    return f(f(x))", "assert twice(lambda v: v + 3, 1) == 7, 'x'"),
    "key function": ("def best(xs, key):\n    return max(xs, key=key)",
                     "assert best(['a', 'bbb'], len) == 'bbb', 'x'"),
    "closure": ("def counter():\n    n = 0\n    def step():\n        nonlocal n\n        n += 1\n"
                "        return n\n    return step", "step = counter()\nassert [step(), step()] == [1, 2], 'x'"),
    "generator": ("def up(n):\n    for i in range(n):\n        yield i", "assert list(up(3)) == [0, 1, 2], 'x'"),
    "keywords": ("def f(a, *, b=2):\n    return a * b", "assert f(3, b=4) == 12 and f(3) == 6, 'x'"),
    "exceptions": ("def f(x):\n    raise ValueError('bad ' + x)", """
        try:
            f("y")
        except ValueError as error:
            assert "bad y" in str(error), "text"
        else:
            assert False, "nothing was raised"
    """),
    "an exception class of theirs": ("class Mine(KeyError):\n    pass\ndef f():\n    raise Mine('k')", """
        try:
            f()
        except Mine as error:
            assert isinstance(error, KeyError), "base"
        else:
            assert False, "nothing was raised"
    """),
    "printed text": ("def hello():\n    print('hi there')", """
        import contextlib, io
        with contextlib.redirect_stdout(io.StringIO()) as out:
            hello()
        assert out.getvalue() == "hi there\\n", out.getvalue()
    """),
    "a module": ("class Net(torch.nn.Module):\n    def __init__(self):\n        super().__init__()\n"
                 "        self.line = torch.nn.Linear(2, 1)\n    def forward(self, x):\n        return self.line(x)",
                 "net = Net()\nassert isinstance(net, torch.nn.Module), 'module'\n"
                 "assert net(torch.ones(3, 2)).shape == (3, 1), 'shape'"),
    "gradients": ("def loss(w):\n    return (w ** 2).sum()\nw = torch.ones(3, requires_grad=True)", """
        grad = in_kernel("(lambda v: (loss(v).backward(), v.grad)[1])(w.detach().clone().requires_grad_())")
        assert torch.equal(grad, 2 * torch.ones(3)), "gradient"
        assert in_kernel("a + 1", a=2) == 3, "inputs"
    """),
    "a global that the answer reads": ("LIMIT = 1\ndef f():\n    return LIMIT * 2",
                                       "assert f() == 2, 'before'"),
    "a named tuple": ("from collections import namedtuple\nP = namedtuple('P', 'x y')\n"
                      "def p():\n    return P(1, 2)", "assert p().x == 1 and tuple(p()) == (1, 2), 'x'"),
    "comprehension and lambda": ("def f(x):\n    return x * 2",
                                 "assert [f(i) for i in range(3)] == [0, 2, 4], 'x'\n"
                                 "assert list(map(lambda v: f(v), [5])) == [10], 'y'"),
    "a value": ("answer = {'a': [1, 2.5]}", "assert answer == {'a': [1, 2.5]}, 'x'"),
    "stderr": ("import sys, warnings\ndef f():\n    print('x', file=sys.stderr)\n"
               "    warnings.warn('y')\n    return 1", "assert f() == 1, 'x'"),
}


@pytest.mark.parametrize("name", IDIOMS)
def test_idioms_work_unchanged(tmp_path, name):
    verdict = judged(tmp_path, *IDIOMS[name])
    assert verdict["passed"], verdict


YES = "class Yes:\n    def __eq__(self, other):\n        return True\n    def __bool__(self):\n        return True\n"
RIGHT = "def f(x):\n    return x + 1"
CHECK = "assert f(1) == 2, 'add one'\nassert f(5) == 6, 'add one'"
CHEATS = {
    "equal to everything": YES + "def f(x):\n    return Yes()",
    "a float that is equal": "class F(float):\n    def __eq__(self, o):\n        return True\n"
                             "def f(x):\n    return F(0)",
    "an int that is equal": "class I(int):\n    def __eq__(self, o):\n        return True\n"
                            "    __hash__ = int.__hash__\ndef f(x):\n    return I(0)",
    "patched asserts": "import builtins\nbuiltins.AssertionError = Warning\ndef f(x):\n    return 0",
    "patched check": "import grader.checkcell as c\nc.check.__exit__ = lambda *a: True\n"
                     "c.CheckFailed = Warning\ndef f(x):\n    return 0",
    "patched numpy": "np.allclose = lambda *a, **k: True\ndef f(x):\n    return 0",
    "own verdict": "from grader.checkcell import verdict\nverdict('x', '', True)\ndef f(x):\n    return 0",
    "exit": "def f(x):\n    raise SystemExit(0)",
    "hard exit": "import os\ndef f(x):\n    os._exit(0)",
    "silence": "import time\ndef f(x):\n    time.sleep(100)",
    "closes the socket": "import os\ndef f(x):\n    [os.close(i) for i in range(3, 50)]",
    "babble": "import os\ndef f(x):\n    [os.write(i, b'{}' * 99) for i in range(3, 12) if _ok(i)]\n"
              "def _ok(i):\n    try:\n        return bool(os.fstat(i))\n    except OSError:\n        return False",
    "endless recursion": "def f(x):\n    return f(x)",
    "a keyboard interrupt": "def f(x):\n    raise KeyboardInterrupt",
    "not there": "g = 1",
    "a huge value": "def f(x):\n    return bytes(100_000_000)",
    "a nested bomb": "def f(x):\n    r = []\n    for _ in range(10000):\n        r = [r]\n    return r",
    "frames of the judge": "import sys\ndef f(x):\n    fr = sys._getframe()\n    while fr:\n"
                           "        fr.f_globals.setdefault('AssertionError', Warning)\n        fr = fr.f_back\n    return 0",
    "a forged agent": "import grader.judge.agent as a\n"
                      "a.Agent.answer = lambda s, m, b: ({'ok': True, 'value': True, 'arguments': [], 'out': ''}, a.Blobs())\n"
                      "def f(x):\n    return 0",
    "a forged handle": "import grader.judge.agent as a\n"
                       "a.Agent.handle = lambda s, v: {'t': 'handle', 'id': 1, 'kind': 'instance', 'dunders': ['eq', 'bool'],"
                       " 'mro': [['builtins', 'int']], 'name': None}\ndef f(x):\n    return object()",
    "a forged type": "import grader.judge.agent as a\n"
                     "a.Agent.encode = lambda s, v, b: {'t': 'type', 'm': 'builtins', 'v': 'exec'}\ndef f(x):\n    return 0",
}


@pytest.mark.parametrize("name", CHEATS)
def test_cheats_gain_nothing(tmp_path, name, monkeypatch):
    verdict = judged(tmp_path, CHEATS[name], CHECK, reference=RIGHT)
    assert verdict["passed"] is False and verdict["message"], verdict
    assert judged(tmp_path, RIGHT, CHECK)["passed"], "an honest answer after it"


BAG = """
    class Bag:
        def __init__(self, n=0): self.n = n
        def __eq__(self, other): return isinstance(other, Bag) and self.n == other.n
        def __add__(self, other): return Bag(self.n + (other if isinstance(other, int) else other.n))
        def __sub__(self, other): return self.n - other.n
    def f(x):
        return x + 1
"""


def test_an_object_never_decides_how_it_compares_with_a_plain_value(tmp_path):
    """The reference lets Bag compare, so any answer could give back a Bag that says yes."""
    liar = """
    class Bag:
        def __eq__(self, other): return True
        def __ne__(self, other): return False
        def __add__(self, other): return 2
        __sub__ = __radd__ = __add__
    def f(x):
        return Bag()
    """
    for check in ("assert f(1) == 2, 'x'", "assert 2 == f(1), 'x'", "assert not f(1) != 2, 'x'",
                  "assert f(1) + 0 == 2, 'x'", "assert abs(f(1) - 2) < 3, 'x'",
                  "assert np.allclose(f(np.ones(2)), 2), 'x'"):
        assert judged(tmp_path, BAG, check)["passed"], check
        assert not judged(tmp_path, liar, check, reference=BAG)["passed"], check
    check = "assert Bag(1) == Bag(1) and Bag(1) != Bag(2) and Bag(3) - Bag(1) == 2, 'x'\n" \
            "assert Bag(1) + 1 == Bag(2) and Bag(1) + Bag(1) == Bag(2), 'y'"
    assert judged(tmp_path, BAG, check)["passed"]


SKIPS = {
    "the end of an iteration": (
        "def f(x):\n    return x + 1", "def f(x):\n    raise StopIteration",
        "assert all(map(lambda v: f(v) == v + 1, range(5))), 'x'"),
    "an own end of an iteration": (
        "def f(x):\n    return x + 1",
        "class Mine(StopIteration):\n    pass\ndef f(x):\n    raise Mine",
        "assert all(map(lambda v: f(v) == v + 1, range(5))), 'x'"),
    "a context that swallows": (
        "class F:\n    x = 1\n    def __enter__(self): return self\n"
        "    def __exit__(self, *e): return False",
        "class F:\n    x = 2\n    def __enter__(self): return self\n"
        "    def __exit__(self, *e): return True",
        "with F() as one:\n    assert one.x == 1, 'x'"),
    "everything is in it": (
        "def f(x):\n    return 'ab'",
        "class In:\n    def __contains__(self, x): return True\n"
        "    def __iter__(self): return iter('')\ndef f(x):\n    return In()",
        "assert 'a' in f(1), 'x'"),
}


@pytest.mark.parametrize("name", SKIPS)
def test_asserts_cannot_be_skipped_from_outside(tmp_path, name):
    right, wrong, check = SKIPS[name]
    assert judged(tmp_path, right, check)["passed"]
    assert not judged(tmp_path, wrong, check, reference=right)["passed"]


def test_objects_of_one_check_are_not_taken_for_those_of_the_next(tmp_path):
    cell = nbformat.v4.new_code_cell(textwrap.dedent(TOKENIZER + "    def g():\n        return {1: 2}.keys()\n"),
                                     metadata={"nbgrader": {"solution": True}})
    judge, there = Judge(interface_of(nbformat.v4.new_notebook(cells=[cell]))), Kernel(tmp_path)
    check = nbformat.v4.new_code_cell(id="check-x", metadata={"course": {"exercise": "x"}})
    judge.helper(SETUP)
    try:
        there.run("answer", cell.source)
        for body in ("odd, more = g(), g()", "t = Tok('a')\n    assert (t + Tok('b')).text == 'ab'",
                     "try:\n        t.text\n    except NameError:\n        pass\n"
                     "    else:\n        assert False, 'an object of an earlier check'"):
            verdict = there.check(judge, check, f"with check('x'):\n    {body}")
            assert verdict["passed"], verdict
    finally:
        there.close()


def test_a_plain_cell_cannot_lend_names_to_a_check(tmp_path):
    learner = RIGHT + "\ndef isclose(a, b):\n    return True"
    verdict = judged(tmp_path, learner, "assert isclose(f(1), 99), 'x'", reference=RIGHT)
    assert not verdict["passed"] and "isclose" in verdict["message"]


def test_a_name_of_a_locked_cell_that_a_check_used_for_itself_is_back_in_the_next(tmp_path):
    """In a notebook the locked cell stands between the two; the judge ran it before both."""
    judge, there = Judge({"names": ["f"], "classes": {}, "reads": []}), Kernel(tmp_path)
    judge.helper(SETUP)
    judge.helper("talk = ['the course']\ndef words():\n    return talk")
    try:
        for name, body in (("x", "talk, own = ['mine'], 1\n    assert words() == talk, 'one global'"),
                           ("y", "assert words() == talk == ['the course'] and own == 1, 'x'")):
            cell = nbformat.v4.new_code_cell(id=f"check-{name}", metadata={"course": {"exercise": name}})
            verdict = there.check(judge, cell, f"with check('{name}'):\n    {body}")
            assert verdict["passed"], verdict
    finally:
        there.close()


def test_a_check_that_raises_nothing_but_never_checks_does_not_pass(tmp_path):
    cell = nbformat.v4.new_code_cell(id="check-x", metadata={"course": {"exercise": "x"}})
    judge, there = Judge({"names": ["f"], "classes": {}, "reads": []}), Kernel(tmp_path)
    judge.helper(SETUP)
    try:
        assert there.check(judge, cell, "1 + 1")["passed"] is False
        assert there.check(judge, cell, "with check('y'):\n    pass")["passed"] is False
        assert there.check(judge, cell, "with check('x'):\n    pass")["passed"] is True
    finally:
        there.close()


@pytest.mark.parametrize("lesson", lessons())
def test_every_variant_gets_the_same_verdict_as_in_a_plain_run(lesson, monkeypatch):
    """Plain runs are proven in test_variants.py; here the same cells under the judge."""
    from course.paths import SOLUTIONS
    solution = read_lesson(source_path(lesson))
    monkeypatch.chdir(SOLUTIONS / lesson)  # stored values are found beside a notebook
    cells = [c for c in solution.cells if c.cell_type == "code" and not kernel.is_demo(c)]
    judge, there, wrong = Judge(interface_of(solution)), Kernel(SOLUTIONS / lesson), []
    try:
        for index, cell in enumerate(cells):
            course = cell.metadata.get("course", {})
            if course.get("kind") == "locked":
                assert judge.helper(cell.source, cell.id) == ""
            if course.get("kind") == "exercise":
                block = variants._block(cells, index, course["exercise"])
                stored = variants.read_variants(lesson, course["exercise"])
                for variant in [variants.Variant("", "solution", "solution", cell.source), *stored]:
                    if _passes(there, judge, variant, block) != (variant.kind != "wrong"):
                        wrong.append((course["exercise"], variant.name))
            if course.get("kind") == "check":
                verdict = there.check(judge, cell, cell.source)
                assert verdict["passed"], (cell.id, verdict)
            else:
                assert there.run(cell.id, cell.source) == "", cell.id
    finally:
        there.close()
    assert wrong == []


def _passes(there, judge, variant, block) -> bool:
    there.snapshot(True)
    there.run(variant.name, variant.source)
    passed = True
    for cell, is_check in block:
        if is_check:
            passed &= there.check(judge, cell, cell.source)["passed"]
        else:
            there.run(cell.id, cell.source)
    there.snapshot(False)
    return passed
