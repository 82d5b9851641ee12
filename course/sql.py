"""SQL that can only read: `readonly(path).query("SELECT ...")`.

    with readonly(flights()) as base:
        base.query("SELECT name FROM airlines WHERE carrier = ?", ["B6"]).rows

Made for queries that a language model wrote. Several walls stand behind one another: the first
word of the query, SQLite's own authorizer with lists of what is allowed, the file opened for
reading only (`mode=ro` and `PRAGMA query_only`), and limits on time, rows, bytes and the size of
a value. Each query has a connection of its own, so threads do not meet and nothing is left over.
What is refused is refused with one sentence, `QueryRefused`, that a model can read too.

Not with SQLite's `immutable`: it skips locks, and wrong answers would follow if the file changed.
Two things stay possible: a query may use a core for `seconds`, and temporary disk meanwhile.
"""

import math
import re
import sqlite3
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from course.paths import CourseError

CELL = 20_000               # bytes in one value, also on the way to the result
RESULT = 5_000_000          # bytes in all values of a result
STEPS = 200                 # of SQLite's machine between two looks at the clock
FIRST = ("SELECT", "WITH", "VALUES", "EXPLAIN", "PRAGMA")
LIMITS = {                  # names as in sqlite3.SQLITE_LIMIT_...: what one query may use
    "LENGTH": CELL, "SQL_LENGTH": 20_000, "COLUMN": 200, "EXPR_DEPTH": 200,
    "COMPOUND_SELECT": 50, "FUNCTION_ARG": 100, "ATTACHED": 0, "LIKE_PATTERN_LENGTH": 200,
    "VARIABLE_NUMBER": 1_000, "TRIGGER_DEPTH": 1, "WORKER_THREADS": 0,
}
PRAGMAS = {"table_info", "table_xinfo", "table_list", "index_list", "index_info",
           "foreign_key_list"}
SCHEMA = {"sqlite_master", "sqlite_schema", "sqlite_stat1"}
# Not here, besides what reaches out of the database: what one call can do for minutes (the clock
# is read between steps only: printf, format, unhex), and what gathers memory without a limit
# (json_group_array and _object, median, percentile).
FUNCTIONS = set("""
    abs avg char coalesce concat concat_ws count glob group_concat hex if ifnull iif instr
    length like likelihood likely lower ltrim max min nullif octet_length quote random
    randomblob replace round rtrim sign substr substring sum total trim typeof unicode
    unlikely upper zeroblob
    cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank rank
    row_number string_agg
    current_date current_time current_timestamp date datetime julianday strftime time timediff
    unixepoch
    acos acosh asin asinh atan atan2 atanh ceil ceiling cos cosh degrees exp floor ln log log10
    log2 mod pi pow power radians sin sinh sqrt tan tanh trunc
    -> ->> json json_array json_array_length json_extract json_object
    json_quote json_type json_valid
""".split())
_NAMES = {getattr(sqlite3, name): name.removeprefix("SQLITE_").lower().replace("_", " ")
          for name in dir(sqlite3) if re.match(
              r"SQLITE_(CREATE|DROP|ALTER|INSERT|UPDATE|DELETE|ATTACH|DETACH|REINDEX|ANALYZE|"
              r"TRANSACTION|SAVEPOINT)", name)}


class QueryRefused(CourseError):
    """One sentence: why a query was not run, or not run to its end, and what to do."""


@dataclass(frozen=True)
class Result:
    """columns: names. rows: tuples of None, int, float, str or bytes, in the query's order.
    truncated: whether rows are missing because the result was too long."""

    columns: list[str]
    rows: list[tuple]
    truncated: bool

    def __len__(self) -> int:
        return len(self.rows)

    def __str__(self) -> str:
        return str(self._table())

    def _repr_html_(self) -> str:
        return self._table()._repr_html_()

    def _table(self):
        from course.tables import table

        more = "more rows were left out" if self.truncated else None
        return table(self.rows, self.columns, caption=more)


