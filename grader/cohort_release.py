"""`grader release --seed S`: lessons for one cohort, in a folder of its own, never in the tree.

The folder is an nbgrader course: solutions/ (private), notebooks/ (what learners get),
nbgrader_config.py, and cohort.json with the seed and what it chose. Every version is built, its
reference answers must pass, here and under the judge, and the default's must fail where the
contract differs, before anything is written.

solutions/NN_topic/NN_topic.ipynb is the one source of a class's checks: nbgrader makes the
released notebook from it, the grader reads its checks in it, and a teacher mends them there.
"""

import json
import os
import shutil
import re
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from course.paths import ROOT, CourseError
from grader import build, cohort, intake, variants
from grader.judge.gate import refused
from grader.kernel import is_demo
from grader.release import release, text_of
from grader.replay import Replay
from grader.source import lessons, read_lesson, source_path
from grader.words import cause

FILE = "cohort.json"


def make(lesson: str, seed: str, name: str, folder: Path) -> tuple[object, list[cohort.Choice]]:
    """Write one lesson's source, notebooks and stored values for a cohort into `folder`;
    (the solution notebook, what was chosen). The stored values are made anew by its own answers."""
    choices = cohort.choose(lesson, seed)
    here = folder / "solutions" / lesson
    (here / "reference").mkdir(parents=True, exist_ok=True)
    for path in sorted(cohort.reference_folder(lesson).glob("[!.]*")):
        shutil.copy(path, here / "reference" / path.name)
    (here / f"{lesson}.py").write_text(cohort.text_for(lesson, choices), encoding="utf-8")
    solution = read_lesson(here / f"{lesson}.py")
    solution.metadata["course"]["cohort"] = name
    with Replay(here) as replay:
        os.environ["COURSE_WRITE_REFERENCES"] = "1"
        for cell in _running(solution):
            if error := replay.run(cell.id, cell.source):
                raise CourseError(f"{lesson} for {name}, cell {cell.id}: {type(error).__name__}: "
                                  f"{error}")
    (here / f"{lesson}.ipynb").write_text(text_of(solution), encoding="utf-8")
    there = folder / "notebooks" / lesson
    shutil.copytree(here / "reference", there / "reference", dirs_exist_ok=True)
    (there / f"{lesson}.ipynb").write_text(text_of(release(solution, lesson)), encoding="utf-8")
    return solution, choices


def refuse_unjudged(lesson: str, solution, folder: Path) -> float:
    """Its own answers must pass as they will be graded, too: by the judge, in another process.
    The seconds that took."""
    began = time.monotonic()
    if problems := refused(lesson, solution, folder / "solutions" / lesson):
        raise CourseError(f"{lesson}: its own answers do not get all points when they are graded, so "
                          f"nothing was written ({'; '.join(problems)}): mend solutions/{lesson}/"
                          "cohort.py, or take another seed")
    return time.monotonic() - began


def changed_values(lesson: str, folder: Path) -> list[str]:
    """Names of stored values that differ from the default lesson's: prose may quote them."""
    new = folder / "solutions" / lesson / "reference"
    return [path.name for path in sorted(new.glob("*"))
            if path.read_bytes() != (cohort.reference_folder(lesson) / path.name).read_bytes()]


def heading_of(solution, file: str) -> str:
    """The heading under which a stored value is made; "" when no cell names it."""
    heading = ""
    for cell in solution.cells:
        if cell.cell_type == "code" and re.search(rf"""["']{re.escape(file)}["']""", cell.source):
            return heading
        titles = re.findall(r"^#+ (.+)$", cell.source, re.M) if cell.cell_type == "markdown" else []
        heading = titles[-1] if titles else heading
    return ""


def verdicts(solution, folder: Path, others: dict[str, dict[str, str]]) -> dict[str, dict[str, bool]]:
    """{label: {exercise: passed}} of other people's answers, {label: {exercise: source}}, on the
    checks of this solution, hidden tests included. Who answers only some exercises gets those."""
    found: dict[str, dict[str, bool]] = {label: {} for label in others}
    cells = _running(solution)
    with Replay(folder) as replay:
        for index, cell in enumerate(cells):
            course = cell.metadata.get("course", {})
            if course.get("kind") == "exercise":
                block = variants._block(cells, index, course["exercise"])
                for label, answers in others.items():
                    if course["exercise"] not in answers:
                        continue
                    variant = variants.Variant(course["exercise"], "right", label,
                                               answers[course["exercise"]])
                    found[label][course["exercise"]] = variants._verdict(
                        replay, variant, block, hidden=True)[0]
            if error := replay.run(cell.id, cell.source):
                raise CourseError(f"cell {cell.id} of the solution: {type(error).__name__}: {error}")
    return found


def _running(solution) -> list:
    return [c for c in solution.cells if c.cell_type == "code" and not is_demo(c)]


def reference_answers(lesson: str, choices: list[cohort.Choice]) -> dict[str, str]:
    """{exercise: the reference answer} under some choices."""
    with tempfile.TemporaryDirectory(prefix="cohort-") as scratch:
        path = Path(scratch) / f"{lesson}.py"
        path.write_text(cohort.text_for(lesson, choices), encoding="utf-8")
        return cohort.answers(read_lesson(path))


