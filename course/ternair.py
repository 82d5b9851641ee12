"""Tern Air, an invented regional airline: `handbook()`, `questions("test", "answerable")`.

Nobody's model has read it, so what a model knows of it came from the passage it was given. The
texts lie in data/ternair/, with a card (README.md there) that says how they were made.

    python -m course.ternair --card     count everything anew and write the numbers into the card
"""

import argparse
import hashlib
import re
from dataclasses import dataclass
from functools import cache as once

import numpy as np

from course.paths import DATA, CourseError

FOLDER = DATA / "ternair"
KINDS = {"answerable": "answerable.txt", "unanswerable": "unanswerable.txt",
         "two": "two_passages.txt"}
SPLITS = ("dev", "test")
SEAL = {     # sha256 of the texts (lines ended by \n): a changed question does not go unnoticed
    "handbook.txt":
        "92a2674c1c12be69eef0857f85b53d1406d0e9686289a63cb39080b37525b077",
    "answerable.txt":
        "f7f8677630a61f1779ae10f5926607f623d8eb812fd71c496e76b5de90706752",
    "unanswerable.txt":
        "a72d8a938062ee3c07d37ee9cff6523c75d053fe4b388299ab705d3b5c51c72f",
    "two_passages.txt":
        "b85cfd309dfd6a890f1c1785cc12e8ca0f57e826f229708511de04d5e65a0103",
}
RESTORE = "restore it with `git checkout data/ternair`"
MARKS = "<!-- counted: begin -->", "<!-- counted: end -->"


@dataclass(frozen=True)
class Passage:
    """One page of the handbook, 60 to 120 words.

    id: unique. page: what revisions of one page have in common (a current id is its page's).
    date: of this revision, "2025-03-03". current: no later revision replaces it.
    """

    id: str
    page: str
    section: str
    date: str
    title: str
    text: str
    current: bool

    @property
    def headed(self) -> str:
        """Title and text as one string, for embedding and for prompts."""
        return f"{self.title}. {self.text}"


@dataclass(frozen=True)
class Question:
    """A question and what counts as its answer.

    answers: accepted ones, the first as the passage words it; empty if unanswerable.
    passages: the ids that hold the answer: one, two for kind "two", none if unanswerable.
    before: what the older revision answered, where the page was revised; else empty.
    near: for kind "unanswerable", the page with the same topic, or "".
    bridge: for kind "two", the words that lead from one passage to the other, or "".
    absent: for kind "unanswerable", words that an answer would need and no passage has.
    """

    id: str
    split: str
    kind: str
    question: str
    answers: tuple[str, ...] = ()
    passages: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    near: str = ""
    bridge: str = ""
    absent: tuple[str, ...] = ()


# --------------------------------------------------------------------------------------- reading

def _read(name: str) -> str:
    try:
        text = (FOLDER / name).read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        raise CourseError(f"Tern Air's {name} cannot be read ({error}): {RESTORE}.") from None
    if name in SEAL and hashlib.sha256(text.encode()).hexdigest() != SEAL[name]:
        raise CourseError(f"Tern Air's {name} is not the text that the course ships: {RESTORE}. "
                          "To try other pages, change the list that `handbook()` returns.")
    return text


@once
def _all_passages() -> tuple[Passage, ...]:
    found = []
    for block in _read("handbook.txt").split("\n## ")[1:]:
        head, text = block.split("\n", 1)
        id, section, date, title = (part.strip() for part in head.split("|"))
        found.append(Passage(id, id.split("@")[0], section, date, title, text.strip(),
                             current="@" not in id))
    return tuple(found)


def handbook(as_of: str | None = None) -> list[Passage]:
    """The pages in force, in the order of the handbook.

    as_of: a date such as "2026-01-31" for the handbook as it stood then; default: the newest
    revision of every page. A page first written after that date is not in it.
    """
    if as_of is not None and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", str(as_of)):
        raise CourseError(f'as_of is a date such as "2026-01-31", not {as_of!r}.')
    newest: dict[str, Passage] = {}
    for passage in _all_passages():
        if as_of is None or passage.date <= as_of:
            kept = newest.setdefault(passage.page, passage)
            if passage.date > kept.date:
                newest[passage.page] = passage
    return list(newest.values())


