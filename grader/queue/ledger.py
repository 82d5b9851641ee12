"""The record of a grading folder: who handed in what and when, and what it got. SQLite, in WAL.

One process writes (a lock says so); others may read meanwhile. A result is kept under the hashes
of the submission, the checks and the environment, so the same work is never graded twice. It is
committed in one transaction: after `kill -9` at any moment it is there whole or not at all.
"""

import contextlib
import json
import os
import sqlite3
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

from course import locks
from course.paths import CourseError

TABLES = """
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS lessons (stamp TEXT PRIMARY KEY, lesson TEXT NOT NULL,
    shape TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS submissions (id INTEGER PRIMARY KEY, learner TEXT NOT NULL,
    lesson TEXT NOT NULL, sha TEXT NOT NULL, name TEXT NOT NULL, size INTEGER NOT NULL,
    received REAL NOT NULL, refused TEXT NOT NULL DEFAULT '', run INTEGER NOT NULL,
    UNIQUE (learner, lesson, sha, name));
CREATE INDEX IF NOT EXISTS by_run ON submissions (run, lesson, sha);
CREATE INDEX IF NOT EXISTS by_learner ON submissions (learner, lesson);
CREATE INDEX IF NOT EXISTS by_sha ON submissions (sha);
CREATE TABLE IF NOT EXISTS results (sha TEXT NOT NULL, checks TEXT NOT NULL,
    environment TEXT NOT NULL, graded REAL NOT NULL, points REAL NOT NULL, out_of REAL NOT NULL,
    seconds REAL NOT NULL, result TEXT NOT NULL, outputs BLOB,
    PRIMARY KEY (sha, checks, environment)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS events (at REAL NOT NULL, what TEXT NOT NULL, sha TEXT NOT NULL,
    run INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS pages (learner TEXT NOT NULL, path TEXT NOT NULL,
    PRIMARY KEY (learner, path)) WITHOUT ROWID;
"""
VERSION = 1


