"""`check`: card or raise by mode, one sentence for whatever happened, nothing on stderr."""

import os
import subprocess
import sys

import nbformat
import pytest

from grader import checkcell, progress
from grader.checkcell import CheckFailed, NotSolvedYet, check
from grader.kernel import run_notebook
from grader.replay import Replay


@pytest.fixture(autouse=True)
def fresh_verdicts():
    checkcell.forget()
    yield
    checkcell.forget()


@pytest.fixture
def strict(monkeypatch):
    monkeypatch.setenv("COURSE_STRICT", "1")


def body(action):
    with check("pair-counts"):
        action()


def fails(message):
    def action():
        raise AssertionError(message)
    return action


# ---- card or raise ----

def test_plain_mode_shows_a_card_and_goes_on(capsys):
    body(fails("count every word"))
    assert "Not yet · pair-counts: count every word" in capsys.readouterr().out
    assert not checkcell.solved("pair-counts")


def test_plain_mode_says_solved(capsys):
    body(lambda: None)
    assert "Solved here · pair-counts" in capsys.readouterr().out
    assert checkcell.solved("pair-counts")


@pytest.mark.parametrize("variable, value", [
    ("COURSE_STRICT", "1"), ("NBGRADER_EXECUTION", "autograde"), ("NBGRADER_EXECUTION", "validate")])
def test_graded_modes_raise_the_sentence_and_are_silent_when_right(
        monkeypatch, capsys, variable, value):
    monkeypatch.setenv(variable, value)
    with pytest.raises(CheckFailed, match="^count every word$") as caught:
        body(fails("count every word"))
    assert caught.value.__cause__ is None and caught.value.__suppress_context__
    body(lambda: None)
    assert capsys.readouterr() == ("", "")


def test_every_part_must_pass(capsys):
    body(lambda: None)
    with check("pair-counts", "edge"):
        raise AssertionError("no")
    assert not checkcell.solved("pair-counts")
    assert "pair-counts (edge)" in capsys.readouterr().out
    with check("pair-counts", part="edge"):
        pass
    assert checkcell.solved("pair-counts")


def test_a_check_without_an_id_is_an_authors_error():
    with pytest.raises(TypeError, match="exercise's id"):
        check("")
    with pytest.raises(TypeError, match="exercise's id"):
        check(None)


def test_keyboard_interrupt_passes_through(strict, capfd):
    def stop():
        raise KeyboardInterrupt
    with pytest.raises(KeyboardInterrupt):
        body(stop)
    print("back", file=sys.stderr)
    assert "back" in capfd.readouterr().err, "stderr is put back"
    assert "pair-counts" not in checkcell._verdicts


def test_progress_is_noted_only_in_a_learners_session(user_dir, tmp_path, monkeypatch):
    folder = tmp_path / "04_tokens"
    folder.mkdir()
    monkeypatch.chdir(folder)
    for name, value in [("COURSE_STRICT", "1"), ("NBGRADER_EXECUTION", "autograde"),
                        ("COURSE_PROGRESS", "off")]:
        with monkeypatch.context() as context:
            context.setenv(name, value)
            body(lambda: None)
        assert progress.read() == {}
    body(lambda: None)
    assert list(progress.read()["04_tokens"]["solved"]) == ["pair-counts"]


# ---- sentences: cells run as notebooks run them, one file a cell ----

def sentence(tmp_path, answer, test="double(3)"):
    """What the check says, as an exception of strict mode."""
    with Replay(tmp_path) as replay:
        replay.run("setup", "from grader import check, in_kernel")
        replay.run("answer", answer)
        body = "\n".join("    " + line for line in test.splitlines())
        return replay.run("check", f'with check("double-it"):\n{body}')


@pytest.mark.parametrize("answer", [
    "def double(x):\n    raise NotImplementedError()", "", "def double(x)\n    return", "1 / 0"])
def test_an_untouched_or_broken_answer_cell_is_not_solved_yet(tmp_path, answer):
    error = sentence(tmp_path, answer)
    assert isinstance(error, NotSolvedYet)
    assert "answer" in str(error) and "\n" not in str(error)


def test_a_missing_name_is_named(tmp_path):
    assert "`double` does not exist yet" in str(sentence(tmp_path, ""))


@pytest.mark.parametrize("test", ["in_kernel('double(3)')", "in_kernel('double(x)', x=3)"])
def test_in_kernel_does_not_blur_the_sentence(tmp_path, test):
    assert "`double` does not exist yet" in str(sentence(tmp_path, "", test))
    error = sentence(tmp_path, "def double(x):\n    return x.real.nothing", test)
    assert "no attribute 'nothing' in `double`, line 2 of its cell: `return" in str(error)
    error = sentence(tmp_path, "def double(x):\n    return object()", test)
    assert "does" not in str(error) and "TypeError" in str(error)


def test_the_learners_own_exception_becomes_one_sentence_with_their_line(tmp_path):
    error = sentence(tmp_path, "def double(x):\n    table = {}\n    return table[x]")
    assert str(error) == ("your code stopped with KeyError: 3 in `double`, line 3 of its cell: "
                          "`return table[x]`.")


def test_the_innermost_line_of_the_learner_is_shown_not_the_librarys(tmp_path):
    error = sentence(tmp_path, "import json\ndef double(x):\n    return json.loads('{')")
    assert "in `double`, line 3 of its cell: `return json.loads('{')`" in str(error)


