"""Queries that can only read: what is refused, in which words, and that the file never changes."""

import hashlib
import os
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing

import pytest

from course.paths import ROOT, CourseError
from course.sql import CELL, QueryRefused, Result, readonly

FOREVER = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) "


def make(path, more=""):
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("""
            CREATE TABLE planes (tailnum TEXT PRIMARY KEY, seats INTEGER, note);
            INSERT INTO planes VALUES ('N1', 100, NULL), ('N2', 50, 1.5), ('N3', 200, x'00ff');
            CREATE VIEW large AS SELECT tailnum FROM planes WHERE seats > 60;
            CREATE INDEX by_seats ON planes (seats);
        """ + more)
    return path


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def path(tmp_path):
    return make(tmp_path / "planes.sqlite")


@pytest.fixture
def base(path):
    """The database; whatever a test tried, its bytes and its folder are as before."""
    before = digest(path)
    yield readonly(path, seconds=20)
    assert digest(path) == before
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


# ------------------------------------------------------------------------------- what is allowed

@pytest.mark.parametrize("sql, rows", [
    ("SELECT tailnum, seats FROM planes ORDER BY seats", [("N2", 50), ("N1", 100), ("N3", 200)]),
    ("select note from planes", [(None,), (1.5,), (b"\x00\xff",)]),
    ("SELECT count(*) FROM planes;  -- done", [(3,)]),
    ("/* a */ -- b\n ; SELECT 1", [(1,)]),
    ("VALUES (1), (2)", [(1,), (2,)]),
    ("SELECT * FROM large ORDER BY 1", [("N1",), ("N3",)]),
    ("WITH s AS (SELECT seats FROM planes) SELECT max(seats) FROM s", [(200,)]),
    ("WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c WHERE x < 4) "
     "SELECT count(*), sum(x) FROM c", [(4, 10)]),
    ("SELECT row_number() OVER (ORDER BY seats), lag(seats) OVER (ORDER BY seats) FROM planes",
     [(1, None), (2, 50), (3, 100)]),
    ("SELECT a.seats FROM planes a JOIN planes b ON a.seats = 2 * b.seats ORDER BY 1",
     [(100,), (200,)]),
    ("SELECT upper('ab') || substr('xyz', 2) || coalesce(NULL, '!')", [("AByz!",)]),
    ("SELECT tailnum FROM planes WHERE tailnum LIKE '%2'", [("N2",)]),
    ("SELECT json_extract('{\"a\": 3}', '$.a')", [(3,)]),
    ("SELECT name FROM sqlite_master WHERE type = 'view'", [("large",)]),
    ("SELECT group_concat(tailnum, '+') FROM (SELECT tailnum FROM planes ORDER BY 1)",
     [("N1+N2+N3",)]),
    ("SELECT 1 WHERE 0", []),
])
def test_reading(base, sql, rows):
    assert base.query(sql) == Result(base.query(sql).columns, rows, False)


def test_the_schema_can_be_read(base):
    result = base.query("PRAGMA table_info(planes)")
    assert [row[1] for row in result.rows] == ["tailnum", "seats", "note"]
    assert "name" in result.columns
    assert "by_seats" in str(base.query("EXPLAIN QUERY PLAN SELECT 1 FROM planes WHERE seats=1"))
    assert {row[1] for row in base.query("PRAGMA index_list(planes)").rows} >= {"by_seats"}


def test_parameters_by_place_and_by_name(base):
    assert base.query("SELECT ?, ?", ["a", None]).rows == [("a", None)]
    assert base.query("SELECT seats FROM planes WHERE tailnum = :t", {"t": "N1"}).rows == [(100,)]
    attack = "x' OR 1=1; DROP TABLE planes; --"
    assert base.query("SELECT * FROM planes WHERE tailnum = ?", [attack]).rows == []


def test_a_result_reads_well(base):
    result = base.query("SELECT tailnum AS plane, seats FROM planes ORDER BY 1")
    assert len(result) == 3 and result.columns == ["plane", "seats"]
    assert str(result).splitlines()[0].split() == ["plane", "seats"]
    assert "<table" in result._repr_html_()


# ------------------------------------------------------------------------------- what is refused

