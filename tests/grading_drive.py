"""`python -m tests.grading_drive PACKAGE STORE FOLDER JOBS [ADDRESS]`: one grading run in a process.

Prints {"seconds" of the run itself, "started" of the command before it, "points", "each"} as JSON.
With ADDRESS dask's workers grade.
"""

import json
import sys
import time

BEGAN = time.monotonic()


def main() -> None:
    from pathlib import Path

    from grader.queue import flow, pool
    from grader.queue.ledger import Ledger
    from grader.reports import tables
    package, store, folder, jobs, *address = sys.argv[1:]
    packed = json.loads(Path(package).read_text(encoding="utf-8"))
    options = pool.Options(jobs=int(jobs), packed={packed["lesson"]: packed})
    engine = None
    if address:
        from grader.queue import dask_pool
        engine = dask_pool.engine(address[0])
    with Ledger(Path(store), write=True) as ledger:
        started = time.monotonic()
        run, whole = flow.grade(ledger, [Path(folder)], options, packed["lesson"], engine=engine)
        seconds = time.monotonic() - started
        results = [json.loads(row["result"]) for row in tables.Rows(ledger, run=run)]
    assert whole
    print(json.dumps({"seconds": seconds, "started": started - BEGAN,
                      "points": [r["points"] for r in results],
                      "each": [r["seconds"] for r in results], "level": results[0]["level"]}))


if __name__ == "__main__":
    main()