@pytest.mark.parametrize("answer", [
    "def double(x):\n    import sys\n    sys.exit(1)",
    "def double(x):\n    return double(x)",
    "def double(x):\n    raise KeyError('line one\\nline two')",
    "class Odd(Exception):\n    def __str__(self):\n        raise ValueError\n"
    "def double(x):\n    raise Odd()",
    "from dataclasses import dataclass\n@dataclass(frozen=True)\nclass P:\n    a: int\n"
    "def double(x):\n    P(1).a = 2",
])
def test_odd_exceptions_stay_one_sentence_in_the_learners_cell(tmp_path, answer):
    error = sentence(tmp_path, answer)
    assert isinstance(error, CheckFailed) and not isinstance(error, NotSolvedYet)
    assert str(error).startswith("your code stopped with ")
    assert "`double`" in str(error) and "\n" not in str(error)


def test_a_learners_assert_is_theirs(tmp_path):
    error = sentence(tmp_path, "def double(x):\n    assert x < 0, 'mine'")
    assert "your code stopped with AssertionError: mine in `double`" in str(error)


@pytest.mark.parametrize("answer, test", [
    ("double = None", "SECRET = [7, 11]\nassert double(SECRET) == 1, 'm'"),
    ("def double(x):\n    return x", "SECRET = 7\nassert double(SECRET)[0] == SECRET, 'm'"),
    ("def double(x):\n    return x()", "def SECRET():\n    return 1 / 0\ndouble(SECRET)"),
])
def test_hidden_source_is_never_quoted(tmp_path, answer, test):
    error = sentence(tmp_path, answer, test)
    assert isinstance(error, CheckFailed)
    assert "SECRET" not in str(error) and "assert" not in str(error)


def test_a_check_without_a_message_still_speaks(strict):
    with pytest.raises(CheckFailed, match="compare your answer with the contract"):
        body(fails(""))


# ---- stderr ----

DOORS = {
    "print": lambda: print("noise", file=sys.stderr),
    "descriptor": lambda: os.write(2, b"noise"),
    "unfinished line": lambda: sys.__stderr__.write("noise"),
    "child": lambda: subprocess.run(
        [sys.executable, "-S", "-c", "import sys; sys.stderr.write('noise')"], check=True),
}


@pytest.mark.parametrize("door", DOORS)
def test_nothing_reaches_stderr(door, strict, capfd):
    body(DOORS[door])
    sys.__stderr__.flush()
    assert capfd.readouterr().err == ""
    os.write(2, b"after")
    assert capfd.readouterr().err == "after"


NOISY = '''
import logging, os, subprocess, sys, warnings
logging.basicConfig()          # a handler that holds the kernel's own stderr
earlier = sys.stderr
def noisy(x):
    warnings.warn("noise")
    logging.getLogger("lib").warning("noise")
    print("noise", file=sys.stderr)
    earlier.write("noise")
    sys.__stderr__.write("noise")
    os.write(2, b"noise")
    subprocess.run([sys.executable, "-S", "-c", "import os; os.write(2, b'noise')"])
    return x
'''


def cells(*sources):
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(s) for s in sources])


def test_in_a_real_kernel_cards_show_stderr_stays_empty_and_later_cells_run(tmp_path):
    notebook = cells(
        "from grader import check", NOISY,
        'with check("a"):\n    assert noisy(1) == 1, "m"',
        'with check("b"):\n    assert noisy(1) == 2, "look at x"',
        'with check("c"):\n    later()',
        'print("after", file=earlier); print("on")')
    run = run_notebook(notebook, tmp_path)
    assert run.error == ""
    outputs = [c.outputs for c in run.notebook.cells]
    for number, words in [(2, "✓ Solved here · a"), (3, "✗ Not yet · b: look at x"),
                          (4, "○ Not solved yet · c: `later` does not exist yet")]:
        assert [o.output_type for o in outputs[number]] == ["display_data"], outputs[number]
        data = outputs[number][0].data
        assert data["text/plain"].startswith(words)
        assert 'role="status"' in data["text/html"]
    assert {o.name: o.text for o in outputs[5]} == {"stderr": "after\n", "stdout": "on\n"}


def test_in_a_graded_kernel_a_noisy_right_answer_leaves_no_output(tmp_path):
    notebook = cells("from grader import check", NOISY,
                     'with check("a"):\n    assert noisy(1) == 1, "m"',
                     'with check("b"):\n    assert noisy(1) == 2, "look at x"')
    run = run_notebook(notebook, tmp_path, NBGRADER_EXECUTION="autograde")
    assert run.notebook.cells[2].outputs == []
    assert run.error == "CheckFailed: look at x"
    assert [o.output_type for o in run.notebook.cells[3].outputs] == ["error"]


def test_an_interrupted_check_leaves_the_kernel_usable(tmp_path):
    notebook = cells(
        "from grader import check",
        'import os, signal, threading, time\n'
        'with check("a"):\n'
        '    threading.Timer(.2, os.kill, (os.getpid(), signal.SIGINT)).start()\n'
        '    time.sleep(20)',
        'import sys; print("still here", file=sys.stderr)')
    run = run_notebook(notebook, tmp_path, allow_errors=True)
    assert run.notebook.cells[1].outputs[-1].ename == "KeyboardInterrupt"
    assert run.notebook.cells[2].outputs[0].text == "still here\n"
