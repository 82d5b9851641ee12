"""`--dask ADDRESS`: the same queue with dask.distributed's workers, on this machine or others.

A worker gets the lesson as a package (hidden tests included: the workers must be yours), one
submission's bytes and its name, and returns a result as JSON; it never sees the ledger. The
leader commits. A lost worker's work is given to another, what comes twice is kept once, and
after a restart of the scheduler what was under way is handed out again.
"""

import contextlib
import json
import logging
import re
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from course.paths import CourseError
from grader.queue import pool, result, retention, stamps

ATTEMPTS = 3  # errors of workers that one submission may cause
PATIENCE = 120  # seconds that a scheduler may be away
AHEAD = 2  # submissions handed out for each thread of a worker
LARGE = 2_000_000  # bytes; larger files travel without their outputs


def engine(address: str) -> Callable:
    """A function like pool.grade_lesson; CourseError when dask is missing or nobody answers."""
    if not re.fullmatch(r"(tcp|tls|ws|wss|ucx|inproc)://\S+", address):
        raise CourseError(f"{address!r} is no address of a dask scheduler: it looks like "
                          "tcp://10.0.0.5:8786")
    try:
        import distributed
    except ImportError:
        raise CourseError("--dask needs dask.distributed: pip install -r "
                          "requirements/grading.txt, or leave --dask away") from None
    for name in ("distributed", "tornado"):  # they print what is handled here
        logging.getLogger(name).setLevel(logging.CRITICAL)
    line = _Line(address, distributed)
    line.connect(5)

    def grade_lesson(ledger, run, lesson, options, show, stopped):
        _grade(line, ledger, run, lesson, options, show, stopped)
    grade_lesson.close = line.close
    return grade_lesson


class _Line:
    """The connection to the scheduler, made again when it breaks."""

    def __init__(self, address: str, distributed):
        self.address, self.distributed, self.client = address, distributed, None

    def connect(self, patience: float, stopped: Callable = lambda: False) -> None:
        self.close()
        until = time.monotonic() + patience
        while not stopped():
            try:
                self.client = self.distributed.Client(self.address, timeout=3, set_as_default=False)
                return
            except Exception:  # also assertions of dask's own threads
                if time.monotonic() > until:
                    raise CourseError(f"no dask scheduler answers at {self.address}: start one "
                                      "(dask scheduler) and workers (dask worker ADDRESS), or "
                                      "leave --dask away") from None
                time.sleep(0.5)

    def close(self) -> None:
        if self.client is not None:
            with contextlib.suppress(Exception):  # whatever state the line is in
                self.client.close(timeout=2)
            self.client = None

    def broken(self) -> bool:
        return self.client is None or self.client.status != "running"

    def room(self) -> int:
        """How many submissions to hand out at a time."""
        workers = self.client.scheduler_info(n_workers=-1).get("workers", {})
        return AHEAD * max(sum(w.get("nthreads", 1) for w in workers.values()), 1)


def _grade(line, ledger, run, lesson, options, show, stopped) -> None:
    """pool.grade_lesson with futures for nurseries."""
    from grader.queue import packed
    shape, lead = pool.shape_of(ledger, lesson, options, stopped)
    if lead:
        lead.close()
    key, environment = shape["key"], options.environment
    total, done = ledger.count(run, lesson, key, environment, options.outputs)
    show(done, total)
    if done == total:
        return
    package = options.packed.get(lesson) or packed.pack(packed.read(lesson))
    work = _Work(line, ledger, run, shape, options, package,
                 ledger.pending(run, lesson, key, environment, options.outputs))
    try:
        while not stopped() and work.feed(stopped):
            done += work.take()
            show(done, total)
    finally:
        work.drop()
    pool.tell_left(shape, work.left, options)


