"""Tern Air: pages and questions agree, nothing answers the unanswerable, the card is counted."""

import re

import pytest

import course
from course import ternair
from course.paths import CourseError
from course.ternair import KINDS, SPLITS, handbook, questions, revised, says

PAGES = {passage.id: passage for passage in handbook()}
ASKED = {kind: [q for split in SPLITS for q in questions(split, kind)] for kind in KINDS}
EVERY = [q for kind in KINDS for q in ASKED[kind]]


def topics() -> dict[str, tuple[str, str, list[str]]]:
    """{page: (section, title, key facts)} of the plan."""
    rows = [line.split(" | ", 3) for line in
            (ternair.FOLDER / "topics.txt").read_text(encoding="utf-8").splitlines()
            if line and not line.startswith("#")]
    return {page: (section, title.removesuffix(" (revised)"), re.findall(r"\{(.+?)\}", facts))
            for page, section, title, facts in rows}


# ------------------------------------------------------------------------------------------ pages

def test_pages_are_many_short_and_unlike():
    assert len(PAGES) == 82 and len({p.section for p in handbook()}) == 13
    texts = [p.text for p in ternair._all_passages()]
    assert len(set(texts)) == len(texts) == 87
    assert all(60 <= len(text.split()) <= 120 for text in texts)
    assert len({p.id for p in ternair._all_passages()}) == 87
    assert len({p.title for p in handbook()}) == 82
    assert all(re.fullmatch(r"[ -~]+", text) for text in texts), "plain ASCII, one paragraph"


def test_pages_state_the_facts_of_their_topic():
    plan = topics()
    assert set(plan) == set(PAGES)
    for page, (section, title, facts) in plan.items():
        assert (PAGES[page].section, PAGES[page].title) == (section, title)
        for fact in facts:
            assert re.search(rf"(?<!\w){re.escape(fact)}(?!\w)", PAGES[page].text, re.I), \
                f"{page} does not say {fact!r}"


def test_revisions():
    pairs = revised()
    assert [old.page for old, _ in pairs] == [
        "bag-fees", "pets-cabin", "refunds", "spending", "crew-rest"]
    for old, new in pairs:
        assert old.id == f"{old.page}@{old.date}" and not old.current and new.current
        assert (old.title, old.section, old.page) == (new.title, new.section, new.page)
        assert old.date < new.date and old.text != new.text and new.id == new.page
    assert handbook("2026-09-01") == handbook() == handbook(None)
    earlier = handbook("2026-08-31")
    assert [p.page for p in earlier] == [p.page for p in handbook()]
    assert [p for p in earlier if not p.current] == [old for old, _ in pairs]
    assert handbook("2024-12-31") == []
    assert [p.id for p in handbook("2025-01-20")] == ["refunds@2025-01-20", "name-change",
                                                      "cooling-off"]


def test_pages_do_not_contradict_one_another():
    """One value for what several pages mention, and one page for what only one should say."""
    everything = " ".join(p.headed for p in handbook())
    for pattern, one in ((r"our hub in (\w+ \w+)", "Marrow Bay"),
                         (r"second base in (\w+)", "Ostrand"),
                         (r"Skua, the (\w+ system)", "booking system"),
                         (r"(\w+ system) Skua", "booking system"),
                         (r"Rookery, the (\w+ system)", "roster system"),
                         (r"Burrow, the (\w+ app)", "staff app")):
        assert set(re.findall(pattern, everything)) == {one}, pattern
    once = {"Lot C": "passenger-parking", "Lot F": "staff-parking", "Lot D": "fire",
            "Lighthouse": "remote-access", "Nella Quist": "press", "DB-7": "delayed-bag",
            "C-12": "claims", "BS-3": "birds", "R2": "turnaround", "extension 4417": "phones"}
    once |= {name: "managers" for name in ("Tomas Ebdon", "Lise Farrow", "Ada Krill",
                                           "Janek Moule", "Brigid Sower", "Piet Holloway")}
    once |= {name: "heads" for name in ("Ruben Aske", "Mirela Topp", "Ines Carrow", "Gus Hallam",
                                        "Dagny Voss", "Owen Salter", "Oda Fenwick")}
    for words, page in once.items():
        assert [p.id for p in handbook() if words in p.text] == [page], words
    assert len(set(re.findall(r"\b\d{4}\b", PAGES["phones"].text))) == 7
    assert not re.search(r"extension \d", " ".join(
        p.text for p in handbook() if p.id != "phones"))


# -------------------------------------------------------------------------------------- questions

def test_how_many_of_each():
    assert {(kind, split): len(questions(split, kind)) for kind in KINDS for split in SPLITS} == {
        ("answerable", "dev"): 54, ("answerable", "test"): 115, ("unanswerable", "dev"): 20,
        ("unanswerable", "test"): 20, ("two", "dev"): 6, ("two", "test"): 14}
    assert len({q.id for q in EVERY}) == len({q.question for q in EVERY}) == 229
    assert sum(bool(q.near) for q in ASKED["unanswerable"]) == 34
    assert {q.passages[0] for q in ASKED["answerable"]} == set(PAGES), "each page is asked about"
    assert questions() == questions("dev", "answerable")


