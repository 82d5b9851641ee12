"""`result`, `stored` and `in_kernel`: whose value later cells get, and what may travel."""

import json
from collections import Counter, namedtuple

import numpy as np
import pytest

from course.paths import CourseError
from grader import checkcell, values
from grader.values import by_value, in_kernel, result, stored

Point = namedtuple("Point", "x y")


@pytest.fixture(autouse=True)
def lesson(tmp_path, monkeypatch):
    """A lesson folder with two references, and no verdicts."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "reference").mkdir()
    (tmp_path / "reference" / "pairs.json").write_text('[["lo", 2]]', encoding="utf-8")
    checkcell.forget()
    yield tmp_path
    checkcell.forget()


def test_solved_gives_the_learners_value_without_a_note(capsys):
    checkcell.verdict("pairs", "", True)
    assert result("pairs", lambda: "mine", "pairs.json") == "mine"
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("verdicts", [{}, {"": False}, {"": True, "edge": False}])
def test_unsolved_gives_the_stored_value_with_a_note(verdicts, capsys):
    for part, passed in verdicts.items():
        checkcell.verdict("pairs", part, passed)
    assert result("pairs", lambda: 1 / 0, "pairs.json") == [["lo", 2]]
    note = capsys.readouterr().out
    assert "Note · pairs" in note and "reference/pairs.json" in note


def test_a_solved_answer_that_crashes_here_gives_the_stored_value(capsys):
    checkcell.verdict("pairs", "", True)
    assert result("pairs", lambda: 1 / 0, "pairs.json") == [["lo", 2]]
    assert "passed its check but stopped here with ZeroDivisionError" in capsys.readouterr().out


def test_such_a_crash_is_an_error_when_the_course_itself_is_tested(monkeypatch):
    monkeypatch.setenv("COURSE_STRICT", "1")
    checkcell.verdict("pairs", "", True)
    with pytest.raises(ZeroDivisionError):
        result("pairs", lambda: 1 / 0, "pairs.json")


@pytest.mark.parametrize("variable", ["COURSE_STRICT", "NBGRADER_EXECUTION", None])
def test_nothing_is_written_without_the_write_switch(variable, monkeypatch, lesson):
    if variable:
        monkeypatch.setenv(variable, "1")
    checkcell.verdict("pairs", "", True)
    result("pairs", lambda: "mine", "new.json")
    stored("curve.json", [1])
    assert [p.name for p in (lesson / "reference").iterdir()] == ["pairs.json"]


@pytest.mark.parametrize("file, value", [
    ("a.json", {"ä": [1, 2.5, None, True]}), ("a.txt", "zwei\nZeilen ✓"),
    ("a.npy", np.arange(6.0).reshape(2, 3)), ("a.npz", {"x": np.ones(2), "y": np.array(3)})])
def test_written_references_come_back(file, value, monkeypatch, lesson):
    with monkeypatch.context() as writing:
        writing.setenv("COURSE_WRITE_REFERENCES", "1")
        assert result("pairs", lambda: value, file) is value
        stored("b" + file, value)
    for name in (file, "b" + file):
        back = stored(name)
        assert type(back) is type(value)
        np.testing.assert_equal(back, value)
    assert not [p for p in (lesson / "reference").iterdir() if p.name.startswith(".")]


def test_a_reference_is_written_whole_or_not_at_all(monkeypatch, lesson):
    monkeypatch.setenv("COURSE_WRITE_REFERENCES", "1")

    def full(*_, **__):
        raise OSError(28, "No space left on device")
    with monkeypatch.context() as context:
        context.setattr("os.replace", full)
        with pytest.raises(CourseError, match="No space left"):
            stored("pairs.json", [3])
    with pytest.raises(TypeError):
        stored("pairs.json", object())
    files = {p.name: p.read_text() for p in (lesson / "reference").iterdir()}
    assert files == {"pairs.json": '[["lo", 2]]'}


@pytest.mark.parametrize("name", ["pairs.pkl", "pairs", "../pairs.json", "sub/pairs.json", ""])
def test_other_files_are_refused(name):
    with pytest.raises(CourseError, match="is a .json, .npy, .npz or .txt file of reference/"):
        stored(name)


@pytest.mark.parametrize("name", ["no.json", "no.npy", "no.npz", "no.txt"])
def test_a_missing_reference_says_what_to_do(name):
    with pytest.raises(CourseError, match="is not beside this notebook: open the notebook inside"):
        stored(name)


@pytest.mark.parametrize("name, content", [
    ("a.json", b'{"cut": '), ("a.json", b""), ("a.json", b"\xff\xfe"), ("a.txt", b"\xff\xfe"),
    ("a.npy", b""), ("a.npy", b"\x93NUMPY\x01\x00"), ("a.npy", b"not an array"),
    ("a.npz", b""), ("a.npz", b"PK\x03\x04cut off"), ("a.npz", b"not an archive")])
def test_a_damaged_reference_is_one_sentence(name, content, lesson):
    (lesson / "reference" / name).write_bytes(content)
    with pytest.raises(CourseError, match="cannot be read .*get the course's file again"):
        stored(name)


def test_a_pickle_is_never_loaded(lesson):
    np.save(lesson / "reference" / "a.npy", np.array([object], dtype=object), allow_pickle=True)
    with pytest.raises(CourseError, match="cannot be read"):
        stored("a.npy")
    np.savez(lesson / "reference" / "a.npz", x=np.array([object], dtype=object))
    with pytest.raises(CourseError, match="cannot be read"):
        stored("a.npz")


# ---- in_kernel ----

learned = [1, 2, [3]]


def append_to(items):
    items.append("seen")
    return items


def test_in_kernel_copies_both_ways():
    mine = [1]
    back = in_kernel("append_to(mine)", mine=mine)
    assert back == [1, "seen"] and mine == [1]
    back = in_kernel("learned")
    back[2].append(4)
    assert learned == [1, 2, [3]]


def test_in_kernel_sees_the_callers_names_and_inputs_win():
    assert in_kernel("len(learned)") == 3
    assert in_kernel("learned + [n for n in extra if n in learned]", learned=[5], extra=[5]) == [5, 5]


def test_json_values_travel():
    for value in [None, True, 3, 2.5, 1j, "ä", b"\0", [1, (2, 3)], {1, 2}, frozenset("a"),
                  {"k": [1]}, {(1, 2): "x"}, Point(1, [2]), range(0).start, float("inf")]:
        copy = by_value(value)
        assert copy == value and type(copy) is type(value)
    assert by_value(Counter("aab")) == {"a": 2, "b": 1}
    assert by_value(Point(1, [2])).y == [2]


def test_arrays_travel_as_copies():
    array = np.arange(3)
    copy = by_value({"a": [array, array[0]]})
    array[0] = 9
    np.testing.assert_equal(copy["a"][0], [0, 1, 2])
    assert copy["a"][1] == 0 and copy["a"][1].dtype == array.dtype


@pytest.mark.parametrize("value", [
    object(), len, lambda: 1, np.random.default_rng(0), type, iter([1]), json, [object()],
    {"k": object()}, np.array([object()]), np.sin, (n for n in [1])], ids=lambda value: type(value).__name__)
def test_what_is_not_a_value_is_refused(value):
    with pytest.raises(TypeError, match="in_kernel returns values, not an? "):
        by_value(value)


def test_gradients_come_back_as_tensors():
    torch = pytest.importorskip("torch")
    names = {"torch": torch, "in_kernel": in_kernel,
             "model": torch.nn.Linear(2, 1, bias=False)}
    exec("grad = in_kernel('torch.autograd.grad(model(x).sum(), model.weight)[0]', "
         "x=torch.tensor([[1., 2.], [3., 4.]]))\n"
         "weight = in_kernel('model.weight')", names)
    assert names["grad"].tolist() == [[4.0, 6.0]]
    assert type(names["weight"]) is torch.Tensor and not names["weight"].requires_grad
    names["weight"].zero_()
    assert names["model"].weight.abs().sum() > 0, "the learner's weights are not shared"
    with pytest.raises(TypeError, match="not an? (Linear|SGD)"):
        by_value(torch.optim.SGD(names["model"].parameters(), lr=1))


def test_the_public_surface_is_lazy_and_whole():
    import grader
    assert (grader.result, grader.stored, grader.in_kernel) == (
        values.result, values.stored, values.in_kernel)
    assert grader.check is checkcell.check
    with pytest.raises(AttributeError, match="no attribute 'judge_me'"):
        grader.judge_me
