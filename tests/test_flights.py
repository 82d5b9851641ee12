"""The flights database: exact counts and answers, types, keys, how it is made and made again."""

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from course import fetch, flightbase, paths
from course.flightbase import TABLES
from course.paths import ROOT, CourseError
from course.sql import readonly
from tests.fetch_support import fetched


@pytest.fixture(scope="module")
def base():
    fetched("flights")
    return readonly(flightbase.flights(), max_rows=5_000, seconds=60)


def one(base, sql):
    (row,) = base.query(sql).rows
    return row[0] if len(row) == 1 else row


@pytest.mark.parametrize("name, rows, columns", [
    ("flights", 336_776, 19), ("weather", 26_115, 15), ("planes", 3_322, 9),
    ("airports", 1_458, 8), ("airlines", 16, 2)])
def test_counts(base, name, rows, columns):
    assert one(base, f"SELECT count(*) FROM {name}") == rows
    assert len(base.query(f"PRAGMA table_info({name})")) == columns


@pytest.mark.parametrize("sql, answer", [
    ("SELECT count(*) - count(dep_time) FROM flights", 8_255),
    ("SELECT count(*) FROM flights WHERE origin = 'JFK' AND month = 3", 9_697),
    ("SELECT count(*) FROM flights WHERE dest = 'BOS'", 15_508),
    ("SELECT count(*) FROM flights WHERE tailnum IS NULL", 2_512),
    ("SELECT count(*) FROM flights f LEFT JOIN planes p ON f.tailnum = p.tailnum "
     "WHERE p.tailnum IS NULL", 52_606),
    ("SELECT count(*) FROM weather WHERE wind_gust IS NULL", 20_778),
    ("SELECT max(n) FROM (SELECT count(*) AS n FROM weather "
     "GROUP BY origin, year, month, day, hour)", 2),
    ("SELECT typeof(temp) || typeof(visib) || typeof(hour) FROM weather LIMIT 1",
     "realrealinteger"),
    ("SELECT count(*) FROM airports WHERE tzone IS NULL", 3),
])
def test_single_answers(base, sql, answer):
    assert one(base, sql) == answer


@pytest.mark.parametrize("sql, rows", [
    ("SELECT dest, count(*) FROM flights LEFT JOIN airports ON faa = dest WHERE faa IS NULL "
     "GROUP BY dest ORDER BY 2 DESC", [("SJU", 5819), ("BQN", 896), ("STT", 522), ("PSE", 365)]),
    ("SELECT name, round(avg(arr_delay), 2), count(arr_delay) FROM flights JOIN airlines "
     "USING (carrier) GROUP BY carrier HAVING count(arr_delay) >= 1000 ORDER BY 2 DESC LIMIT 3",
     [("AirTran Airways Corporation", 20.12, 3_175), ("ExpressJet Airlines Inc.", 15.80, 51_108),
      ("Envoy Air", 10.77, 25_037)]),
    ("SELECT CASE WHEN visib < 1 THEN 0 WHEN visib < 5 THEN 1 ELSE 5 END AS band, "
     "round(avg(dep_delay), 1), count(dep_delay) FROM flights JOIN weather "
     "USING (origin, time_hour) GROUP BY band ORDER BY band", None),
    ("WITH days AS (SELECT origin, month, day, avg(dep_delay) AS late FROM flights "
     "GROUP BY 1, 2, 3), ranked AS (SELECT *, row_number() OVER (PARTITION BY origin "
     "ORDER BY late DESC) AS place FROM days) SELECT origin, month, day, round(late, 1) "
     "FROM ranked WHERE place = 1 ORDER BY origin",
     [("EWR", 3, 8, 97.8), ("JFK", 7, 10, 63.6), ("LGA", 3, 8, 105.7)]),
])
def test_answers_of_several_rows(base, sql, rows):
    found = base.query(sql).rows
    if rows is None:                         # the more fog, the later
        assert [round(row[1]) for row in found] == [30, 24, 12]
    else:
        assert found == rows


@pytest.mark.parametrize("name", TABLES)
def test_keys_hold_and_are_declared(base, name):
    key = TABLES[name][2]
    declared = [row[1] for row in sorted(base.query(f"PRAGMA table_info({name})").rows,
                                         key=lambda row: row[5]) if row[5]]
    assert declared == key.split(", ")
    assert one(base, f"SELECT count(*) FROM {name} WHERE "
                     + " OR ".join(f"{column} IS NULL" for column in declared)) == 0


def test_numbers_are_numbers_and_na_is_null(base):
    for name, (_, columns, _) in TABLES.items():
        tests = [f"sum(typeof({column}) NOT IN ('{kind.lower()}', 'null')), "
                 f"sum({column} = 'NA')"
                 for column, kind in (pair.split() for pair in columns.split(", "))]
        (row,) = base.query(f"SELECT {', '.join(tests)} FROM {name}").rows
        assert not any(row), name


def test_the_indexes_are_used(base):
    for column, index in (("dest", "flights_dest"), ("tailnum", "flights_tailnum")):
        plan = base.query(f"EXPLAIN QUERY PLAN SELECT * FROM flights WHERE {column} = 'x'").rows
        assert index in plan[0][3]