def readonly(path: Path | str, max_rows: int = 1000, seconds: float = 5.0) -> "ReadOnly":
    """The database at `path`, for reading: an object with `.query(sql, parameters=())`.

    max_rows: rows that a result has at most. seconds: how long a query may run. Raises CourseError
    when there is no SQLite database at `path`. It is a context manager and needs no closing.
    """
    if not isinstance(max_rows, int) or isinstance(max_rows, bool) or max_rows < 1:
        raise CourseError(f"max_rows is a whole number of 1 or more, not {max_rows!r}.")
    if not isinstance(seconds, (int, float)) or not 0 < seconds < math.inf:
        raise CourseError(f"seconds is a number above 0, not {seconds!r}.")
    return ReadOnly(_checked(path), max_rows, seconds)


def _checked(path: Path | str) -> Path:
    """The whole path of a file that begins as SQLite databases do."""
    path = Path(path).expanduser().absolute()
    try:
        with open(path, "rb") as file:
            start = file.read(16)
    except FileNotFoundError:
        raise CourseError(f"There is no file {path}: check the name, or make the database "
                          "first.") from None
    except OSError as error:
        raise CourseError(f"{path} cannot be read ({error.strerror}).") from None
    if start != b"SQLite format 3\0":
        raise CourseError(f"{path} is not a SQLite database.")
    return path


class ReadOnly:
    """A database that queries cannot change. See `readonly`."""

    def __init__(self, path: Path, max_rows: int, seconds: float):
        self.path, self.max_rows, self.seconds = path, max_rows, seconds
        self._closed = False

    def __repr__(self) -> str:
        return (f"ReadOnly({self.path.name}, at most {self.max_rows:,} rows "
                f"and {self.seconds:g} s a query)")

    def __enter__(self) -> "ReadOnly":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        """Refuse all further queries."""
        self._closed = True

    def query(self, sql: str, parameters: Sequence | Mapping = ()) -> Result:
        """Run one SELECT and return its Result. Values go in as `parameters`, for ? or :name.

        Raises QueryRefused with a sentence: for anything that is not one reading statement, for
        errors in the SQL, and when it runs too long or a value grows too large.
        """
        if self._closed:
            raise QueryRefused("This connection is closed: open the database again.")
        _check_statement(sql)
        deadline = time.monotonic() + self.seconds
        denied = []
        try:
            with closing(_connect(self.path, deadline, denied)) as connection:
                cursor = connection.execute(sql, parameters)
                if cursor.description is None:
                    raise QueryRefused("The query returns no rows: write a SELECT.")
                return _collect(cursor, self.max_rows)
        except (sqlite3.Error, sqlite3.Warning, OverflowError, ValueError, TypeError) as error:
            raise QueryRefused(_sentence(error, denied, self.seconds)) from None
        except MemoryError:
            raise QueryRefused("The query needs more memory than there is.") from None


def _check_statement(sql: str) -> None:
    """The first wall: one text that begins as a reading statement does."""
    if not isinstance(sql, str):
        raise QueryRefused(f"A query is a str, not {type(sql).__name__}.")
    bare = re.sub(r"\A(\s+|;|--[^\n]*(\n|\Z)|/\*.*?(\*/|\Z))*", "", sql, flags=re.DOTALL)
    word = re.match(r"[A-Za-z]*", bare)[0].upper()
    if not bare:
        raise QueryRefused("The query is empty: write a SELECT.")
    if word not in FIRST:
        raise QueryRefused(f"Only reading is allowed, and this begins with "
                           f"{word[:20] or repr(bare[0])}: write a SELECT.")


