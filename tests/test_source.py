"""Lesson sources: headers expand to nbgrader metadata; each fault is one clear sentence."""

import re
import tomllib

import pytest

from course.paths import CATALOGUE, SOLUTIONS, CourseError
from grader import source
from grader.release import release
from tests.madeup import LESSON, made_up, put


@pytest.fixture
def course(tmp_path, monkeypatch):
    return made_up(tmp_path, monkeypatch)


def cells(course):
    return {c.id: c for c in source.read_lesson(course.source).cells}


def refusal(course, header, body="x = 1"):
    """The sentence for one more cell at the end of the lesson."""
    course.write(course.source.read_text(encoding="utf-8") + f"\n# %% {header}\n{body}\n")
    with pytest.raises(CourseError) as caught:
        source.read_lesson(course.source)
    sentence = str(caught.value)
    assert LESSON in sentence, "it says where"
    return sentence


@pytest.mark.parametrize("cell, kind, flags, points", [
    ("double-it", "exercise", (False, True, False), None),
    ("check-double-it", "check", (True, False, True), 2),
    ("check-double-it-text", "check", (True, False, True), 1),
    ("check-count-words", "check", (True, False, True), 1.5),
    ("essay-why-small", "essay", (True, True, False), 1),
    ("small-setup", "locked", (False, False, True), None)])
def test_headers_become_nbgrader_metadata(course, cell, kind, flags, points):
    made = cells(course)[cell]
    nbgrader = made.metadata["nbgrader"]
    assert (nbgrader["grade"], nbgrader["solution"], nbgrader["locked"]) == flags
    assert nbgrader["grade_id"] == cell and nbgrader["schema_version"] == 3
    assert nbgrader.get("points") == points
    assert made.metadata["course"]["kind"] == kind
    assert not made.source.startswith("# %%")


def test_an_essays_rubric_joins_its_model_answer(course):
    made = cells(course)["essay-why-small"].source
    assert made == ("### BEGIN SOLUTION\nBecause it is quick.\n\n**Mark scheme**\n\n"
                    "One point for any reason.\n### END SOLUTION")


def test_demo_card_contract_and_tags(course):
    course.change("# %% demo\n", '# %% demo tags=["nbval-check-output"]\n')
    made = source.read_lesson(course.source).cells
    demo = next(c for c in made if c.metadata.get("course", {}).get("demo"))
    assert demo.metadata["tags"] == ["nbval-check-output"]
    contract = next(c for c in made if c.metadata.get("course", {}).get("kind") == "contract")
    assert contract.metadata["course"]["difficulty"] == 1 and "nbgrader" not in contract.metadata
    card = next(c for c in made if c.metadata.get("course", {}).get("card"))
    assert "about 5 minutes" in card.source and "4.5 by checks, 1 read by a person" in card.source
    assert "under 30 s" in card.source and "{card}" not in card.source


@pytest.mark.parametrize("header", [
    'check="more-words" long points=1', 'long check="more-words" points=1',
    'check="more-words" points=1 long'])
def test_bare_words_stand_anywhere(course, header):
    course.write(course.source.read_text(encoding="utf-8") + f"\n# %% {header}\nx = 1\n")
    assert cells(course)["check-more-words"].metadata["course"]["long"] is True


@pytest.mark.parametrize("header, says", [
    ('exercize="pair-counts"', "unknown words ['exercize']"),
    ("demo slow", "unknown words ['slow']"),
    ('check="more-words" pionts=2', "unknown words ['pionts']"),
    ('check="more-words"', "check='more-words' needs points=N"),
    ('[markdown] essay="why-not"', "essay='why-not' needs points=N"),
    ('check="more-words" points="two"', "needs points=N"),
    ('check="more-words" points=-1', "needs points=N"),
    ('check="more-words" points=true', "needs points=N"),
    ('check="More Words" points=1', "check='More Words' is not a name like pair-counts"),
    ('exercise="more_words"', "is not a name like pair-counts"),
    ("exercise=3", "is not a name like pair-counts"),
    ('check="more-words" exercise="more-words" points=1', "cannot be both exercise and check"),
    ('check="double-it" points=2', "the id 'check-double-it'; give one a part"),
    ('exercise="double-it"', "the id 'double-it'"),
    ('check="double-it" part="text" points=2', "the id 'check-double-it-text'"),
    ('[markdown] check="more-words" points=1', "check='more-words' must be a code cell"),
    ('[markdown] exercise="more-words"', "exercise='more-words' must be a code cell"),
    ('contract="more-words"', "contract='more-words' must be a markdown cell"),
    ('check="more-words points=2', LESSON)])
