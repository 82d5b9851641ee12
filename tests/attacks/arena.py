"""Grades hostile submissions beside honest ones, in one run, and looks for canaries afterwards."""

import contextlib
import dataclasses
import hashlib
import json
import os
import re
import secrets
import shutil
import socket
import sqlite3
import tempfile
import threading
from pathlib import Path

from course.paths import ROOT
from grader.queue import flow, packed, pool
from grader.queue.ledger import Ledger
from grader.reports import lms, pages, tables
from tests.attacks import lesson
from tests.attacks.case import CASES, Case
from tests.attacks.lesson import FULL, HONEST, LESSON

BUDGET = {"cell": 2, "check": 1.5, "notebook": 20, "restarts": 2}
LIMITS = {"memory_mb": 700, "disk_mb": 32, "file_mb": 16, "cpu_seconds": 60}
PLANTED, DAEMON = "planted-97", "97531"
CANARY = re.compile(r"canary-[a-z]+-\d{6}")
WHERE = (ROOT, ROOT / "grader", ROOT / "course", Path("/tmp"), Path("/var/tmp"), Path("/dev/shm"),
         Path.home(), Path.home() / ".ipython" / "profile_default" / "startup")


@dataclasses.dataclass
class Outcome:
    """What became of one case: the result of its submission, of the honest one beside it."""

    case: Case
    points: float
    result: dict
    honest: dict
    outputs: dict
    row: dict

    def sentences(self) -> str:
        """All that is said beside the score."""
        found = [self.row.get("refused") or "", self.result.get("reason", "")]
        found += [i["message"] for i in self.result.get("items", ())]
        found += [n["sentence"] for n in self.result.get("notes", ())]
        return "\n".join(found)


def world() -> Path:
    """A course folder full of canaries that anyone on this machine may read and change."""
    top = Path(tempfile.mkdtemp(prefix="arena-"))
    mark = f"canary-{{}}-{secrets.randbelow(10**6):06}"
    (top / "solutions").mkdir()
    lesson.write_source(top)
    (top / "solutions" / "note.txt").write_text(mark.format("source"), encoding="utf-8")
    db = sqlite3.connect(top / "gradebook.db")
    db.execute("CREATE TABLE results (points, note)")
    db.execute("INSERT INTO results VALUES (0, ?)", (mark.format("gradebook"),))
    db.commit()
    db.close()
    zoe = top / "submitted" / "zoe" / LESSON
    zoe.mkdir(parents=True)
    (zoe / f"{LESSON}.ipynb").write_text(json.dumps({"x": mark.format("neighbour")}),
                                         encoding="utf-8")
    (top / "submitted" / "zoe" / "timestamp.txt").write_text("now", encoding="utf-8")
    (top / "nbgrader_config.py").write_text("# " + mark.format("config"), encoding="utf-8")
    os.environ["COURSE_CANARY"] = mark.format("environ")
    for path in [top, *top.rglob("*")]:  # the sandbox must keep it, not the rights of files
        path.chmod(0o777 if path.is_dir() else 0o666)
    return top


def fingerprint(top: Path) -> dict:
    """{file: (hash, rights, time)} of everything below a folder."""
    return {str(p.relative_to(top)): (hashlib.sha256(p.read_bytes()).hexdigest(),
                                      p.stat().st_mode, p.stat().st_mtime_ns)
            for p in sorted(top.rglob("*")) if p.is_file()}


class Service:
    """Local services that nobody in a sandbox may reach: TCP, UDP, Unix by path and by name."""

    def __init__(self, top: Path):
        self.reached: list[str] = []
        tcp, udp = socket.socket(), socket.socket(type=socket.SOCK_DGRAM)
        tcp.bind(("127.0.0.1", 0))
        self.port = tcp.getsockname()[1]
        udp.bind(("127.0.0.1", self.port))
        path, name = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)
        path.bind(str(top / "service"))
        os.chmod(top / "service", 0o777)
        name.bind(f"\0canary-{self.port}")
        self.socks = [tcp, path, name, udp]
        for sock in self.socks[:3]:
            sock.listen()
        for sock, kind in zip(self.socks, ("tcp", "path", "name", "udp")):
            threading.Thread(target=self._wait, args=(sock, kind), daemon=True).start()

    def _wait(self, sock, kind) -> None:
        with contextlib.suppress(OSError):
            sock.recv(10) if kind == "udp" else sock.accept()
            self.reached.append(kind)

    def close(self) -> None:
        for sock in self.socks:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()


def planted() -> list[str]:
    """Files that an attack left outside, and processes that live on."""
    found = [str(p) for folder in WHERE if folder.is_dir()
             for p in folder.iterdir() if PLANTED in p.name]
    for name in ("usercustomize.py", "sitecustomize.py", "numpy.py", "json.py"):
        found += [str(f / name) for f in WHERE if (f / name).exists()]
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if DAEMON.encode() in (process / "cmdline").read_bytes().split(b"\0"):
                found.append(f"process {process.name}")
    return found


def written(case: Case, released, values: dict) -> bytes:
    """The bytes of a case's file. values: {placeholder: text}."""
    answers = {name: HONEST[name] for name in case.honest} | case.answers
    data = lesson.submission(released, answers, case.name)
    for number, (behind, source) in enumerate(case.extra):
        at = next(i for i, c in enumerate(data["cells"])
                  if c["metadata"].get("nbgrader", {}).get("grade_id") == behind)
        data["cells"].insert(at + 1, {"cell_type": "code", "id": f"extra-{number}", "metadata": {},
                                      "source": source, "outputs": [], "execution_count": None})
    if case.change:
        changed = case.change(data)
        data = data if changed is None else changed
    if isinstance(data, bytes):
        return data
    text = json.dumps(data)
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text.encode()