def _connect(path: Path, deadline: float, denied: list) -> sqlite3.Connection:
    """A connection for one query with every wall up. Appends to `denied` what was refused."""
    # as_uri escapes ?, # and %, which would end the name and begin options
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, isolation_level=None,
                                 timeout=max(0, deadline - time.monotonic()))
    try:
        connection.execute("PRAGMA query_only = ON")
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
        connection.execute("PRAGMA temp_store = FILE")        # long sorts go to disk, not memory
        if hasattr(connection, "setconfig"):           # Python 3.12
            connection.setconfig(sqlite3.SQLITE_DBCONFIG_DEFENSIVE, True)
        tables = {name.lower() for (name,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")}
        for name, value in LIMITS.items():
            connection.setlimit(getattr(sqlite3, f"SQLITE_LIMIT_{name}"), value)
        # a text that is no UTF-8 is shown, not refused
        connection.text_factory = lambda data: data.decode("utf-8", "replace")
        connection.set_authorizer(_authorizer(tables, denied))
        connection.set_progress_handler(lambda: time.monotonic() > deadline, STEPS)
    except BaseException:
        connection.close()
        raise
    return connection


def _authorizer(tables: set[str], denied: list):
    """SQLite asks this for each thing a statement would do, before it runs."""
    def refuse(what):
        denied.append(what)
        return sqlite3.SQLITE_DENY

    def allow(action, first, second, base, _):
        if action in (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_RECURSIVE):
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_READ:
            # without a base it is a name that the query itself made with WITH, or a table of
            # which no column is read; virtual tables ask for more and are refused below
            name = (first or "").lower()
            known = name in tables | SCHEMA or (base is None and not name.startswith("sqlite_"))
            return sqlite3.SQLITE_OK if base in ("main", None) and known \
                else refuse(f"reading the table {first}")
        if action == sqlite3.SQLITE_FUNCTION:
            return sqlite3.SQLITE_OK if (second or "").lower() in FUNCTIONS \
                else refuse(f"the function {second}")
        if action == sqlite3.SQLITE_PRAGMA:
            return sqlite3.SQLITE_OK if (first or "").lower() in PRAGMAS \
                else refuse(f"PRAGMA {first}")
        if first == "sqlite_master":           # what a virtual table does when it is opened
            return refuse("a virtual table or a change of the schema")
        return refuse(_NAMES.get(action, "this"))

    return allow


def _collect(cursor: sqlite3.Cursor, max_rows: int) -> Result:
    """The rows, up to max_rows and RESULT bytes."""
    columns, rows, size = [column[0] for column in cursor.description], [], 0
    for row in cursor:
        size += sum(len(cell) if isinstance(cell, (str, bytes)) else 8 for cell in row)
        if len(rows) == max_rows or (size > RESULT and rows):
            return Result(columns, rows, True)
        rows.append(row)
    return Result(columns, rows, False)


def _sentence(error: Exception, denied: list, seconds: float) -> str:
    """What went wrong, for a person or a model."""
    said, low = str(error), str(error).lower()
    if denied:
        return f"Only reading is allowed, and {denied[0]} is not: write a plain SELECT."
    if "interrupted" in said:
        return (f"The query ran longer than {seconds:g} s: ask for less, for example with "
                "WHERE, or join on keys.")
    if "too big" in said or "too large" in said and not isinstance(error, OverflowError):
        return (f"A value or the query grew beyond its limit ({CELL:,} bytes a value, "
                f"{LIMITS['SQL_LENGTH']:,} a query): ask for less.")
    if "one statement" in said:
        return "Only one statement is run at a time: remove what stands after the semicolon."
    if isinstance(error, UnicodeError) or "null character" in said:
        return "The query or a parameter has characters that are no text: remove them."
    if "binding" in low or "unsupported type" in low or "not supported" in low \
            or isinstance(error, (OverflowError, TypeError)):
        return f"The parameters do not fit the query ({said.rstrip('.')})."
    if any(words in said for words in ("unable to open", "is locked", "malformed", "disk is full",
                                       "disk I/O", "not a database")):
        return f"The database cannot be read just now ({said.rstrip('.')})."
    return f"SQLite does not understand the query: {said.rstrip('.')}."