def test_bad_headers(course, header, says):
    assert says in refusal(course, header)


def test_ids_are_stable_and_depend_only_on_lesson_and_cell(course):
    before = list(cells(course))
    assert before == list(cells(course))
    course.write(course.source.read_text(encoding="utf-8").replace(
        "# %%\nnumbers", "# %%\nnew = 1\n\n# %%\nnumbers"))
    after = list(cells(course))
    assert [name for name in after if name in before] == before, "others keep theirs"
    assert len(after) == len(before) + 1


def test_equal_cells_get_ids_of_their_own(course):
    text = course.source.read_text(encoding="utf-8")
    course.write(text + "\n# %%\nprint(1)\n\n# %%\nprint(1)\n")
    last = [c.id for c in source.read_lesson(course.source).cells][-2:]
    assert last[1] == last[0] + "-2"


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", None])
def test_an_unreadable_source_is_one_sentence(course, content):
    course.source.unlink() if content is None else course.source.write_bytes(content)
    with pytest.raises(CourseError, match="cannot be read"):
        source.read_lesson(course.source)


def test_unknown_lessons_name_the_known_ones(course):
    with pytest.raises(CourseError, match=f"no lesson 'tokens' in solutions/; lessons: {LESSON}"):
        source.source_path("tokens")
    course.source.unlink()
    with pytest.raises(CourseError, match="lessons: none yet"):
        source.source_path(LESSON)


def test_the_card_needs_its_catalogue_entry(course):
    put(source.CATALOGUE, '[[lesson]]\nid = "91_other"\ntitle = "x"\n')
    with pytest.raises(CourseError, match=f"catalogue.toml has no minutes for {LESSON}"):
        source.read_lesson(course.source)


def test_a_card_with_unknown_data_says_which(course):
    text = source.CATALOGUE.read_text(encoding="utf-8")
    put(source.CATALOGUE, text.replace("uses = []", 'uses = ["no-such-data"]'))
    with pytest.raises(CourseError, match="manifest.toml has no entry named 'no-such-data'"):
        source.read_lesson(course.source)


def test_a_catalogue_that_is_not_toml_is_one_sentence(course):
    put(source.CATALOGUE, "[[lesson]\n")
    with pytest.raises(CourseError, match="catalogue.toml cannot be read"):
        source.catalogue()


def test_windows_line_ends_give_the_same_notebook(course):
    before = source.read_lesson(course.source)
    course.source.write_bytes(course.source.read_bytes().replace(b"\n", b"\r\n"))
    assert source.read_lesson(course.source) == before


def test_visible_drops_only_hidden_tests(course):
    made = cells(course)["check-double-it"].source
    assert "negative" in made and "negative" not in source.visible(made)
    assert source.visible(made).endswith("you gave {got}\"\n")


# ---- the real lessons ----

LESSONS = source.lessons()


def test_the_catalogue_names_every_lesson():
    with open(CATALOGUE, "rb") as file:
        listed = [entry["id"] for entry in tomllib.load(file)["lesson"]]
    assert len(set(listed)) == len(listed) and listed == sorted(listed)
    assert set(LESSONS) <= set(listed)


@pytest.mark.parametrize("lesson", LESSONS)
def test_real_lessons_read_and_their_points_add_up(lesson):
    solution = source.read_lesson(source.source_path(lesson))
    marks = [c.metadata["nbgrader"] for c in solution.cells if "nbgrader" in c.metadata]
    checks = sum(m["points"] for m in marks if m["grade"] and not m["solution"])
    text = source.source_path(lesson).read_text(encoding="utf-8")
    assert source.points_in(text).startswith(f"{checks:g} by checks")
    assert checks > 0


@pytest.mark.parametrize("lesson", LESSONS)
def test_releases_hold_no_answers(lesson):
    solution = source.read_lesson(source.source_path(lesson))
    released = {c.id: c for c in release(solution, lesson).cells}
    assert list(released) == [c.id for c in solution.cells]
    for cell in solution.cells:
        kept = released[cell.id].source
        assert "### BEGIN" not in kept and "### END" not in kept
        if cell.metadata.get("course", {}).get("kind") == "check":
            assert kept.splitlines() == source.visible(cell.source).splitlines()
        else:
            answer = re.search(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", cell.source, re.S)
            assert not answer or answer[1] not in kept


def test_sources_stand_where_lessons_are_looked_for():
    stray = [p for p in SOLUTIONS.glob("*/*.py") if p.stem not in (p.parent.name, "cohort")]
    assert not stray, f"nbgrader would not see {stray} as lessons"