def test_answers_stand_in_their_passages():
    for q in ASKED["answerable"] + ASKED["two"]:
        holding = [page for page in q.passages if says(PAGES[page].text, q.answers[:1])]
        assert holding, f"{q.id}: {q.answers[0]!r} is not in {q.passages}"
        assert all(len(answer.split()) <= 4 for answer in q.answers), q.id
        assert not says(q.question, q.answers), f"{q.id} gives its answer away"
    for q in ASKED["answerable"]:
        assert len(q.passages) == 1 and not q.bridge and not q.absent
    for q in ASKED["two"]:
        assert len(set(q.passages)) == 2
        assert all(q.bridge.lower() in PAGES[page].text.lower() for page in q.passages), q.id
        assert q.bridge.lower() not in q.question.lower(), f"{q.id} names its bridge"


def test_the_older_revision_says_what_was_right_before():
    older = {old.page: old for old, _ in revised()}
    for q in ASKED["answerable"]:
        assert bool(q.before) == (q.passages[0] in older), q.id
        if q.before:
            old, new = older[q.passages[0]], PAGES[q.passages[0]]
            assert says(old.text, q.before[:1]) and not says(old.text, q.answers), q.id
            assert not says(new.text, q.before), q.id
    assert sum(bool(q.before) for q in ASKED["answerable"]) == 15


def test_nothing_answers_the_unanswerable():
    for q in ASKED["unanswerable"]:
        assert q.absent and not q.answers and not q.passages and (not q.near or q.near in PAGES)
        for words in q.absent:
            assert [p.id for p in ternair._all_passages() if says(p.headed, [words])] == [], q.id


def test_unknown_splits_kinds_and_dates_are_one_sentence():
    for arguments in (("train", "answerable"), ("dev", "two_passages"), ("dev", "answerable ")):
        with pytest.raises(CourseError, match="split is one of dev, test and kind one of"):
            questions(*arguments)
    for date in ("2026", "1 September", 20260901):
        with pytest.raises(CourseError, match="as_of is a date"):
            handbook(date)


# -------------------------------------------------------------------------------------- spellings

@pytest.mark.parametrize("text, answer", [
    ("At most nine kilos.", "9 kg"), ("9kg", "9 kg"), ("a 9-kilogram case", "9 kg"),
    ("It costs \u20ac24.", "24 euros"), ("24 EUR", "24 euros"), ("24\u20ac,", "24 euros"),
    ("24000 feathers", "24,000 feathers"), ("a 13-hour rest", "13 hours"),
    ("Thirteen hours", "13 hours"), ("twenty-two minutes", "22 minutes"), ("85%", "85 percent"),
    ("85 per cent", "85 percent"), ("8 kilometres per hour", "8 km/h"), ("8km/h", "8 km/h"),
    ("2.4 m", "2.4 metres"), ("five centimeters", "5 cm"), ("5:40 am", "05:40"),
    ("about 29\u00b0C", "29 degrees"), ("Use form db-7.", "DB-7"), ("on the 18th", "18th"),
    ("Marlow\u2019s", "Marlow's"), ("4 bikes", "four"), ("nine  working\ndays", "9 working days"),
    ("row three", "row 3"), ("0.34 euro", "0.34 euros")])
def test_usual_spellings_count(text, answer):
    assert says(text, [answer])


@pytest.mark.parametrize("text, answer", [
    ("19 kg", "9 kg"), ("2.9 kg", "9 kg"), ("9.5 kg", "9"), ("9 kgs of 19", "19 kg"),
    ("15:40", "05:40"), ("24,000", "24"), ("DB-70", "DB-7"), ("redder", "red"), ("", "red"),
    ("13 minutes", "13 hours"), ("week 3", "week 35"), ("8 km", "8 km/h"),
    ("1,240 euros", "240 euros")])
def test_other_values_do_not(text, answer):
    assert not says(text, [answer])


def test_one_of_several_answers_is_enough_and_none_is_never():
    assert says("By Farrow.", ("Lise Farrow", "Farrow")) and not says("anything", ())


# ---------------------------------------------------------------------------- the card, the seal

def test_the_card_is_counted():
    card = (ternair.FOLDER / "README.md").read_text(encoding="utf-8")
    assert ternair.counted() in card, "python -m course.ternair --card"


def test_overlap_by_hand():
    q = next(q for q in ASKED["answerable"] if q.question == "What does an hour of a hired Fulmar "
             "cost?")
    # content words: hour, hired, fulmar, cost; the page says "hour" and "Fulmar", "hire", "price"
    assert ternair.content_words(q.question) == ["hour", "hired", "fulmar", "cost"]
    assert ternair.overlap(q) == .5


def test_changed_texts_are_noticed(tmp_path, monkeypatch):
    monkeypatch.setattr(ternair, "FOLDER", tmp_path)
    with pytest.raises(CourseError, match="handbook.txt cannot be read"):
        ternair._read("handbook.txt")
    (tmp_path / "answerable.txt").write_text("a001 | dev | heads | Who? | You\n")
    with pytest.raises(CourseError, match="not the text that the course ships"):
        ternair._read("answerable.txt")


def test_lessons_import_them_from_course():
    assert course.handbook is handbook and course.questions is questions
    assert course.revised is revised and course.says is says
    assert handbook() is not handbook(), "a learner may change the list"
