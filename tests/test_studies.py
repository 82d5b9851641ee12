"""Shipped results: read, measured live, compared as rates."""

import json
import sys
import types

import pytest

from course import studies
from course.paths import CourseError
from course.studies import __main__ as command


@pytest.fixture
def made(tmp_path, monkeypatch):
    """One lesson with two studies, `rates` and `texts`; what they give can be changed."""
    module = types.ModuleType("course.studies.made_up")
    module.gives = {"accuracy": .5, "per": [{"n": 3, "auc": .9}], "seconds": 12.0}

    @studies.study(seconds=1)
    def rates():
        return module.gives
    rates.__module__ = module.__name__
    module.rates, module.helper = rates, lambda: None
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(studies, "MODULES", {"97_made": "made_up"})
    monkeypatch.setattr(command, "MODULES", studies.MODULES)
    monkeypatch.setattr(studies, "RESULTS", tmp_path)
    return module


def test_a_study_is_written_once_and_read(made, capsys):
    assert command.main(["all"]) == 0
    assert studies.shipped("97_made/rates") == made.gives
    made.gives = {**made.gives, "accuracy": .54, "seconds": 99.0}
    assert command.main(["97_made"]) == 0, "rates within .05 came back; times are not compared"
    assert studies.shipped("97_made/rates")["accuracy"] == .5, "and the file stays as it was"
    assert studies.shipped("97_made/rates", live=True)["accuracy"] == .54
    assert "about 1 s on two cores" in capsys.readouterr().out


def test_a_rate_that_moved_is_named_and_written(made, capsys):
    command.main(["97_made/rates"])
    made.gives = {"accuracy": .56, "per": [{"n": 4}], "extra": "text"}
    assert command.main(["97_made/rates", "--compare"]) == 1
    assert studies.shipped("97_made/rates")["accuracy"] == .5
    said = capsys.readouterr().out
    assert "97_made/rates/accuracy was 0.500 and is 0.560" in said
    assert "97_made/rates/per/0/auc is gone" in said and "/seconds is gone" in said
    assert "97_made/rates/extra is new" in said
    assert command.main(["97_made/rates"]) == 1
    assert studies.shipped("97_made/rates")["accuracy"] == .56


def test_hits_are_compared_as_a_share(made, capsys):
    made.gives = {"solved": [1] * 20, "n": 1, "rows": [{"bare": {"harm": 0}}] * 30}
    command.main(["97_made/rates"])
    made.gives = {"solved": [0] + [1] * 19, "n": 0, "rows": [{"bare": {"harm": 0}}] * 30}
    assert command.main(["97_made/rates", "--compare"]) == 0, "one of twenty is within .05"
    made.gives["rows"] = [{"bare": {"harm": 1}}] * 2 + made.gives["rows"][2:]
    made.gives["solved"] = [0, 0] + [1] * 18
    assert command.main(["97_made/rates", "--compare"]) == 1
    said = capsys.readouterr().out
    assert "97_made/rates/solved/* was 1 in 1.000 of its places and is in 0.900" in said
    assert "97_made/rates/rows/*/bare/harm was 1 in 0.000 of its places and is in 0.067" in said
    assert "/n " not in said


def test_trouble_is_one_sentence(made, capsys):
    for name in ("97_made/rates", "97_made/other"):
        with pytest.raises(CourseError, match="no shipped result"):
            studies.shipped(name)
    with pytest.raises(CourseError, match="97_made has rates"):
        studies.shipped("97_made/other", live=True)
    studies.place("97_made/rates").parent.mkdir()
    studies.place("97_made/rates").write_text("{", encoding="utf-8")
    with pytest.raises(CourseError, match="is damaged"):
        studies.shipped("97_made/rates")
    assert command.main(["05_none"]) == 2
    assert capsys.readouterr().err.startswith("error: There are no studies of '05_none'")


def test_what_ships_belongs_to_a_study_that_exists():
    for path in studies.RESULTS.glob("*/*.json"):
        assert path.stem in studies.studies_of(path.parent.name), f"{path} belongs to no study"
        json.loads(path.read_text(encoding="utf-8"))


def test_every_study_has_its_result():
    for lesson in studies.MODULES:
        for name in studies.studies_of(lesson):
            assert studies.place(f"{lesson}/{name}").is_file(), f"python -m course.studies {lesson}/{name}"
