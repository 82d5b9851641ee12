"""The flights that left New York City in 2013, as an SQLite file: `flights()`.

    flights       336,776 rows, 19 columns      airlines   16      airports   1,458
    weather        26,115 rows, 15 columns      planes  3,322

Made out of the fetched CSV files at set-up (`python -m course.flightbase`), or by the first call,
in some seconds. "NA" becomes NULL, numbers are numbers. Primary keys are where they hold: weather
has an hour twice on the night the clocks went back, so its key is the UTC hour, not the local
one. Planes and airports do not cover all flights (52,606 flights have a tail number that planes
has not, four destinations are not among the airports), so there are no foreign keys.
Standard library only.
"""

import csv
import io
import json
import os
import sqlite3
import sys
import time
import zipfile
from contextlib import closing
from pathlib import Path

from course.fetch import need, plain_errors
from course.locks import locked
from course.paths import DATA, CourseError, cache

FOLDER, FILE, NOTE = "flights-sqlite", "flights.sqlite", "made.json"
VERSION = 1                  # raise it when the tables below or their reading change
NULL = "NA"

# table -> (rows, columns "name type", primary key); in the order of the files' columns
TABLES = {
    "airlines": (16, "carrier TEXT, name TEXT", "carrier"),
    "airports": (1_458, "faa TEXT, name TEXT, lat REAL, lon REAL, alt INTEGER, tz INTEGER, "
                 "dst TEXT, tzone TEXT", "faa"),
    "planes": (3_322, "tailnum TEXT, year INTEGER, type TEXT, manufacturer TEXT, model TEXT, "
               "engines INTEGER, seats INTEGER, speed INTEGER, engine TEXT", "tailnum"),
    "weather": (26_115, "origin TEXT, year INTEGER, month INTEGER, day INTEGER, hour INTEGER, "
                "temp REAL, dewp REAL, humid REAL, wind_dir INTEGER, wind_speed REAL, "
                "wind_gust REAL, precip REAL, pressure REAL, visib REAL, time_hour TEXT",
                "origin, time_hour"),
    "flights": (336_776, "year INTEGER, month INTEGER, day INTEGER, dep_time INTEGER, "
                "sched_dep_time INTEGER, dep_delay INTEGER, arr_time INTEGER, "
                "sched_arr_time INTEGER, arr_delay INTEGER, carrier TEXT, flight INTEGER, "
                "tailnum TEXT, origin TEXT, dest TEXT, air_time INTEGER, distance INTEGER, "
                "hour INTEGER, minute INTEGER, time_hour TEXT", "time_hour, carrier, flight"),
}
INDEXES = ("CREATE INDEX flights_dest ON flights (dest)",
           "CREATE INDEX flights_tailnum ON flights (tailnum)")
READ = {"INTEGER": int, "REAL": float, "TEXT": str}


def flights() -> Path:
    """The SQLite file with the tables flights, airlines, airports, planes and weather.

    Made on the first call, or made again when somebody wrote into it. Open it with
    `readonly(flights())`. Raises CourseError when the fetched files are not on this machine.
    """
    path = DATA / "cache" / FOLDER / FILE
    return path if is_whole(path) else build()


def is_whole(path: Path) -> bool:
    """Whether the file is one that `build` finished and nobody changed since."""
    try:
        note = json.loads((path.parent / NOTE).read_text(encoding="utf-8"))
        return note == _note(path)
    except (OSError, ValueError):
        return False


def _note(path: Path) -> dict:
    stat = path.stat()
    return {"version": VERSION, "bytes": stat.st_size, "modified": stat.st_mtime_ns}


def build(say=lambda line: None) -> Path:
    """Make the file unless it is whole; one process at a time, whole or not at all."""
    source, folder = need("flights"), cache() / FOLDER
    path = folder / FILE
    with plain_errors(folder):
        folder.mkdir(exist_ok=True)
        with locked(cache() / f".{FOLDER}.lock",
                    lambda: say("flights: another process is making the database, waiting ...")):
            if is_whole(path):
                return path
            started = time.monotonic()
            _build_locked(source, path)
            say(f"flights: database made in {time.monotonic() - started:.0f} s "
                f"({path.stat().st_size / 1e6:.0f} MB)")
    return path


def _build_locked(source: Path, path: Path) -> None:
    for crumb in path.parent.glob("*.tmp*"):           # of killed runs; safe under the lock
        crumb.unlink(missing_ok=True)
    part = path.with_name(f"{FILE}.{os.getpid()}.tmp")
    try:
        _write(source, part)
        (path.parent / NOTE).unlink(missing_ok=True)
        os.replace(part, path)
        note = path.parent / f"{NOTE}.{os.getpid()}.tmp"
        note.write_text(json.dumps(_note(path)), encoding="utf-8")
        os.replace(note, path.parent / NOTE)
    except sqlite3.Error as error:
        raise CourseError(f"the flights cannot be written into {path} ({error}): see to the "
                          "disk, then run `python -m course.flightbase`.") from error
    except PermissionError as error:                   # Windows, while another program reads it
        raise CourseError(f"{path} is in use: close the notebooks that read it, then run "
                          "`python -m course.flightbase`.") from error
    finally:
        part.unlink(missing_ok=True)


def _write(source: Path, part: Path) -> None:
    """All tables into a new file at `part`."""
    with closing(sqlite3.connect(part, isolation_level=None)) as connection:
        # a crash throws the file away anyway: no journal, no waiting for the disk
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("BEGIN")
        for name, (count, columns, key) in TABLES.items():
            connection.execute(f"CREATE TABLE {name} ({columns}, PRIMARY KEY ({key}))")
            marks = ", ".join("?" * len(columns.split(", ")))
            done = connection.executemany(f"INSERT INTO {name} VALUES ({marks})",
                                          rows(source, name)).rowcount
            if done != count:
                raise CourseError(f"the table {name} has {done:,} rows instead of {count:,}: "
                                  "run `python -m course.fetch --check`.")
        for index in INDEXES:
            connection.execute(index)
        connection.execute("COMMIT")
        connection.execute("ANALYZE")


def rows(source: Path, name: str):
    """The typed rows of one table, from NAME.csv or NAME.csv.zip in `source`."""
    wanted = [column.split() for column in TABLES[name][1].split(", ")]
    types = [READ[kind] for _, kind in wanted]
    with _opened(source, name) as file:
        lines = csv.reader(file)
        header = next(lines, [])
        if header != [column for column, _ in wanted]:
            raise CourseError(f"{source / name}.csv has other columns than expected: "
                              "run `python -m course.fetch --check`.")
        for line in lines:
            yield [None if text == NULL else read(text) for read, text in zip(types, line)]


def _opened(source: Path, name: str):
    path = source / f"{name}.csv"
    if path.is_file():
        return open(path, encoding="utf-8", newline="")
    # one file of 31 MB: in memory, so that nothing else stays open
    with zipfile.ZipFile(source / f"{name}.csv.zip") as archive:
        return io.StringIO(archive.read(f"{name}.csv").decode("utf-8"), newline="")


def main() -> int:
    """`python -m course.flightbase`: make the database, unless it is there."""
    try:
        path = build(say=lambda line: print(line, flush=True))
        print(f"flights: ready in {path}")
    except CourseError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("error: interrupted; run it again, it starts over.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
