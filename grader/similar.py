"""Pairs of submissions to look at together: a lead for a person, never a verdict.

    python -m grader.similar 04_tokens [--store grading/] [--least .6] [-o leads.csv]

copydetect (an extra: requirements/similarity.txt) turns each answer into fingerprints that survive
other names and other spacing. Fingerprints of the stub, and those that more than a fifth of the
class has, are left out: a short exercise has few right answers, and half a class finds the same
one. What is left and shared by two learners is counted. Who handed in the same text in all
exercises is listed whatever the class wrote. Nothing of a submission is run.
"""

import argparse
import io
import itertools
import sys
from collections import Counter, defaultdict
from pathlib import Path

from course.paths import CourseError
from grader.queue import flow, retention
from grader.queue.grading import prepared
from grader.queue.ledger import Ledger
from grader.reports import tables

K, WINDOW = 12, 4  # tokens of one fingerprint, and how many fingerprints share one winner
COMMON = 0.2  # share of a class from which on a fingerprint says nothing
ALIKE = 3  # exercises from which on the same text in all of them is told
FEW = 6  # rare fingerprints that a pair must share
LONGEST = 20_000  # characters of an answer that are read
HEAD = ("first", "second", "share", "shared", "exercises")


def fingerprints(source: str, beside=()) -> set[int]:
    """Hashes of the token runs of one answer, without those in `beside`."""
    import copydetect
    made = copydetect.CodeFingerprint("answer.py", K, WINDOW, fp=io.StringIO(source[:LONGEST]))
    return {int(value) for value in made.hashes} - set(beside)


def answers_of(ledger, lesson: str) -> dict[str, dict[str, str]]:
    """{learner: {exercise: source}} of the newest readable submissions that are kept."""
    from grader.engine.plan import plan
    full = plan(lesson)
    found = {}
    for row in tables.Rows(ledger, lesson=lesson):
        path = retention.original(ledger.folder, row["sha"]) if row["sha"] else None
        if row["refused"] or path is None or not path.is_file():
            continue
        try:
            notebook, _ = prepared(full, path, row["name"])
        except CourseError:
            continue
        found[row["learner"]] = {
            c.metadata["course"]["exercise"]: c.source for c in notebook.cells
            if c.metadata.get("course", {}).get("kind") == "exercise"}
    return found


def leads(answers: dict[str, dict[str, str]], stubs: dict[str, str], least: float) -> list[tuple]:
    """[(learner, learner, share, shared, exercises)] of pairs that share more than `least` of the
    rare fingerprints of the one who has fewer, the strongest first."""
    beside = {name: fingerprints(source) for name, source in stubs.items()}
    prints = {who: {(name, value) for name, source in theirs.items()
                    for value in fingerprints(source, beside.get(name, ()))}
              for who, theirs in answers.items()}
    seen = Counter(mark for marks in prints.values() for mark in marks)
    limit = max(2, COMMON * len(prints))
    rare = {who: {mark for mark in marks if seen[mark] <= limit} for who, marks in prints.items()}
    owners = defaultdict(list)
    for who, marks in rare.items():
        for mark in marks:
            owners[mark].append(who)
    shared: dict[tuple, list] = defaultdict(list)
    for mark, names in owners.items():
        for pair in itertools.combinations(sorted(names), 2):
            shared[pair].append(mark)
    found = []
    for first, second, count in word_for_word(answers, stubs):
        found.append((first, second, 1.0, len(rare[first] & rare[second]),
                      f"all {count} word for word"))
        shared.pop((first, second), None)
    for (first, second), marks in shared.items():
        share = len(marks) / min(len(rare[first]), len(rare[second]))
        if len(marks) >= FEW and share >= least:
            names = sorted({name for name, _ in marks})
            found.append((first, second, round(share, 2), len(marks), " ".join(names)))
    return sorted(found, key=lambda lead: (-lead[2], -lead[3], lead))


def word_for_word(answers, stubs) -> list[tuple[str, str, int]]:
    """[(learner, learner, exercises)] of pairs whose answers are the same text: ALIKE exercises or
    more, and all that either of them wrote."""
    same = defaultdict(list)
    for who, theirs in answers.items():
        written = tuple(sorted((name, source.strip()) for name, source in theirs.items()
                               if source.strip() != stubs.get(name, "").strip()))
        if len(written) >= ALIKE:
            same[written].append(who)
    return [(*pair, len(written)) for written, names in same.items()
            for pair in itertools.combinations(sorted(names), 2)]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m grader.similar", description=__doc__.split("\n")[0])
    parser.add_argument("lesson", help="such as 04_tokens")
    parser.add_argument("--store", type=Path, help="the grading folder (default: grading/)")
    parser.add_argument("--least", type=float, default=0.6, help="share from which on a pair is listed")
    parser.add_argument("-o", "--output", default="-", help="a CSV file (default: the screen)")
    options = parser.parse_args(arguments)
    try:
        import copydetect  # noqa: F401
    except ImportError:
        print("error: this needs an extra: pip install --no-deps -r requirements/similarity.txt",
              file=sys.stderr)
        return 2
    try:
        from grader.engine.plan import plan
        with Ledger(flow.store(options.store)) as ledger:
            answers = answers_of(ledger, options.lesson)
        stubs = {c.metadata["course"]["exercise"]: c.source for c in plan(options.lesson).released.cells
                 if c.metadata.get("course", {}).get("kind") == "exercise"}
        found = leads(answers, stubs, options.least)
    except CourseError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    tables.write(options.output, tables.csv_text([HEAD, *found]))
    print(f"{len(found)} pairs of {len(answers)} learners share rare code. Code that more than a "
          f"fifth of the class has (here {max(2, COMMON * len(answers)):.0f} learners) was left out. "
          "Read both before you think anything: a shared hint, a shared book and a shared table "
          "look the same.", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