@pytest.mark.parametrize("sql", [
    "INSERT INTO planes VALUES ('N4', 1, 1)", "UPDATE planes SET seats = 0",
    "DELETE FROM planes", "REPLACE INTO planes VALUES ('N1', 1, 1)", "DROP TABLE planes",
    "CREATE TABLE t (a)", "CREATE TEMP TABLE t (a)", "CREATE TEMP VIEW v AS SELECT 1",
    "CREATE TABLE t AS SELECT * FROM planes", "ALTER TABLE planes ADD b",
    "CREATE INDEX i ON planes (note)",
    "CREATE TRIGGER r AFTER INSERT ON planes BEGIN SELECT 1; END",
    "CREATE VIRTUAL TABLE f USING fts5(a)", "BEGIN", "COMMIT", "SAVEPOINT s", "ANALYZE", "REINDEX",
    "VACUUM", "VACUUM INTO 'copy.sqlite'", "ATTACH 'other.sqlite' AS o", "ATTACH ':memory:' AS o",
    "DETACH main",
    "WITH s AS (SELECT 1) INSERT INTO planes SELECT 'N4', 1, 1",
    "WITH s AS (SELECT 1) DELETE FROM planes", "EXPLAIN DELETE FROM planes",
    "DELETE FROM planes RETURNING *",
    "/* SELECT */ DELETE FROM planes", "-- SELECT\nDELETE FROM planes", ";DELETE FROM planes",
    "/**/DROP/**/TABLE planes", "\ufeffDELETE FROM planes",
    "PRAGMA writable_schema = 1", "PRAGMA query_only = 0", "PRAGMA journal_mode = WAL",
    "PRAGMA main.journal_mode", "PRAGMA database_list", "PRAGMA user_version = 3",
    "PRAGMA temp_store_directory = 'x'", "PRAGMA compile_options", "PRAGMA wal_checkpoint",
    "PRAGMA schema_version", "PRAGMA trusted_schema = 1", "PRAGMA max_page_count",
    "pragma\tcache_size",
    "SELECT * FROM pragma_database_list", "SELECT * FROM pragma_compile_options",
    "SELECT * FROM dbstat", "SELECT * FROM sqlite_dbpage", "SELECT * FROM json_each('[1]')",
    "SELECT load_extension('x')", "SELECT LOAD_EXTENSION('x', 'y')", "SELECT readfile('x')",
    "SELECT writefile('x', 'y')", "SELECT edit('x')", "SELECT fts3_tokenizer('a')",
    "SELECT sqlite_version()", "SELECT sqlite_source_id()",
    "SELECT printf('%.*c', 1000000000, 'x')",
    "SELECT format('%d', 1)", "SELECT json_group_array(seats) FROM planes",
    "SELECT * FROM sqlite_temp_master", "SELECT sql FROM sqlite_temp_schema",
    "SELECT 1; SELECT 2", "SELECT 1; DROP TABLE planes", "SELECT 1;;DELETE FROM planes",
    "SELECT * FROM planes; --\nDROP TABLE planes",
    "UPDATE sqlite_master SET sql = ''", "SELECT tailnum INTO x FROM planes", ".tables", "",
    "  ", "-- nothing", "/* nothing", ";", "SELECT", "SELEC 1", "SELECT no_column FROM planes",
    "SELECT * FROM no_table", "SELECT 'a\0b'", "SELECT '\udc80'", "SELECT ?", "SELECT 1 LIMIT 'x'",
])
def test_refused_with_one_sentence(base, sql, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)                          # where VACUUM INTO would write
    with pytest.raises(QueryRefused) as caught:
        base.query(sql)
    said = str(caught.value)
    assert said.endswith(".") and "\n" not in said and "Traceback" not in said and len(said) < 300
    assert caught.value.__cause__ is None and caught.value.__suppress_context__ \
        or caught.value.__context__ is None


@pytest.mark.parametrize("sql, words", [
    ("DELETE FROM planes", "Only reading.*DELETE"),
    ("WITH s AS (SELECT 1) DELETE FROM planes", "Only reading.*delete"),
    ("PRAGMA journal_mode", "Only reading.*PRAGMA journal_mode"),
    ("SELECT load_extension('x')", "the function load_extension"),
    ("SELECT 1; SELECT 2", "one statement"),
    ("SELECT * FROM nowhere", "no such table: nowhere"),
    ("", "empty"),
    ("SELECT ?", "parameters do not fit"),
])
def test_the_sentence_says_what(base, sql, words):
    with pytest.raises(QueryRefused, match=words):
        base.query(sql)


@pytest.mark.parametrize("parameters", [
    [1], [1, 2, 3], [[1], 2], [2 ** 70, 1], "abc", {"a": 1}, 5, None, [object(), 1],
    ["\udc80", 1], ["x" * 3 * CELL, 1]])
