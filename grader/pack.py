"""`make instructor`: docs/instructor/NN_topic.md, what a teacher needs beside the notebook.

    python -m grader.pack [LESSON...] [--check]
    python -m grader.pack --store grading/ --out my-class/     with your class's solve rates

Minutes, wrong answers, essays and rubrics come from the lesson and docs/checks.md. What a program
cannot know (what to do in ninety minutes, what to show, what to ask) is written by hand in
solutions/NN_topic/instructor.md; where that is missing, the page and this command say so.
"""

import argparse
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

from course.paths import ROOT, SOLUTIONS, CourseError
from grader import build
from grader.source import catalogue, lessons, read_lesson, source_path
from grader.variants import TABLE
from grader.words import counted

OUT = ROOT / "docs" / "instructor"
CLASS = 90  # minutes
PARTS = ("Plan", "Show", "Discuss")
STEP = re.compile(r"^- (\d+) min, \*([^*]+)\*: (.+?)(?=^- |\Z)", re.M | re.S)
ESSAY = re.compile(r"(.*?)### BEGIN SOLUTION\n(.*?)\n\*\*Mark scheme\*\*\n\n(.*?)### END SOLUTION", re.S)
WRONG = re.compile(r"^- `(\w+)` \((.*)\) gets: “(.*)”$", re.M)


@dataclass
class Facts:
    """What a source says. sections: [(title, [exercise ids], words)] in order. exercises: {id:
    (difficulty, minutes, points)}. essays: {id: (question, model answer, rubric, points)}."""

    lesson: str
    title: str
    sections: list = field(default_factory=list)
    exercises: dict = field(default_factory=dict)
    essays: dict = field(default_factory=dict)


def facts(lesson: str) -> Facts:
    """Read a lesson's source; CourseError for an essay without model answer or rubric."""
    found = Facts(lesson, lesson)
    for cell in read_lesson(source_path(lesson)).cells:
        course = cell.metadata.get("course", {})
        kind, name = course.get("kind"), course.get("exercise")
        points = cell.metadata.get("nbgrader", {}).get("points", 0)
        heading = re.match(r"(#+) (.*)", cell.source) if cell.cell_type == "markdown" else None
        if heading and heading[1] == "#":
            found.title = heading[2]
        elif kind == "contract":
            found.exercises[name] = (course.get("difficulty", 0), course.get("minutes", 0), 0)
            _section(found)[1].append(name)
        elif kind == "check":
            level, minutes, before = found.exercises[name]
            found.exercises[name] = (level, minutes, before + points)
        elif kind == "essay":
            found.essays[name] = (*_essay(lesson, name, cell.source), points)
            _section(found)[1].append(name)
        elif cell.cell_type == "markdown":
            for part in re.split(r"(?m)^(?=## )", cell.source):
                if title := re.match(r"## (.*)", part):
                    found.sections.append((title[1], [], [0]))
                _section(found)[2][0] += len(part.split())
    return found


def _section(found: Facts):
    if not found.sections:
        found.sections.append(("Opening", [], [0]))
    return found.sections[-1]


def _essay(lesson: str, name: str, source: str) -> tuple[str, str, str]:
    parts = ESSAY.search(source)
    if not parts:
        raise CourseError(f"{lesson}: the essay {name} needs a model answer and a mark scheme")
    question = re.sub(r"^## .*\n|^\*About.*\n", "", parts[1], flags=re.M)
    return tuple(" ".join(text.split()) for text in (question, parts[2], parts[3]))


# ---- the hand-written part ----

def by_hand(lesson: str, found: Facts) -> tuple[dict[str, str], list[str]]:
    """({part: its markdown}, faults in sentences) of solutions/LESSON/instructor.md."""
    path = SOLUTIONS / lesson / "instructor.md"
    if not path.is_file():
        return {}, [f"{lesson}: solutions/{lesson}/instructor.md is missing: write its parts "
                    + ", ".join(PARTS)]
    pieces = re.split(r"(?m)^## (.+)\n", path.read_text(encoding="utf-8"))
    parts = {title.strip(): text.strip() for title, text in zip(pieces[1::2], pieces[2::2])}
    faults = [f"{lesson}: instructor.md has no part '## {part}'" for part in PARTS
              if not parts.get(part)]
    faults += [f"{lesson}: instructor.md has a part '## {part}' that is none of {', '.join(PARTS)}"
               for part in parts if part not in PARTS]
    return parts, faults + list(_plan_faults(lesson, found, parts.get("Plan", "")))