class _Work:
    """What is handed out: {future: (sha, name, attempts)}. left: as in pool."""

    def __init__(self, line, ledger, run, shape, options, package, todo):
        self.line, self.ledger, self.run, self.shape = line, ledger, run, shape
        self.options, self.package, self.todo = options, package, todo
        self.out, self.again, self.shared, self.done, self.left = {}, [], None, 0, {}

    def feed(self, stopped) -> bool:
        """Hand out what there is room for; False when nothing is left."""
        if self.line.broken():
            self._all_again()
            self.line.connect(PATIENCE, stopped)
            if self.line.client is None:
                return False
        try:
            room = self.line.room()
            while len(self.out) < room:
                item = self.again.pop() if self.again else next(self.todo, None)
                if item is None:
                    break
                self._hand_out(*item)
        except (OSError, TimeoutError, RuntimeError, ValueError):  # the scheduler went away
            self.line.close()
            return True
        return bool(self.out or self.again or self.done)

    def _hand_out(self, sha: str, name: str, attempts: int = 0) -> None:
        try:
            data = _bytes(retention.original(self.ledger.folder, sha), name)
        except CourseError as error:
            self._keep(sha, result.refused(self.shape, str(error)), {})
            self.done += 1
            return
        client = self.line.client
        try:
            if self.shared is None:  # a task, so that a lost worker's copy is made again
                self.shared = client.submit(_same, json.dumps(self.package), pure=False,
                                            key=f"lesson-{self.shape['key']}-{time.time_ns()}")
            wanted = {"level": self.options.level, "limits": self.options.limits,
                      "budget": self.options.budget}
            future = client.submit(grade_here, self.shared, data, name, wanted,
                                   self.options.outputs, self.options.environment,
                                   key=f"grade-{sha[:24]}-{time.time_ns()}", retries=1)
        except BaseException:
            self.again.append((sha, name, attempts))
            raise
        self.out[future] = (sha, name, attempts)
        self.ledger.begun(self.run, sha)

    def take(self) -> int:
        """Keep what came; how many."""
        done, self.done = self.done, 0
        until = time.monotonic() + 0.5
        while not any(f.done() for f in self.out) and time.monotonic() < until:
            time.sleep(0.02)
        for future in [f for f in self.out if f.done()]:
            sha, name, attempts = self.out.pop(future)
            try:
                answer = json.loads(future.result(timeout=30))
            except Exception as error:
                done += self._failed(future, error, sha, name, attempts)
                continue
            if isinstance(answer, dict):
                if "stop" in answer:  # a worker says what is wrong with it
                    raise CourseError(answer["stop"])
                self._machine_failed(answer["machine"], sha, name, attempts + 1)
                continue
            told, outputs = answer
            self._keep(sha, told, outputs)
            done += 1
            future.release()
        return done

    def _failed(self, future, error, sha: str, name: str, attempts: int) -> int:
        """Cancelled or lost with the scheduler: again. An error of workers: again, some times."""
        if future.status == "error":
            attempts += 1
            self.shared = None  # the package may be what was lost
        else:
            self.line.close()
        if attempts >= ATTEMPTS:
            self._keep(sha, result.refused(self.shape, f"{name}: {ATTEMPTS} workers ended while "
                                           f"they graded this file ({type(error).__name__})"), {})
            return 1
        self.again.append((sha, name, attempts))
        return 0

    def _machine_failed(self, reason: str, sha: str, name: str, attempts: int) -> None:
        """No fault of the file: again, some times, then it is left without a result."""
        if attempts >= ATTEMPTS:
            self.left[sha] = reason
        else:
            self.again.append((sha, name, attempts))

    def _keep(self, sha: str, told: dict, outputs: dict) -> None:
        self.ledger.finish(self.run, sha, self.shape["key"], self.options.environment, told,
                           outputs if self.options.outputs else None)

    def _all_again(self) -> None:
        self.again += self.out.values()
        self.out, self.shared = {}, None

    def drop(self) -> None:
        """Take back what is handed out."""
        if self.out and not self.line.broken():
            with contextlib.suppress(Exception):
                self.line.client.cancel(list(self.out), force=True)
        self.out = {}


def _bytes(path: Path, name: str) -> bytes:
    """What travels of a kept original."""
    from grader.queue import slim
    if path.stat().st_size <= LARGE:
        return path.read_bytes()
    return slim.without_outputs(path, name)[0].encode()


def _same(package: str) -> str:
    return package


# --- in the worker -------------------------------------------------------------------------

_lock = threading.Lock()
_idle: dict[str, list[pool.Lead]] = {}  # nurseries that wait for work, by package and settings


def grade_here(package: str, data: bytes, name: str, wanted: dict, outputs: bool,
               environment: str) -> str:
    """Grade one submission in this worker: JSON of [result, outputs], or of {"stop" or "machine":
    sentence}. It raises nothing: dask would write the file's name into the worker's log."""
    try:
        return _grade_here(package, data, name, wanted, outputs, environment)
    except CourseError as error:
        return json.dumps({"stop": str(error)})
    except Exception as error:
        return json.dumps({"machine": f"a worker failed: {type(error).__name__}"})


def _grade_here(package, data, name, wanted, outputs, environment) -> str:
    bounds = stamps.bounds(wanted["budget"], wanted["limits"])
    if environment != stamps.environment(wanted["level"] != "none", bounds):
        raise CourseError("a worker has another version of the course, of Python or of the "
                          "packages than this machine: bring it up to date")
    key = stamps.text(package + json.dumps(wanted, sort_keys=True))
    lead = _take(key) or _open(package, wanted)
    try:
        with tempfile.TemporaryDirectory(prefix="course-worker-") as folder:
            path = Path(folder) / "submission.ipynb"
            path.write_bytes(data)
            lead.say({"grade": {"number": 0, "path": str(path), "name": name,
                                "outputs": outputs}})
            told = []
            while not told:
                told = lead.hear(60)
    except BaseException:
        lead.close()
        raise
    with _lock:
        _idle.setdefault(key, []).append(lead)
    if "ungraded" in told[0]:
        return json.dumps({"machine": told[0]["reason"]})
    return json.dumps([told[0]["result"], told[0]["outputs"] if outputs else {}])


def _take(key: str):
    """An idle nursery of this lesson; those of other lessons are closed."""
    with _lock:
        others = [lead for k in list(_idle) if k != key for lead in _idle.pop(k)]
        lead = _idle[key].pop() if _idle.get(key) else None
    for other in others:
        other.close()
    return lead


def _open(package: str, wanted: dict):
    lead = pool.Lead(wanted | {"packed": json.loads(package)})
    try:
        lead.opened()
    except BaseException:
        lead.close()
        raise
    return lead