class Ledger:
    """folder: the grading folder (made private to this user). write: take the writer's lock."""

    def __init__(self, folder: Path, write: bool = False):
        self.folder, self._held = folder, contextlib.ExitStack()
        path = folder / "ledger.sqlite"
        if write:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._held.enter_context(_only_writer(folder))
        elif not path.is_file():
            raise CourseError(f"nothing was graded yet in {folder}: run `grader grade PATH` first, "
                              "or name another folder with --store")
        try:
            self.db = sqlite3.connect(path, timeout=30, isolation_level=None)
            self.db.row_factory = sqlite3.Row
            if write:
                self._prepare(path)
        except sqlite3.DatabaseError as error:
            self._held.close()
            raise CourseError(f"{path} cannot be used as a record ({error}): move it away, and "
                              "what it kept is graded again") from None

    def _prepare(self, path: Path) -> None:
        os.chmod(path, 0o600)
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = NORMAL")
        self.db.execute("PRAGMA secure_delete = ON")
        self.db.execute("PRAGMA cache_size = -4000")
        version = self.db.execute("PRAGMA user_version").fetchone()[0]
        if version not in (0, VERSION):
            raise CourseError(f"{path} was written by another version of the grader: use that "
                              "one, or another --store")
        self.db.executescript(TABLES + f"PRAGMA user_version = {VERSION};")

    def close(self) -> None:
        self.db.close()
        self._held.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    @contextlib.contextmanager
    def transaction(self):
        """All or nothing."""
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

    # --- settings and lessons -----------------------------------------------------------

    def setting(self, name: str, value: str | None = None) -> str:
        """A stored setting, "" for none; with a value, store it."""
        if value is not None:
            self.db.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (name, value))
        row = self.db.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
        return row[0] if row else ""

    def shape(self, stamp: str) -> dict | None:
        """The checks of a lesson whose files have this stamp, if they were read before."""
        row = self.db.execute("SELECT shape FROM lessons WHERE stamp = ?", (stamp,)).fetchone()
        return json.loads(row[0]) if row else None

    def keep_shape(self, stamp: str, shape: dict) -> None:
        self.db.execute("INSERT OR REPLACE INTO lessons VALUES (?, ?, ?)",
                        (stamp, shape["lesson"], json.dumps(shape)))

    def newest_shape(self, lesson: str) -> dict | None:
        row = self.db.execute("SELECT shape FROM lessons WHERE lesson = ? ORDER BY rowid DESC "
                              "LIMIT 1", (lesson,)).fetchone()
        return json.loads(row[0]) if row else None

    # --- submissions --------------------------------------------------------------------

    def new_run(self) -> int:
        number = int(self.setting("run") or 0) + 1
        self.setting("run", str(number))
        return number

    def last_run(self) -> int:
        return int(self.setting("run") or 0)

    def receive(self, run: int, learner: str, lesson: str, sha: str, name: str, size: int,
                refused: str = "") -> None:
        """Note one handed-in file; the first time it was received stands."""
        self.db.execute(
            "INSERT INTO submissions (learner, lesson, sha, name, size, received, refused, run) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (learner, lesson, sha, name) "
            "DO UPDATE SET run = excluded.run, refused = excluded.refused",
            (learner, lesson, sha, name, size, time.time(), refused, run))

    def lessons_in(self, run: int) -> list[str]:
        return [row[0] for row in self.db.execute(
            "SELECT DISTINCT lesson FROM submissions WHERE run = ? AND refused = '' "
            "ORDER BY lesson", (run,))]

    def pending(self, run: int, lesson: str, checks: str, environment: str,
                outputs: bool = False) -> Iterator[tuple[str, str]]:
        """(sha, name) of what is not graded yet, once each, in small portions."""
        after = ""
        while True:
            rows = self.db.execute(
                "SELECT sha, min(name) AS name FROM submissions s WHERE run = ? AND lesson = ? "
                "AND refused = '' AND sha > ? AND NOT EXISTS (SELECT 1 FROM results r WHERE "
                "r.sha = s.sha AND r.checks = ? AND r.environment = ? AND (? OR r.outputs IS NOT "
                "NULL)) GROUP BY sha ORDER BY sha LIMIT 200",
                (run, lesson, after, checks, environment, not outputs)).fetchall()
            if not rows:
                return
            for row in rows:
                yield row["sha"], row["name"]
            after = rows[-1]["sha"]

    def count(self, run: int, lesson: str, checks: str, environment: str,
              outputs: bool = False) -> tuple[int, int]:
        """(different submissions of a run, how many of them are graded)."""
        return tuple(self.db.execute(
            "SELECT count(DISTINCT s.sha), count(DISTINCT r.sha) FROM submissions s LEFT JOIN "
            "results r ON r.sha = s.sha AND r.checks = ? AND r.environment = ? AND (? OR "
            "r.outputs IS NOT NULL) WHERE run = ? AND lesson = ? AND refused = ''",
            (checks, environment, not outputs, run, lesson)).fetchone())

    # --- results ------------------------------------------------------------------------

    def begun(self, run: int, sha: str) -> None:
        self.db.execute("INSERT INTO events VALUES (?, 'begun', ?, ?)", (time.time(), sha, run))

    def finish(self, run: int, sha: str, checks: str, environment: str, result: dict,
               outputs: dict | None) -> bool:
        """Keep a result; False when it was there already (delivered twice)."""
        packed = None if outputs is None else zlib.compress(json.dumps(outputs).encode(), 3)
        with self.transaction():
            new = self.db.execute(
                "INSERT INTO results VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
                "graded = excluded.graded, points = excluded.points, result = excluded.result, "
                "outputs = excluded.outputs WHERE results.outputs IS NULL AND excluded.outputs IS "
                "NOT NULL", (sha, checks, environment, time.time(), result["points"],
                             result["out_of"], result["seconds"], json.dumps(result),
                             packed)).rowcount > 0
            self.db.execute("INSERT INTO events VALUES (?, ?, ?, ?)",
                            (time.time(), "finished" if new else "repeated", sha, run))
        return new

    def outputs(self, sha: str, checks: str, environment: str) -> dict:
        """{"cells": the healed notebook's, "outputs": {cell: {"text", "error", "line",
        "pictures"}}} as kept with a result; {} when they were not wanted."""
        row = self.db.execute("SELECT outputs FROM results WHERE sha = ? AND checks = ? AND "
                              "environment = ?", (sha, checks, environment)).fetchone()
        return json.loads(zlib.decompress(row[0])) if row and row[0] else {}

    def rows(self, run: int | None = None, lesson: str = "", learner: str = "",
             order: str = "lesson") -> Iterator[sqlite3.Row]:
        """One row for each submission with its newest result, in order of lessons or of learners;
        without a run the newest submission of each learner and lesson. result is None where none
        is there."""
        by = {"lesson": "s.lesson, s.learner, s.id", "learner": "s.learner, s.lesson, s.id"}[order]
        where = "s.run = :run" if run is not None else (
            "s.id = (SELECT n.id FROM submissions n WHERE n.learner = s.learner AND n.lesson = "
            "s.lesson ORDER BY n.run DESC, n.id DESC LIMIT 1)")
        yield from self.db.execute(
            "SELECT s.*, r.graded, r.points, r.out_of, r.result, r.checks, r.environment FROM "
            "submissions s LEFT JOIN results r ON r.sha = s.sha AND s.refused = '' AND r.graded = "
            "(SELECT max(n.graded) FROM results n WHERE n.sha = s.sha AND json_extract(n.result, "
            f"'$.lesson') = s.lesson) WHERE {where} AND (:lesson = '' OR s.lesson = :lesson) AND "
            f"(:learner = '' OR s.learner = :learner) ORDER BY {by}",
            {"run": run, "lesson": lesson, "learner": learner})


@contextlib.contextmanager
def _only_writer(folder: Path):
    path = folder / "writer.lock"

    def refuse():
        raise CourseError(f"another grader is writing in {folder}: wait for it, stop it, or use "
                          "another --store")
    with locks.locked(path, waiting=refuse):
        yield