# --------------------------------------------------------------------------------- how it is made

ROWS = {"airlines": "B6,JetBlue", "airports": "JFK,Kennedy,40.6,-73.8,13,-5,A,NA",
        "planes": "N1,NA,Fixed,AIRBUS,A320,2,180,NA,Turbo-fan",
        "weather": "JFK,2013,1,1,1,39.02,26,59,NA,10.3,NA,0,1012,10,2013-01-01T06:00:00Z",
        "flights": '2013,1,1,NA,515,NA,NA,819,NA,B6,7,NA,JFK,BOS,NA,187,5,15,2013-01-01T10:00:00Z'}


@pytest.fixture
def small(tmp_path, monkeypatch):
    """A folder of CSV files of one row each, and tables that expect that."""
    source = tmp_path / "data" / "cache" / "flights"
    source.mkdir(parents=True)
    tables = {name: (1, *rest) for name, (_, *rest) in TABLES.items()}
    for name, (_, columns, _) in tables.items():
        head = ",".join(pair.split()[0] for pair in columns.split(", "))
        (source / f"{name}.csv").write_text(f"{head}\n{ROWS[name]}\n", encoding="utf-8")
    monkeypatch.setattr(flightbase, "TABLES", tables)
    monkeypatch.setattr(flightbase, "DATA", tmp_path / "data")
    monkeypatch.setattr(paths, "DATA", tmp_path / "data")
    monkeypatch.setattr(flightbase, "need", lambda name: source)
    return source


def content(path):
    return {name: readonly(path).query(f"SELECT * FROM {name}").rows for name in TABLES}


def test_made_on_the_first_call_and_left_alone_after(small):
    path = flightbase.flights()
    before = path.stat().st_mtime_ns
    assert content(path)["planes"] == [
        ("N1", None, "Fixed", "AIRBUS", "A320", 2, 180, None, "Turbo-fan")]
    assert content(path)["flights"][0][3] is None and content(path)["airports"][0][2] == 40.6
    assert flightbase.flights() == path and path.stat().st_mtime_ns == before
    assert sorted(p.name for p in path.parent.iterdir()) == ["flights.sqlite", "made.json"]


def test_made_again_when_somebody_wrote_into_it(small):
    path = flightbase.flights()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM flights")
    os.utime(path, ns=(1, 1))
    assert len(content(flightbase.flights())["flights"]) == 1


@pytest.mark.parametrize("note", ["", "[]", '{"version": 0}'])
def test_made_again_when_its_note_does_not_fit(small, note):
    path = flightbase.flights()
    path.write_bytes(b"not whole")
    (path.parent / "made.json").write_text(note, encoding="utf-8")
    assert content(flightbase.flights())["airlines"] == [("B6", "JetBlue")]


def test_crumbs_of_killed_runs_go(small):
    folder = flightbase.flights().parent
    (folder / "made.json").unlink()
    (folder / "flights.sqlite.99.tmp").write_text("x", encoding="utf-8")
    (folder / "flights.sqlite.99.tmp-journal").write_text("x", encoding="utf-8")
    flightbase.flights()
    assert sorted(p.name for p in folder.iterdir()) == ["flights.sqlite", "made.json"]


@pytest.mark.parametrize("text, sentence", [
    ("carrier,name\n", "airlines has 0 rows instead of 1"),
    ("carrier,name\nB6,a\nAA,b\n", "airlines has 2 rows instead of 1"),
    ("carrier,title\nB6,a\n", "other columns than expected"), ("", "other columns")])
def test_files_that_are_not_as_expected_leave_nothing(small, text, sentence):
    (small / "airlines.csv").write_text(text, encoding="utf-8")
    with pytest.raises(CourseError, match=sentence):
        flightbase.flights()
    assert not list((small.parent / "flights-sqlite").iterdir())


def test_without_the_fetched_files(tmp_path, monkeypatch):
    def missing(name):
        raise CourseError("the flights are not on this machine: run `make lab`.")
    monkeypatch.setattr(flightbase, "DATA", tmp_path)
    monkeypatch.setattr(flightbase, "need", missing)
    with pytest.raises(CourseError, match="run `make lab`"):
        flightbase.flights()
    assert flightbase.main() == 1


def test_the_command(small, capsys):
    assert flightbase.main() == 0
    assert "database made in" in capsys.readouterr().out
    assert flightbase.main() == 0
    assert capsys.readouterr().out.startswith("flights: ready in ")


def test_fetch_makes_it(small, monkeypatch, capsys):
    shutil.copy(ROOT / "data" / "manifest.toml", paths.DATA)
    monkeypatch.setattr(fetch, "fetch", lambda names: None)
    assert fetch.main(["flights"]) == 0
    assert "database made" in capsys.readouterr().out
    shutil.rmtree(small.parent / "flights-sqlite")
    assert fetch.main(["ratings"]) == 0
    assert not (small.parent / "flights-sqlite").exists()


def test_it_needs_the_standard_library_only():
    code = "import sys; import course.flightbase, course.sql; print('numpy' in sys.modules)"
    said = subprocess.run([sys.executable, "-S", "-c", code], cwd=ROOT, capture_output=True,
                          encoding="utf-8", check=True)
    assert said.stdout.strip() == "False"