def revised() -> list[tuple[Passage, Passage]]:
    """(older, current) for every page that was revised."""
    current = {passage.page: passage for passage in handbook()}
    return [(passage, current[passage.page]) for passage in _all_passages()
            if not passage.current]


def _question(kind: str, line: str) -> Question:
    id, split, place, *rest = (part.strip() for part in line.split("|"))
    pages = tuple(page.strip() for page in place.split("+"))
    if kind == "unanswerable":
        asked, absent = rest
        return Question(id, split, kind, asked, near="" if place == "-" else place,
                        absent=_several(absent, ";"))
    if kind == "two":
        bridge, asked, answers = rest
        return Question(id, split, kind, asked, _several(answers), pages, bridge=bridge)
    asked, answers, *before = rest
    return Question(id, split, kind, asked, _several(answers), pages,
                    _several(before[0]) if before else ())


def _several(field: str, separator: str = " / ") -> tuple[str, ...]:
    return tuple(part.strip() for part in field.split(separator))


@once
def _all_questions(kind: str) -> tuple[Question, ...]:
    return tuple(_question(kind, line) for line in _read(KINDS[kind]).splitlines()
                 if line.strip() and not line.startswith("#"))


def questions(split: str = "dev", kind: str = "answerable") -> list[Question]:
    """The questions of one split ("dev", "test") and kind ("answerable", "unanswerable", "two").

    Their order is random and fixed, so the first n are a sample. Choose settings on "dev".
    """
    if split not in SPLITS or kind not in KINDS:
        raise CourseError(f"questions(split, kind): split is one of {', '.join(SPLITS)} and kind "
                          f"one of {', '.join(KINDS)}, not {split!r} and {kind!r}.")
    return [question for question in _all_questions(kind) if question.split == split]


# ------------------------------------------------------------------------------ is it the answer?

_SMALL = ("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
          "fifteen sixteen seventeen eighteen nineteen").split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_NUMBERS = {word: value for value, word in enumerate(_SMALL)} | {
    ten + joint + one if one else ten: 10 * value + unit
    for value, ten in enumerate(_TENS, 2) for unit, one in enumerate(["", *_SMALL[1:10]])
    for joint in "- "}
_NUMBER = re.compile(r"\b(" + "|".join(sorted(_NUMBERS, key=len, reverse=True)) + r")\b")
_SAME = [(re.compile(pattern), to) for pattern, to in (
    (r"(?<=\d),(?=\d{3}\b)", ""),                               # 24,000 and 24000
    (r"€ ?(\d+(?:\.\d+)?)", r"\1 euro"),                        # €24 and 24 euros
    (r"(?<=\d)[ -]?(?:kgs?|kilograms?|kilos?)\b", " kg"),
    (r"(?<=\d)[ -]?(?:euros?|eur|€)(?!\w)", " euro"),
    (r"(?<=\d)[ -]?(?:km/h|kph|kilomet(?:re|er)s (?:per|an) hour)\b", " km/h"),
    (r"(?<=\d)[ -]?(?:km|kilomet(?:re|er)s?)\b(?!/)", " km"),
    (r"(?<=\d)[ -]?(?:cm|centimet(?:re|er)s?)\b", " cm"),
    (r"(?<=\d)[ -]?(?:m|met(?:re|er)s?)\b", " m"),
    (r"(?<=\d)[ -]?(?:%|percent|per cent)(?!\w)", " percent"),
    (r"(?<=\d)[ -]?(?:°c?|degrees?(?: celsius)?)(?!\w)", " degree"),
    (r"(?<=\d)[ -]?(hour|minute|second|day|month|year|week|knot|litre|seat|feather)s?\b",
     r" \1"),
    (r"\b0(\d:\d\d)\b", r"\1"),                                 # 05:40 and 5:40
)]


def plain(text: str) -> str:
    """Lower case, one spelling for numbers and units: "Nine kilos" and "9kg" become "9 kg"."""
    text = " ".join(text.lower().replace("\u2019", "'").split())
    text = _NUMBER.sub(lambda found: str(_NUMBERS[found.group()]), text)
    for pattern, to in _SAME:
        text = pattern.sub(to, text)
    return text