class Arena:
    """One run over some cases. level: of the sandbox. outcomes: {case name: Outcome}."""

    def __init__(self, cases: list[Case], level: str = "best", jobs: int = 2):
        self.top, self.store = world(), Path(tempfile.mkdtemp(prefix="arena-store-"))
        self.service = Service(self.top)
        before = fingerprint(self.top / "submitted"), fingerprint(self.top)
        try:
            self._grade(cases, level, jobs)
            self.reached, self.planted = list(self.service.reached), planted()
            self.untouched = before == (fingerprint(self.top / "submitted"), fingerprint(self.top))
        finally:
            self.service.close()
            os.environ.pop("COURSE_CANARY", None)
            shutil.rmtree(self.top, ignore_errors=True)
            shutil.rmtree(self.store, ignore_errors=True)

    def _grade(self, cases: list[Case], level: str, jobs: int) -> None:
        with tempfile.TemporaryDirectory() as scratch:
            plan = lesson.make_plan(Path(scratch) / "course")
            incoming = Path(scratch) / "incoming"
            incoming.mkdir()
            self._hand_in(cases, plan, incoming)
            options = pool.Options(jobs=jobs, level=level, outputs=True, budget=BUDGET,
                                   limits=LIMITS, packed={LESSON: packed.pack(plan)})
            with Ledger(self.store, write=True) as ledger:
                run, self.whole = flow.grade(ledger, [incoming], options, LESSON)
                self.level = options.level
                self._collect(cases, ledger, run, plan.key, options)
                self._report(ledger, run, Path(scratch) / "pages")

    def _hand_in(self, cases, plan, incoming: Path) -> None:
        values = {"WORLD": str(self.top), "STORE": str(self.store), "ROOT": str(ROOT),
                  "PORT": str(self.service.port), "NEIGHBOUR": str(incoming / "honest-0.ipynb")}
        for number, case in enumerate(cases):
            beside = lesson.submission(plan.released, HONEST, f"beside {number}")
            (incoming / f"honest-{number}.ipynb").write_text(json.dumps(beside), encoding="utf-8")
            path = incoming / f"hostile-{number}{case.suffix}"
            if case.place:
                case.place(path, values)
            else:
                path.write_bytes(written(case, plan.released, values))

    def _collect(self, cases, ledger, run, key, options) -> None:
        rows: dict[str, list] = {}
        for row in ledger.rows(run=run):
            rows.setdefault(re.match(r"(hostile|honest)-\d+|", row["name"])[0] or row["learner"],
                            []).append(dict(row))
        self.outcomes, self.texts = {}, []
        for number, case in enumerate(cases):
            mine = rows.get(f"hostile-{number}", []) or [
                r for name, many in rows.items() for r in many if f"hostile-{number}" in r["learner"]]
            results = [json.loads(r["result"]) if r["result"] else {} for r in mine]
            best = max(results, key=lambda r: r.get("points", 0), default={})
            outputs = {}
            for row in mine:
                if row["sha"]:
                    outputs |= ledger.outputs(row["sha"], key, options.environment)
            beside = json.loads(rows[f"honest-{number}"][0]["result"] or "{}")
            self.outcomes[case.name] = Outcome(case, best.get("points", 0.0), best, beside, outputs,
                                               mine[0] if mine else {})

    def _report(self, ledger, run: int, folder: Path) -> None:
        """All that people will look at: {name: text}."""
        rows = tables.Rows(ledger, run=run)
        pages.write_all(ledger, rows, folder)
        self.pages = {p.name: p.read_text(encoding="utf-8") for p in folder.rglob("*.html")}
        self.csv = "".join(tables.as_csv(rows)), "".join(lms.canvas(rows)), "".join(lms.moodle(rows))
        self.screen = list(tables.lines(rows, details=True)) + list(tables.summary(ledger, rows))

    def faults(self, name: str) -> list[str]:
        """What is wrong with the outcome of a case, in words."""
        out = self.outcomes[name]
        case, wrong = out.case, []
        if out.points > case.points or (case.exact and out.points != case.points):
            wrong.append(f"{out.points} points, not {case.points}: {out.sentences()[:1500]}")
        if out.honest.get("points") != FULL:
            wrong.append(f"the honest one beside it got {out.honest}")
        if not out.row:
            wrong.append("it has no row in the ledger")
        elif out.points < FULL and not out.sentences().strip():
            wrong.append("points are missing and no sentence says why")
        told = json.dumps([out.result, out.outputs, out.row], default=str)
        if leaks := set(CANARY.findall(told)):
            wrong.append(f"it read {sorted(leaks)}")
        if case.told and case.told not in out.sentences():
            wrong.append(f"nothing says {case.told!r}: {out.sentences()[:1500]}")
        return wrong


def all_cases(kind: str) -> list[Case]:
    """The cases of one class, in the order they were written."""
    from tests.attacks import (  # noqa: F401  (they register their cases)
        cases_denial, cases_files, cases_kernel, cases_leaks, cases_notebook)
    return [case for case in CASES.values() if case.kind == kind]
