"""One submission in one process: read, heal, run, judge; what it finds goes out as JSON lines.

The process is forked from a nursery that warmed the lesson. It has limits of its own, since a
value sent by a learner is decoded in it; when it dies, the nursery starts it again without the
check it died in.
"""

import json
import os
import resource
import sys
from dataclasses import dataclass, field
from pathlib import Path

from course.paths import CourseError
from grader import intake
from grader.engine.session import Budget, NoSeat, Session, plain
from grader.kernel import is_demo
from grader.queue import slim

MEMORY = 3_000_000_000  # bytes of data a grading process may use on top of what it inherits
TEXT, PICTURES = 200_000, 2_000_000  # characters of text and of pictures kept of one notebook
SOURCES, CELL = 5_000_000, 500_000  # characters told of all cells and of one
EXTRA = 100  # code cells of the learner's own that are run
UNREADABLE = ("SyntaxError", "IndentationError", "TabError")  # intake has told them
LINE = 4_000_000  # characters of one line to the nursery


@dataclass
class Job:
    """One submission: path of the kept original, its name for sentences, whether its outputs
    are wanted, checks to leave out."""

    number: int
    path: str
    name: str
    outputs: bool = False
    skip: set[str] = field(default_factory=set)


def grade(plan, start, job: Job, pipe: int, budget: Budget) -> None:
    """Grade and write lines to the descriptor `pipe`: {"begin"}, verdicts, {"note"}, {"refused"},
    {"cell"} and {"output"} when wanted, and {"done"} at the end; {"machine"} instead when no runner
    could be started. start: gives a Seat. Runs in a forked process."""
    def tell(line: dict) -> None:
        data = json.dumps(line)[:LINE].encode() + b"\n"
        while data:
            data = data[os.write(pipe, data):]
    try:
        notebook, notes = prepared(plan, Path(job.path), job.name)
    except Exception as error:  # a file may be odd in ways that no reader foresees
        told = str(error) if isinstance(error, CourseError) else (
            f"{job.name} cannot be read as a notebook ({type(error).__name__})")
        tell({"refused": told})
        tell({"done": True})
        return
    for note in notes:
        tell({"note": note})
    session = Session(plan, start, tell, budget)
    if job.outputs:
        _tell_cells(notebook, tell)
    try:
        session.run(notebook, frozenset(job.skip))
    except NoSeat as error:  # the machine's fault: no reason for a score
        tell({"machine": str(error)})
        return
    _tell_outputs(plan, session, job, tell)
    tell({"done": True})


def limit(budget: Budget) -> None:
    """Bound this process: memory, processor time, no core file."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_DATA, (_data_now() + MEMORY,) * 2)
    seconds = int(budget.notebook) + 60
    used = sum(os.times()[:2])
    resource.setrlimit(resource.RLIMIT_CPU, (int(used) + seconds, int(used) + seconds + 5))


def _data_now() -> int:
    """Bytes of data this process has already; RLIMIT_DATA counts them."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[5])
        return pages * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 2_000_000_000


def prepared(plan, path: Path, name: str):
    """(the healed notebook, notes) of a kept original; CourseError when it cannot be read."""
    text, dropped = slim.without_outputs(path, name)
    notebook, found = intake.parse(text, name)
    del text
    found += intake.inspect(notebook, plan.released)
    notes = [{"kind": f.kind, "sentence": f.sentence} for f in found
             if f.healed or f.kind in ("syntax", "input")]
    healed = intake.heal(notebook, plan.released)
    if dropped:
        notes.append({"kind": "outputs", "sentence": f"{dropped // 1_000_000} MB of outputs were "
                      "left out before the file was read"})
    return healed, notes + _drop_extra(healed, plan)


def _drop_extra(notebook, plan) -> list[dict]:
    """Keep the first EXTRA code cells that are not the course's."""
    ours = {c.id for c in plan.released.cells}
    extra = [c for c in notebook.cells if c.cell_type == "code" and not intake.grade_id(c)
             and c.id not in ours and not is_demo(c)]
    if len(extra) <= EXTRA:
        return []
    gone = {id(c) for c in extra[EXTRA:]}
    notebook.cells = [c for c in notebook.cells if id(c) not in gone]
    return [{"kind": "cells", "sentence": f"the notebook has {len(extra)} cells of its own; the "
             f"first {EXTRA} were run"}]


def _tell_cells(notebook, tell) -> None:
    """The healed notebook, cell by cell, for those who write it down (autograde)."""
    room = SOURCES
    for cell in notebook.cells:
        source = cell.source[:min(room, CELL)]  # as JSON at most six times as long: below LINE
        room -= len(source)
        demo = {"demo": True} if is_demo(cell) else {}
        tell({"cell": {"id": str(cell.id)[:64], "type": cell.cell_type, "source": source,
                       "name": intake.grade_id(cell)} | demo})


def _tell_outputs(plan, session, job: Job, tell) -> None:
    """Why cells did not run, always; what cells printed and drew only when asked for."""
    answers = {intake.grade_id(c) for c in plan.released.cells if intake.is_answer(c)}
    text, pictures = TEXT, PICTURES
    for name, output in session.outputs.items():
        error = str(output.get("error") or "")[:2000]
        if error and name in answers and not error.startswith(UNREADABLE):
            tell({"note": {"kind": "error", "sentence": f"the cell `{name}` ended with: "
                           f"{plain(error)}"}})
        if not job.outputs:
            continue
        kept = {"error": error, "line": str(output.get("line") or "")[:500],
                "text": str(output.get("text") or "")[:text], "pictures": []}
        text -= len(kept["text"])
        for picture in output.get("pictures") or []:
            if isinstance(picture, str) and len(picture) <= pictures:
                kept["pictures"].append(picture)
                pictures -= len(picture)
        tell({"output": [name, kept]})


def start_forked(plan, opener, job: Job, budget: Budget) -> tuple[int, int]:
    """Fork the process of one submission; (its pid, the descriptor to read lines from).
    opener(): gives the function that makes Seats."""
    reads, writes = os.pipe()
    sys.stdout.flush()
    nursery = os.getpid()
    pid = os.fork()
    if pid:
        os.close(writes)
        os.set_blocking(reads, False)
        return pid, reads
    try:
        os.close(reads)
        _die_with_parent(nursery)
        os.setpgid(0, 0)
        limit(budget)
        grade(plan, opener(), job, writes, budget)
        os._exit(0)
    except BaseException as error:  # whatever it is: the nursery must see an end, not a hang
        os.write(2, f"grading process: {type(error).__name__}: {error}\n"[:500].encode())
    finally:
        os._exit(70)


def _die_with_parent(nursery: int) -> None:
    """A nursery that is killed takes its grading processes with it (Linux)."""
    import ctypes
    import signal
    try:
        ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)
    except (OSError, AttributeError):
        return
    if os.getppid() != nursery:  # it died before we asked to die with it
        os._exit(70)
