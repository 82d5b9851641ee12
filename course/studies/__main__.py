"""`python -m course.studies`: run studies, compare with what ships, write what is new.

    python -m course.studies list
    python -m course.studies all | LESSON... | LESSON/NAME...   [--compare]

A number between 0 and 1 (a rate) must come back within .05, and so must the share of ones among
zeros and ones in a list (hits); texts and times are not compared.
Ends with 1 when one did not come back; --compare writes nothing.
"""

import argparse
import json
import sys
import time

from course.paths import CourseError
from course.studies import MODULES, measure, place, shipped, studies_of

CLOSE = .05  # how far a rate may move between two runs, or two machines


def differences(old, new, where: str = "") -> list[str]:
    """One sentence for each rate that moved by more than CLOSE, each part that is gone or new."""
    if isinstance(old, dict) and isinstance(new, dict):
        return [sentence for key in old for sentence in (
            differences(old[key], new[key], f"{where}/{key}") if key in new
            else [f"{where}/{key} is gone"])] + [
            f"{where}/{key} is new" for key in new if key not in old]
    if isinstance(old, list) and isinstance(new, list):
        if len(old) != len(new):
            return [f"{where} had {len(old)} entries and has {len(new)}"]
        return [sentence for i, (a, b) in enumerate(zip(old, new))
                for sentence in differences(a, b, f"{where}/{i}")]
    if isinstance(old, float) and isinstance(new, (int, float)) and 0 <= old <= 1:
        return [f"{where} was {old:.3f} and is {new:.3f}"] if abs(old - new) > CLOSE else []
    return []


def hits(value, where: str = "") -> dict[str, list[int]]:
    """The zeros and ones in lists, together where only their places differ: {"/*/solved": [...]}."""
    found: dict[str, list[int]] = {}
    parts = value.items() if isinstance(value, dict) else (
        [("*", one) for one in value] if isinstance(value, list) else [])
    for name, one in parts:
        if type(one) is int and one in (0, 1) and "*" in f"{where}/{name}":
            found.setdefault(f"{where}/{name}", []).append(one)
        for path, more in hits(one, f"{where}/{name}").items():
            found.setdefault(path, []).extend(more)
    return found


def moved_shares(old, new) -> list[str]:
    """One sentence for each share of ones that moved by more than CLOSE."""
    def share(ones):
        return sum(ones) / len(ones)

    after = hits(new)
    return [f"{path} was 1 in {share(ones):.3f} of its places and is in {share(after[path]):.3f}"
            for path, ones in hits(old).items()
            if path in after and abs(share(ones) - share(after[path])) > CLOSE + 1e-9]


def rounded(value):
    """Floats to 6 significant digits, so that files stay small and readable."""
    if isinstance(value, dict):
        return {str(key): rounded(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [rounded(one) for one in value]
    return float(f"{value:.6g}") if isinstance(value, float) else value


def refresh(name: str, write: bool) -> list[str]:
    """Measure one study; write it where it is new or moved; the differences to what shipped."""
    began = time.perf_counter()
    new = json.loads(json.dumps(rounded(measure(name))))
    old = shipped(name) if place(name).is_file() else None
    moved = differences(old, new) + moved_shares(old, new) if old is not None else []
    if write and (moved or not place(name).is_file()):
        place(name).parent.mkdir(parents=True, exist_ok=True)
        place(name).write_text(json.dumps(new, indent=1) + "\n", encoding="utf-8", newline="\n")
    state = f"{len(moved)} rates moved" if moved else "as shipped"
    print(f"{name}: {time.perf_counter() - began:.0f} s, {state}", flush=True)
    return [f"{name}{sentence}" for sentence in moved]


def chosen(words: list[str]) -> list[str]:
    """The studies that the words of the command line name."""
    names = []
    for word in MODULES if words == ["all"] else words:
        lesson = word.partition("/")[0]
        names += [word] if "/" in word else [f"{lesson}/{one}" for one in studies_of(lesson)]
    return names


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m course.studies",
                                     description=__doc__.split("\n")[0])
    parser.add_argument("study", nargs="+", help="list, all, a lesson, or LESSON/NAME")
    parser.add_argument("--compare", action="store_true", help="write nothing")
    options = parser.parse_args(arguments)
    try:
        if options.study == ["list"]:
            for name in chosen(["all"]):
                lesson, short = name.split("/")
                print(f"{name}\t{studies_of(lesson)[short].study_seconds:.0f} s")
            return 0
        moved = [s for name in chosen(options.study) for s in refresh(name, not options.compare)]
    except CourseError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    for sentence in moved:
        print(sentence)
    return 1 if moved else 0


if __name__ == "__main__":
    sys.exit(main())