def says(text: str, answers: tuple[str, ...] | list[str]) -> bool:
    """Does one of `answers` stand in `text`, as whole words, in any usual spelling?

    "9 kg" stands in "at most nine kilos", not in "19 kg" and not in "2.9 kg". A bare number
    among the answers ("14" beside "14 characters") stands wherever that number does.
    """
    text = plain(text)
    return any(re.search(rf"(?<!\w)(?<!\d[.,:]){re.escape(plain(answer))}(?!\w)(?![.,:]\d)", text)
               for answer in answers)


# -------------------------------------------------------------------------------------- the card

_STOP = set("""a about after again all also am an and any are as at be because been before but by
can cannot could did do does down each else for from get give given had has have having he her
here him his how i if in into is it its just know long many may me more most much must my no none
not of off on one only or other our out over own per should so some something still such take
than that the their them then there these they this those to too up us very want was we were what
when where which while who whose why will with within would you your""".split())


def content_words(text: str) -> list[str]:
    """Words of `text` in lower case, once each, without the 130 or so commonest ones."""
    words = re.findall(r"[a-z0-9][a-z0-9'/:.@-]*[a-z0-9]|[a-z0-9]", text.lower())
    return [word for word in dict.fromkeys(words) if word not in _STOP]


def overlap(question: Question) -> float:
    """The share (0 to 1) of a question's content words that stand in its passage(s), headings
    included, letter by letter; for kind "unanswerable", in the page nearest to it."""
    by_id = {passage.id: passage.headed for passage in handbook()}
    places = question.passages or ((question.near,) if question.near else ())
    there = set(content_words(" ".join(by_id[place] for place in places)))
    words = content_words(question.question)
    return sum(word in there for word in words) / len(words)


def _bare(question: Question) -> bool:
    return any(plain(answer).isdigit() for answer in question.answers)


def counted() -> str:
    """The part of the card that is counted: sizes, and the overlap of words by kind and split."""
    now, lengths = handbook(), [len(passage.text.split()) for passage in _all_passages()]
    asked = [row for kind in ("answerable", "two") for row in _all_questions(kind)]
    lines = [f"- {len(now)} pages in {len({page.section for page in now})} sections, and "
             f"{len(revised())} older revisions ({', '.join(old.page for old, _ in revised())}).",
             f"- {min(lengths)} to {max(lengths)} words a page, mean {np.mean(lengths):.1f}, "
             f"{sum(lengths):,} in all.",
             f"- {sum(map(_bare, asked))} of the {len(asked)} questions with an answer also accept "
             "a bare number, which a long reply may hit by chance.",
             "", "| questions | split | n | with an older answer | overlap: mean "
             "| lower quartile | median | upper quartile | none at all |",
             "|---|---|---|---|---|---|---|---|---|"]
    for kind in KINDS:
        for split in SPLITS:
            rows = [row for row in questions(split, kind)]
            shares = [overlap(row) for row in rows if row.passages or row.near]
            low, middle, high = np.percentile(shares, [25, 50, 75])
            lines.append(f"| {kind} | {split} | {len(rows)} | {sum(bool(r.before) for r in rows)} "
                         f"| {np.mean(shares):.2f} | {low:.2f} | {middle:.2f} | {high:.2f} "
                         f"| {shares.count(0)} |")
    return "\n".join(lines)


def write_card() -> None:
    """Put `counted()` between the two marks of the card."""
    path = FOLDER / "README.md"
    before, rest = _read("README.md").split(MARKS[0])
    after = rest.split(MARKS[1])[1]
    path.write_text(f"{before}{MARKS[0]}\n{counted()}\n{MARKS[1]}{after}", encoding="utf-8",
                    newline="\n")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m course.ternair",
                                     description="Count Tern Air's pages and questions.")
    parser.add_argument("--card", action="store_true", help="write the numbers into the card")
    if parser.parse_args().card:
        write_card()
    print(counted())


if __name__ == "__main__":
    main()
