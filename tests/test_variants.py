"""Checks against right and wrong answers: every lesson's, then the harness itself."""

import pytest

from course.paths import CourseError
from grader import replay, source, variants
from tests.madeup import LESSON, VARIANTS, made_up, put

LESSONS = source.lessons()


# ---- the main test: every answer of every lesson gets the declared verdict ----

@pytest.fixture(scope="module")
def tried():
    """{lesson: outcomes}, each lesson run once for all tests below."""
    known = {}

    def get(lesson):
        if lesson not in known:
            known[lesson] = variants.try_lesson(lesson)
        return known[lesson]
    return get


@pytest.mark.parametrize("lesson", LESSONS)
def test_every_answer_gets_its_verdict(lesson, tried):
    assert variants.faults(tried(lesson)) == []


@pytest.mark.parametrize("lesson", LESSONS)
def test_an_untouched_stub_is_not_solved_yet(lesson, tried):
    """Unless the stub is a broken function to mend, its message is that of an open exercise."""
    for outcome in tried(lesson):
        if outcome.variant.kind == "stub" and "NotImplementedError" in outcome.variant.source:
            assert not outcome.passed and not outcome.visible
            assert outcome.message.startswith("write your answer"), outcome.message


@pytest.mark.parametrize("lesson", LESSONS)
def test_messages_never_quote_the_hidden_tests(lesson, tried):
    for outcome in tried(lesson):
        assert "HIDDEN TESTS" not in outcome.message and "Traceback" not in outcome.message


def test_the_table_for_instructors_is_fresh(tried):
    now = variants.table({lesson: tried(lesson) for lesson in LESSONS})
    assert variants.TABLE.read_text(encoding="utf-8") == now, "run make variants"


# ---- the harness finds what is planted ----

@pytest.fixture
def course(tmp_path, monkeypatch):
    made = made_up(tmp_path, monkeypatch)
    made.build()
    reference = made.solution.parent / "reference"
    put(reference / "numbers.json", "[0, 2, 4, 6, 8]")
    put(reference / "curve.json", "[3, 2, 1]")
    return made


def faults():
    return variants.faults(variants.try_lesson(LESSON))


def answer(course, name, header, body, keep=True):
    """Put one more answer into a variants file (or only this one)."""
    old = VARIANTS[name] if keep else ""
    put(course.variants / f"{name}.py", f"{old}\n\n# %% {header}\n{body}\n")


def test_a_good_lesson_has_no_fault(course):
    assert faults() == []


def test_outcomes_tell_what_each_answer_got(course):
    got = {o.variant.name: o for o in variants.try_lesson(LESSON)}
    assert got["solution"].passed and got["adds"].passed
    assert not got["stub"].passed and not got["stub"].visible
    assert got["drops_the_sign"].visible and not got["drops_the_sign"].passed
    assert got["drops_the_sign"].message == "a negative number gave 2: look at its sign"
    assert got["gives_none"].variant.note == "Prints and returns nothing."


def test_an_accepted_wrong_answer(course):
    answer(course, "double_it", 'wrong="sum"', "# Sums.\ndef double(x):\n    return x + x")
    assert faults() == ["double-it: wrong answer sum is accepted"]


def test_a_refused_right_answer(course):
    answer(course, "double_it", 'right="list"', "# Other.\ndef double(x):\n    return [x, x]")
    assert faults() == ["double-it: right answer list is refused: "
                        "double(3) should be 6, you gave [3, 3]"]


def test_an_accepted_stub(course):
    course.change("    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION",
                  "    return 2 * x\n    ### BEGIN SOLUTION\n    ### END SOLUTION")
    assert "double-it: stub answer stub is accepted" in faults()


def test_a_refused_solution_stops_the_lesson(course):
    course.change("return 2 * x", "return 3 * x")
    with pytest.raises(CourseError, match=r"cell check-double-it of the solution: CheckFailed"):
        faults()


@pytest.mark.parametrize("old, new, words", [
    ('assert got == 6, f"double(3) should be 6, you gave {got}"', "assert got == 6",
     "fails without saying what to look at"),
    ("assert got == 6, f", "assert got + 0 == 6, f", "fails without saying what to look at")])
def test_a_vague_message(course, old, new, words):
    course.change(old, new)
    assert any(words in fault for fault in faults())


def test_a_bare_error(course):
    course.change('with check("double-it"):\n    got = double(3)\n',
                  'double(3)[0]\nwith check("double-it"):\n    got = double(3)\n')
    course.change("return 2 * x", "return list(range(2 * x)) if x == 3 else 2 * x")
    with pytest.raises(CourseError):
        faults()
    course.change("double(3)[0]\n", "assert double(3)\n")
    course.change("return list(range(2 * x)) if x == 3 else 2 * x", "return 2 * x")
    assert any("gives_none fails with a bare error: bare AssertionError" in f for f in faults())


def test_too_few_answers(course):
    answer(course, "double_it", 'wrong="half"', "# Half.\ndef double(x):\n    return x / 2", False)
    assert faults() == [
        "double-it: needs a right answer written another way",
        "double-it: has 1 wrong answers, needs 4",
        "double-it: no wrong answer passes the visible asserts and fails a hidden one"]