def test_parameters_that_do_not_fit(base, parameters):
    with pytest.raises(QueryRefused, match="parameter|grew beyond"):
        base.query("SELECT ?, ?", parameters)


@pytest.mark.parametrize("sql", [None, 3, b"SELECT 1", ["SELECT 1"]])
def test_a_query_is_a_text(base, sql):
    with pytest.raises(QueryRefused, match="is a str"):
        base.query(sql)


# ----------------------------------------------------------------------------------- too much

@pytest.mark.parametrize("sql", [
    FOREVER + "SELECT count(*) FROM c", FOREVER + "SELECT x FROM c WHERE x < 0",
    FOREVER + "SELECT group_concat(x) FROM c", FOREVER + "SELECT x FROM c ORDER BY -x",
    "SELECT count(*) FROM " + ", ".join(f"planes a{i}" for i in range(30)),
])
def test_long_queries_end(path, sql):
    started = time.monotonic()
    with pytest.raises(QueryRefused, match=r"longer than 0\.2 s"):
        readonly(path, seconds=.2).query(sql)
    assert time.monotonic() - started < 2


@pytest.mark.parametrize("sql", [
    "SELECT randomblob(1000000000)", "SELECT zeroblob(1000000000)",
    "SELECT hex(zeroblob(15000))", "SELECT replace(hex(zeroblob(5000)), '0', 'abcd')",
    FOREVER + ", d AS (SELECT x FROM c LIMIT 9000) SELECT group_concat(x) FROM d",
    "SELECT '" + "x" * 30_000 + "'", "SELECT " + " || ".join(["hex(zeroblob(4000))"] * 9),
])
def test_huge_values_are_refused(base, sql):
    with pytest.raises(QueryRefused, match="grew beyond its limit"):
        base.query(sql)


@pytest.mark.parametrize("sql", [
    "SELECT " + ", ".join("1" * 1 for _ in range(300)), "SELECT " + "(" * 900 + "1" + ")" * 900,
    " UNION ALL ".join(["SELECT 1"] * 200), "SELECT " + "+".join(["1"] * 900),
    "SELECT 'a' LIKE '" + "%_" * 500 + "'",
])
def test_huge_queries_are_refused(base, sql):
    with pytest.raises(QueryRefused):
        base.query(sql)