def refuse_weak(lesson: str, choices: list[cohort.Choice], default: dict[str, bool]) -> None:
    """The default's answer must fail exactly where the contract differs, and that must be a third
    of the exercises at least."""
    differs = {choice.exercise for choice in choices if choice.contract}
    if 3 * len(differs) < len(default):
        raise CourseError(f"{lesson}: the contract differs in {len(differs)} of {len(default)} "
                          f"exercises, a third is needed: add alternatives to its cohort.py")
    for choice in choices:
        if choice.contract and default[choice.exercise]:
            raise CourseError(f"{lesson}: the default's answer of {choice.exercise} passes "
                              f"{choice.name}: its check does not look at what differs")
    lost = [name for name, passed in default.items() if not passed and name not in differs]
    if lost:
        raise CourseError(f"{lesson}: the default's answer of {lost[0]} fails although its contract "
                          "is the same: a slice or a neighbour breaks it")


def release_cohort(names: list[str], seed: str | None, name: str, out: Path,
                   against: list[str] = (), tag: bool = False, force: bool = False) -> Iterator[str]:
    """Build lessons for a cohort into `out`; sentences about each as they are done. Without a seed
    the lessons are copied as they are: later changes of the course do not reach the class.
    against: seeds whose reference answers are tried; without one, some other seed's. force:
    lessons that are in the folder are written again."""
    for lesson in names if seed is not None else ():
        cohort.declared(lesson)  # a lesson without versions is named before any work
    _refuse_seeds(seed, against)
    _refuse_folder(out, name, seed)
    if not force:
        _refuse_again(out, names)
    note = {"name": name, "seed": seed, "commit": _commit(), "lessons": {}}
    out.mkdir(parents=True, exist_ok=True)
    out.chmod(0o700)  # solutions and the seed
    if seed is None:
        for lesson in names:
            _take_over(ROOT, out, lesson)
            note["lessons"][lesson] = {}
            yield f"{lesson}: as it is"
    for lesson in names if seed is not None else ():
        with tempfile.TemporaryDirectory(prefix="cohort-") as scratch:
            folder = Path(scratch)
            solution, choices = make(lesson, seed, name, folder)
            seconds = refuse_unjudged(lesson, solution, folder)
            others = _others(lesson, seed, against)
            got = verdicts(solution, folder / "solutions" / lesson, others)
            refuse_weak(lesson, choices, got["the public course"])
            stale = changed_values(lesson, folder)
            _take_over(folder, out, lesson)
        note["lessons"][lesson] = {choice.exercise: choice.name for choice in choices}
        yield from _told(lesson, choices, got)
        for file in stale:
            yield (f"  the stored values {file} are other ones: read whether the text of the lesson "
                   f"under {heading_of(solution, file)!r} still fits")
        yield f"  its own answers get all points from the judge that grades (tried in {seconds:.0f} s)"
    _finish(out, note)
    if tag:
        yield _tag(name)
    held = f"{FILE} holds the seed, solutions/ the answers" if seed else "solutions/ holds the answers"
    yield f"wrote {out}: give learners {out / 'notebooks'} only; {held}"


def _others(lesson: str, seed: str, against: list[str]) -> dict[str, dict[str, str]]:
    """{whose: their reference answers}, tried on a new version."""
    others = {"the public course": cohort.answers(read_lesson(source_path(lesson)))}
    tried = {f"a class with the seed {other!r}": other for other in against} or {
        "a class with another seed": f"{seed} and another"}
    return others | {whose: reference_answers(lesson, cohort.choose(lesson, other))
                     for whose, other in tried.items()}


def _told(lesson: str, choices: list[cohort.Choice], got: dict[str, dict[str, bool]]) -> Iterator[str]:
    """What differs in one lesson, and how many exercises other people's reference answers solve."""
    other = [choice.exercise for choice in choices if choice.contract]
    data = [choice.exercise for choice in choices if not choice.contract]
    yield (f"{lesson}: something else is asked in {len(other)} of {len(next(iter(got.values())))} "
           f"exercises, other data are used in {len(data)}")
    for choice in choices:
        values = ", ".join(f"{key}={value}" for key, value in choice.values.items())
        yield (f"  {choice.exercise} {'asks something else' if choice.contract else 'has other data'}: "
               f"{choice.alternative['says']}" + (f" ({values})" if values else ""))
    for whose, passed in got.items():
        yield (f"  answers copied from {whose} solve {sum(passed.values())} of {len(passed)} "
               f"exercises here")


def _refuse_seeds(seed: str | None, against: list[str]) -> None:
    if seed is None:
        return
    if not all(text.strip() for text in (seed, *against)):
        raise CourseError("a seed is a text that nobody can guess, such as three words and a number; "
                          "yours is empty")
    if seed in against:
        raise CourseError("--against needs another seed than --seed: with the same one every "
                          "answer passes")