def _plan_faults(lesson: str, found: Facts, plan: str):
    steps = STEP.findall(plan)
    if not plan:
        return
    total = sum(int(minutes) for minutes, *_ in steps)
    if total != CLASS:
        yield f"{lesson}: the steps of the plan take {total} minutes, a class has {CLASS}"
    known = {_bare(title) for title, *_ in found.sections} | {"open", "break", "close"}
    known |= {f"exercise {name}" for name in found.exercises}
    for _, title, text in steps:
        if _bare(title) not in known:
            yield f"{lesson}: the plan names *{title}*, which is no section of the lesson"
        for name in re.findall(r"`([a-z0-9]+(?:-[a-z0-9]+)+)`", text):
            if name not in found.exercises and name not in found.essays:
                yield f"{lesson}: the plan names `{name}`, which is no exercise of the lesson"


def _bare(title: str) -> str:
    return title.replace("`", "").strip().lower()


def plan_table(found: Facts, plan: str) -> list[str]:
    """The minute plan as a table; drafted from the contracts where nobody wrote one."""
    steps = [(int(minutes), title, " ".join(text.split())) for minutes, title, text in
             STEP.findall(plan)] or _draft(found)
    lines, clock = ["| from | minutes | section | what you do |", "|---|---|---|---|"], 0
    for minutes, title, text in steps:
        lines.append(f"| {clock // 60}:{clock % 60:02d} | {minutes} | {title} | {text} |")
        clock += minutes
    said = " ".join(text for *_, text in steps)
    home = [f"`{name}` ({minutes} min)" for name, (_, minutes, _) in found.exercises.items()
            if f"`{name}`" not in said]
    home += [f"essay `{name}`" for name in found.essays if f"`{name}`" not in said]
    return [*lines, "", "At home: " + (", ".join(home) if home else "nothing is left over") + "."]


def _draft(found: Facts) -> list[tuple[int, str, str]]:
    """Sections scaled to a class: contract minutes, and 200 words a minute of reading."""
    weigh = {title: sum(found.exercises.get(n, (0, 5, 0))[1] for n in names) + words[0] / 200
             for title, names, words in found.sections}
    total = sum(weigh.values()) or 1
    steps, spent = [], 0
    for number, (title, names, _) in enumerate(found.sections, 1):  # rounding never adds up wrong
        upto = round(CLASS * sum(list(weigh.values())[:number]) / total)
        if upto > spent:
            steps.append((upto - spent, title, ", ".join(f"`{n}`" for n in names) or "read, run"))
        spent = upto
    return steps


# ---- the page ----

def wrong_answers() -> dict[tuple[str, str], list[tuple[str, str, str]]]:
    """{(lesson, exercise): [(name, misconception, message)]} as `make variants` wrote them."""
    found = {}
    for part in re.split(r"(?m)^## ", TABLE.read_text(encoding="utf-8"))[1:]:
        lesson, exercise = part.split("\n", 1)[0].split(": ")
        found[lesson, exercise] = WRONG.findall(part)
    return found