def test_nothing_that_only_a_hidden_test_finds(course):
    course.change("    assert got == -2", "    assert got == got")
    course.change("# %% check=\"double-it\" part=\"text\" points=1\nwith check(\"double-it\", \"text\"):\n",
                  "# %% check=\"double-it\" part=\"text\" points=1\nwith check(\"double-it\", \"text\"):\n"
                  "    assert double(-1) == -2, 'look at the sign'\n")
    assert faults() == ["double-it: no wrong answer passes the visible asserts and fails a "
                        "hidden one"]


def test_a_wrong_answer_without_its_misconception(course):
    answer(course, "double_it", 'wrong="half2"', "def double(x):\n    return x / 2\n")
    assert faults() == ["double-it: half2 has no comment that names the misconception"]


@pytest.mark.parametrize("body", [
    "# Never ends.\ndef double(x):\n    while True:\n        x = 1",
    "# Never ends, and hides it.\ndef double(x):\n    while True:\n        try:\n"
    "            while True:\n                pass\n        except Exception:\n            return 0",
    "# Never ends.\nwhile True:\n    pass"])
def test_an_endless_loop_is_stopped(course, body, monkeypatch):
    monkeypatch.setattr(replay, "LIMIT", 1)
    answer(course, "double_it", 'wrong="endless"', body)
    outcomes = variants.try_lesson(LESSON)
    assert variants.faults(outcomes) == []
    got = {o.variant.name: o for o in outcomes}["endless"]
    assert not got.passed and got.message


@pytest.mark.parametrize("body", [
    "# Ends the program.\nimport sys\ndef double(x):\n    sys.exit(0)",
    "# Ends the program.\nimport sys\nsys.exit(0)",
    "# Does not parse.\ndef double(x:\n    return 1",
    "# Does not line up.\ndef double(x):\n        y = 1\n    return y",
    "# Changes what later answers find.\nimport builtins\ndef double(x):\n    global check\n"
    "    check = None\n    return 1",
    "# Recurses.\ndef double(x):\n    return double(x)"])
def test_a_violent_answer_is_refused_and_hurts_no_other(course, body):
    answer(course, "double_it", 'wrong="violent"', body)
    assert faults() == []


def test_answers_do_not_see_each_other(course):
    answer(course, "double_it", 'right="own_name"',
           "# Uses a helper.\ndef helper(x):\n    return x + x\n\n\ndef double(x):\n"
           "    return helper(x)")
    answer(course, "count_words", 'wrong="leans"',
           "# Uses a name that is not there.\ndef count_words(text):\n    return helper(text)")
    got = {o.variant.name: o for o in variants.try_lesson(LESSON)}
    assert got["own_name"].passed and "NameError" in got["leans"].message


@pytest.mark.parametrize("text, says", [
    (None, "exercise double-it of 90_small has no variants: write "),
    ("# %%\ndef double(x):\n    return 1\n", "neither right=\"...\" nor wrong=\"...\"")])
def test_odd_files_are_one_sentence(course, text, says, capsys):
    path = course.variants / "double_it.py"
    path.unlink() if text is None else put(path, text)
    assert variants.main([]) == 1
    error = capsys.readouterr().err
    assert error.startswith("error: ") and says in error and error.count("\n") == 1


def test_an_exercise_without_a_check_is_one_sentence(course, capsys):
    text = course.source.read_text(encoding="utf-8")
    start = text.index('# %% check="count-words"')
    course.write(text[:start] + text[text.index('# %% [markdown] hints="count-words"'):])
    assert variants.main([LESSON]) == 1
    assert "exercise count-words has no check cell" in capsys.readouterr().err


def test_the_command_writes_the_table_and_fails_on_a_fault(course, capsys):
    assert variants.main(["--write"]) == 0
    text = variants.TABLE.read_text(encoding="utf-8")
    assert "| 90_small | double-it | 2 of 2 | 5 of 5 | 1 |" in text
    assert "- `drops_the_sign` (Takes the absolute value on the way.) gets: “a negative" in text
    assert capsys.readouterr().out in text + "\n"
    with pytest.raises(SystemExit):
        variants.main([LESSON, "--write"])
    assert "docs/checks.md for all lessons: leave the names out" in capsys.readouterr().err
    answer(course, "double_it", 'wrong="sum"', "# Sums.\ndef double(x):\n    return x + x")
    assert variants.main([]) == 1
    assert "fault: 90_small: double-it: wrong answer sum is accepted" in capsys.readouterr().err
    assert variants.main(["05_tokens"]) == 1


def test_measured_seconds_stay_out_of_the_table(course):
    course.change('f"double(3) should be 6, you gave {got}"', 'f"{got / 7:.2f} s is too slow"')
    text = variants.table({LESSON: variants.try_lesson(LESSON)})
    assert "gets: “… s is too slow”" in text and "0.21 s" not in text


def test_the_working_folder_and_environment_come_back(course, monkeypatch):
    import os
    before = os.getcwd(), dict(os.environ)
    variants.try_lesson(LESSON)
    assert (os.getcwd(), dict(os.environ)) == before