def test_slow_functions_cannot_run_for_long(base):
    """The clock is read between steps only, so no single call may take long."""
    started = time.monotonic()
    half = CELL // 2 - 20
    base.query("SELECT trim(:a, :b), instr(:a, :c), replace(:a, :c, ''), :a LIKE :d, :a GLOB :e",
               {"a": "a" * half, "b": "b" * 1200 + "a", "c": "a" * (half // 2) + "b",
                "d": "%a" * 90 + "c", "e": "*a" * 90 + "c"})
    assert time.monotonic() - started < 2


@pytest.mark.parametrize("count, truncated", [(9, False), (10, False), (11, True), (500, True)])
def test_rows_stop_at_max_rows(path, count, truncated):
    result = readonly(path, max_rows=10).query(FOREVER + f"SELECT x FROM c LIMIT {count}")
    assert result.rows == [(x,) for x in range(1, min(count, 10) + 1)]
    assert result.truncated is truncated and ("left out" in str(result)) is truncated


def test_endless_rows_are_cut_without_waiting(path):
    assert readonly(path, max_rows=3).query(FOREVER + "SELECT x FROM c").truncated


def test_the_bytes_of_a_result_have_a_limit(path):
    result = readonly(path, max_rows=100_000).query(FOREVER + "SELECT hex(zeroblob(5000)) FROM c")
    assert result.truncated and 400 <= len(result) <= 500


# ------------------------------------------------------------------------------------- the file

@pytest.mark.parametrize("name", [
    "two words.db", "what?.db", "a#b.db", "100%.db", "%41.db", "x?mode=rwc.db", "naïve 日本.db",
    "a&b=c;d.db", "quote'\".db"])
def test_any_file_name(tmp_path, name):
    if os.name == "nt" and set(name) & set('?"'):
        pytest.skip("Windows has no such names")
    path = make(tmp_path / name)
    assert readonly(path).query("SELECT count(*) FROM planes").rows == [(3,)]
    assert readonly(str(path)).query("SELECT 1").rows == [(1,)]
    assert [entry.name for entry in tmp_path.iterdir()] == [name]


def test_a_relative_name(path, monkeypatch):
    monkeypatch.chdir(path.parent)
    assert readonly(path.name).query("SELECT 1").rows == [(1,)]


def test_a_missing_file_is_not_made(tmp_path):
    with pytest.raises(CourseError, match="no file .*nothing.db"):
        readonly(tmp_path / "nothing.db")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("content", [b"", b"tailnum,seats\n", b"SQLite format 3", b"\0" * 4096])
def test_a_file_that_is_no_database(tmp_path, content):
    (tmp_path / "x.db").write_bytes(content)
    with pytest.raises(CourseError, match="is not a SQLite database"):
        readonly(tmp_path / "x.db")


def test_a_folder(tmp_path):
    with pytest.raises(CourseError, match="cannot be read"):
        readonly(tmp_path)


def test_a_damaged_database(path):
    data = bytearray(path.read_bytes())
    data[100:] = b"\x07" * (len(data) - 100)
    path.write_bytes(data)
    with pytest.raises(QueryRefused, match="cannot be read just now"):
        readonly(path).query("SELECT * FROM planes")


def test_a_file_that_vanishes(path):
    base = readonly(path)
    path.unlink()
    with pytest.raises(QueryRefused, match="cannot be read just now"):
        base.query("SELECT 1")
    assert not path.exists()


def test_a_text_that_is_no_utf8(tmp_path):
    path = make(tmp_path / "x.db", "INSERT INTO planes VALUES (CAST(x'41ff42' AS TEXT), 1, 1);")
    rows = readonly(path).query("SELECT tailnum FROM planes WHERE seats = 1").rows
    assert rows == [("A\ufffdB",)]


def test_a_view_cannot_reach_further_than_a_query(tmp_path):
    path = make(tmp_path / "x.db", "CREATE VIEW v AS SELECT load_extension('x');"
                                   "CREATE VIEW w AS SELECT printf('%d', 1);")
    for view in "vw":
        with pytest.raises(QueryRefused):
            readonly(path).query(f"SELECT * FROM {view}")


def test_what_others_write_is_seen_and_a_lock_is_waited_for(path):
    base = readonly(path, seconds=.3)
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("INSERT INTO planes VALUES ('N9', 1, 1)")
        assert base.query("SELECT count(*) FROM planes").rows == [(4,)]
        writer.execute("BEGIN EXCLUSIVE")
        with pytest.raises(QueryRefused, match="locked"):
            base.query("SELECT 1 FROM planes")


# ------------------------------------------------------------------------------------ the object

def test_a_context_manager(path):
    with readonly(path) as base:
        base.query("SELECT 1")
    with pytest.raises(QueryRefused, match="closed"):
        base.query("SELECT 1")
    assert repr(base) == "ReadOnly(planes.sqlite, at most 1,000 rows and 5 s a query)"


@pytest.mark.parametrize("options", [
    {"max_rows": 0}, {"max_rows": -1}, {"max_rows": 1.5}, {"max_rows": True}, {"seconds": 0},
    {"seconds": -1}, {"seconds": float("nan")}, {"seconds": float("inf")}, {"seconds": "5"}])
def test_options_that_make_no_sense(path, options):
    with pytest.raises(CourseError, match="max_rows is|seconds is"):
        readonly(path, **options)


def test_threads_do_not_disturb_one_another(path):
    base, found = readonly(path, seconds=.3), []

    def slow():
        try:
            base.query(FOREVER + "SELECT count(*) FROM c")
        except QueryRefused as error:
            found.append(str(error))

    def quick():
        for _ in range(20):
            found.append(base.query("SELECT count(*) FROM planes").rows)

    threads = [threading.Thread(target=target) for target in (slow, quick, quick, slow)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert found.count([(3,)]) == 40 and sum("longer than" in str(one) for one in found) == 2


def test_nothing_reaches_stderr(path):
    code = ("import sys; from course import readonly\n"
            "for sql in ['SELECT 1', 'DROP TABLE planes', 'SELECT load_extension(1)']:\n"
            "    try: readonly(sys.argv[1]).query(sql)\n"
            "    except Exception as error: print(error)\n")
    said = subprocess.run([sys.executable, "-W", "error", "-c", code, str(path)], cwd=ROOT,
                          capture_output=True, encoding="utf-8", check=True)
    assert not said.stderr and said.stdout.count("Only reading") == 2