def page(lesson: str, rates=None) -> tuple[str, list[str]]:
    """(the page, what is missing in it). rates: reports.statistics.Lesson of a class, or None."""
    found = facts(lesson)
    parts, missing = by_hand(lesson, found)
    wrong = wrong_answers()
    missing += [f"{lesson}: docs/checks.md has no wrong answers of {name}: run make variants"
                for name in found.exercises if not wrong.get((lesson, name))]
    lines = [f"# For the instructor: {found.title}", "",
             f"Written by `make instructor` from the lesson and `solutions/{lesson}/"
             "instructor.md`. It holds answers: keep it away from learners.", "",
             *_numbers(found), "", "## Ninety minutes", ""]
    if "Plan" not in parts:
        lines += ["*Nobody has written a plan yet; this one is drafted from the minutes of the "
                  "contracts and the length of the text.*", ""]
    lines += plan_table(found, parts.get("Plan", ""))
    for title, part in (("What to show", "Show"), ("Questions to discuss", "Discuss")):
        lines += ["", f"## {title}", "", parts.get(part) or
                  f"*Missing: write the part {part} of solutions/{lesson}/instructor.md.*"]
    lines += ["", "## Wrong answers you will meet", "",
              "Each was tried on the check; the message is what the learner reads."]
    for name in found.exercises:
        lines += ["", f"### `{name}`", "", *(
            f"- {_capital(note)} (`{variant}`)<br>“{message}”"
            for variant, note, message in wrong.get((lesson, name), []))]
    lines += _essays(found) + _rates(lesson, rates)
    return "\n".join(lines).rstrip() + "\n", missing


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _numbers(found: Facts) -> list[str]:
    entry = catalogue().get(found.lesson, {})
    points = sum(p for *_, p in found.exercises.values())
    essays = sum(e[3] for e in found.essays.values())
    lines = [entry.get("promise", ""), "",
             f"- A learner takes about {entry.get('minutes', '?')} minutes; the exercises, by "
             f"their contracts, {sum(m for _, m, _ in found.exercises.values())}.",
             f"- {points:g} points by checks" + (f", {essays:g} read by you." if essays else ".")]
    lines.append("- How long *Run All Cells* takes: [measured times](../timings.md).")
    lines += ["", "| exercise | difficulty | minutes | points |", "|---|---|---|---|"]
    lines += [f"| `{name}` | {level} of 5 | {minutes} | {p:g} |"
              for name, (level, minutes, p) in found.exercises.items()]
    return lines


def _essays(found: Facts) -> list[str]:
    lines = ["", "## Essays: model answer and rubric"] if found.essays else []
    for name, (question, model, rubric, points) in found.essays.items():
        lines += ["", f"### `{name}`, {points:g} points", "", f"**Asked.** {question}", "",
                  f"**Model answer.** {model}", "", f"**Rubric.** {rubric}"]
    return lines


def _rates(lesson: str, rates) -> list[str]:
    lines = ["", "## Solve rates", ""]
    if rates is None:
        return lines + ["From your own class: `python -m grader.pack "
                        f"{lesson} --store grading --out my-class`."]
    lines += [f"{counted(rates.submissions, 'submission')}, mean {rates.mean:.2f} of {rates.out_of:g} points.",
              "", "| check | tried | solved | left open | most frequent message |",
              "|---|---|---|---|---|"]
    for (exercise, part), check in rates.checks.items():
        said = check.messages.most_common(1)
        told = f"{said[0][1]}× “{said[0][0]}”".replace("|", "\\|") if said else ""
        lines.append(f"| `{exercise}`{f' ({part})' if part else ''} | {check.tried} | "
                     f"{check.rate:.0%} | {check.untouched} | {' '.join(told.split())} |")
    return lines


def class_rates(store: Path) -> dict:
    """{lesson: statistics} of a grading folder."""
    from grader.queue.ledger import Ledger
    from grader.reports import statistics, tables
    with Ledger(store) as ledger:
        return statistics.of(tables.Rows(ledger))


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m grader.pack", description=__doc__.split("\n")[0])
    parser.add_argument("lesson", nargs="*", help="such as 04_tokens; default all")
    parser.add_argument("--check", action="store_true", help="write nothing, fail when stale")
    parser.add_argument("--store", type=Path, help="a grading folder: fill in the solve rates")
    parser.add_argument("--out", type=Path, default=OUT, help="default: docs/instructor")
    options = parser.parse_args(arguments)
    try:
        if options.store and options.out.resolve() == OUT.resolve():
            raise CourseError("a class's numbers do not belong into docs/: name another --out")
        rates, stale = class_rates(options.store) if options.store else {}, 0
        for lesson in options.lesson or lessons():
            text, missing = page(lesson, rates.get(lesson))
            path = options.out / f"{lesson}.md"
            for fault in missing:
                print(f"missing: {fault}", file=sys.stderr)
            if options.check:
                fresh = path.is_file() and path.read_text(encoding="utf-8") == text
                if not fresh:
                    stale += 1
                    print(f"stale: {path}: run make instructor")
            elif build.write(path, text):
                print(f"wrote {path}")
    except CourseError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