def _refuse_folder(out: Path, name: str, seed: str | None) -> None:
    for path in (out, *out.parents):
        if path.is_file():
            raise CourseError(f"{path} is a file: name a folder")
    if out.resolve() == ROOT or ROOT in out.resolve().parents:
        raise CourseError(f"{out} lies in the course: a cohort's solutions must not get into its "
                          "history; name a folder elsewhere")
    if (out / FILE).is_file():
        known = read(out)
        if known["name"] != name:
            raise CourseError(f"{out} belongs to the cohort {known['name']!r}: name another folder")
        if known["seed"] != seed:
            was = "without a seed" if known["seed"] is None else "with another seed"
            raise CourseError(f"{out} was released {was}: give all lessons of a class the same --seed, "
                              "or name another folder")
    elif out.exists() and any(out.iterdir()):
        raise CourseError(f"{out} is not empty and holds no {FILE}: name another folder")


def _refuse_again(out: Path, names: list[str]) -> None:
    """Learners may hold what is there, and a teacher may have mended it."""
    there = [lesson for lesson in names if lesson in (read(out)["lessons"] if (out / FILE).is_file()
                                                      else ())]
    if there:
        raise CourseError(f"{', '.join(there)}: released in {out} already, and learners may hold it: "
                          "name the lessons to add; with --force it is written again, and what was "
                          "changed in its solutions/ is lost")


def seed_of(out: Path) -> str | None:
    """The seed that a cohort's folder was released with, None without one or without a folder."""
    return read(out)["seed"] if (out / FILE).is_file() else None


def _take_over(scratch: Path, out: Path, lesson: str) -> None:
    for part in ("solutions", "notebooks"):
        target = out / part / lesson
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(scratch / part / lesson, target,
                        ignore=shutil.ignore_patterns("__pycache__", ".*", "instructor.md", "*.py"))


def _finish(out: Path, note: dict) -> None:
    config = (ROOT / "nbgrader_config.py").read_text(encoding="utf-8")
    build.write(out / "nbgrader_config.py", config.replace('"labels-to-agents"', repr(note["name"])))
    if build.GLOSSARY.is_file():
        shutil.copy(build.GLOSSARY, out / "notebooks" / "glossary.md")
    if (out / FILE).is_file():
        note["lessons"] = read(out)["lessons"] | note["lessons"]
    build.write(out / FILE, json.dumps(note, indent=1, ensure_ascii=False) + "\n")
    (out / FILE).chmod(0o600)


def read(out: Path) -> dict:
    """cohort.json of a cohort's folder; CourseError when it is none."""
    try:
        return json.loads((out / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CourseError(f"{out} is no cohort's folder ({cause(error)}): make one with grader release") \
            from None


def packed_lessons(out: Path) -> dict[str, dict]:
    """{lesson: its package for the queue} of a cohort's folder."""
    from grader.engine.plan import plan_of
    from grader.queue import packed
    found = {}
    for lesson in read(out)["lessons"]:
        found[lesson] = packed.pack(plan_of(lesson, solution_of(out, lesson),
                                            out / "solutions" / lesson / "reference"))
    return found


def solution_of(out: Path, lesson: str):
    """A class's own lesson with answers and hidden tests, as it stands now: teachers may have
    changed it in JupyterLab. CourseError when it cannot be read."""
    solution, _ = intake.read(out / "solutions" / lesson / f"{lesson}.ipynb")
    for cell in solution.cells:
        if name := intake.grade_id(cell):
            cell.id = name  # by which the grader knows a check; editors may give others
    return solution


def another_version(out: Path) -> str:
    """A sentence when the course is not at the commit at which the cohort was released, else '';
    also where nobody can tell (a hub hides .git from instructors)."""
    released, now = read(out).get("commit", ""), _commit()
    if not released or not now or released == now:
        return ""
    return (f"the cohort was released with course version {released[:12]}, this is {now[:12]}: to "
            f"grade with that one, git worktree add ../course-then {released[:12]}")


def _commit() -> str:
    """The course's commit, with + when files differ from it; '' outside git."""
    try:
        git = ["git", "-C", str(ROOT)]
        head = subprocess.run([*git, "rev-parse", "HEAD"], capture_output=True, text=True, check=True)
        dirty = subprocess.run([*git, "status", "--porcelain", "-uno"], capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return head.stdout.strip() + ("+" if dirty.stdout.strip() else "")


def _tag(name: str) -> str:
    commit = _commit()
    if not commit or commit.endswith("+"):
        raise CourseError("a tag needs a commit with everything in it: commit, then release again")
    done = subprocess.run(["git", "-C", str(ROOT), "tag", "-a", f"cohort-{name}", "-m",
                           f"released for {name}"], capture_output=True, text=True)
    if done.returncode and "already exists" not in done.stderr:
        raise CourseError(f"git tag: {done.stderr.strip()}")
    return f"the course is tagged cohort-{name}"


def all_lessons() -> list[str]:
    """Lessons that have versions for cohorts."""
    return [name for name in lessons() if (cohort.SOLUTIONS / name / "cohort.py").is_file()]
