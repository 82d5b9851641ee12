"""Forget a learner, or what is older than so many days: rows, kept originals, written pages."""

import time
from pathlib import Path

from grader.queue.ledger import Ledger


def original(folder: Path, sha: str) -> Path:
    """Where the original of a submission is kept."""
    return folder / "quarantine" / sha[:2] / f"{sha}.ipynb"


def forget(ledger: Ledger, learner: str) -> dict:
    """Delete everything of one learner; {"submissions", "originals", "pages"} counted."""
    return _forget(ledger, "learner = ?", (learner,), [learner])


def forget_older(ledger: Ledger, days: float) -> dict:
    """Delete what was received more than `days` days ago."""
    before = time.time() - days * 86_400
    learners = [row[0] for row in ledger.db.execute(
        "SELECT learner FROM submissions GROUP BY learner HAVING max(received) < ?", (before,))]
    return _forget(ledger, "received < ?", (before,), learners)


def _forget(ledger: Ledger, where: str, values: tuple, learners: list[str]) -> dict:
    """Files go last but one: a kill in between leaves rows whose files are gone, and the next
    `forget` finds nothing to do twice."""
    db = ledger.db
    shas = [row[0] for row in db.execute(
        f"SELECT DISTINCT sha FROM submissions WHERE {where} AND sha NOT IN (SELECT sha FROM "
        f"submissions WHERE NOT ({where}))", values * 2)]
    pages = [row[0] for name in learners
             for row in db.execute("SELECT path FROM pages WHERE learner = ?", (name,))]
    gone = {"submissions": 0, "originals": 0, "pages": 0}
    for sha in shas:
        gone["originals"] += _delete(original(ledger.folder, sha))
    for page in pages:
        gone["pages"] += _delete(Path(page))
    with ledger.transaction():
        gone["submissions"] = db.execute(f"DELETE FROM submissions WHERE {where}", values).rowcount
        for sha in shas:
            db.execute("DELETE FROM results WHERE sha = ?", (sha,))
            db.execute("DELETE FROM events WHERE sha = ?", (sha,))
        for name in learners:
            db.execute("DELETE FROM pages WHERE learner = ?", (name,))
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.execute("VACUUM")
    return gone


def _delete(path: Path) -> int:
    try:
        path.unlink()
        return 1
    except FileNotFoundError:
        return 0
