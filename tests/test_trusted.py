"""Checks use only names that learners cannot change."""

from grader import trusted
from grader.source import lessons


def test_reads_and_makes_are_told_apart():
    reads, makes = trusted.names_of(
        "import re\nx = [y for y in z]\ndef f(a):\n    global g\n    g = a + h\n")
    assert {"z", "h"} <= reads and "a" not in reads and "y" not in reads
    assert {"re", "x", "f", "g"} <= makes


def test_a_name_from_an_open_cell_is_refused(monkeypatch, tmp_path):
    lesson = "16_made"
    path = tmp_path / f"{lesson}.py"
    path.write_text(
        '# %%\nhelper = 3\n\n# %% locked="setup"\nsafe = 4\nprint(helper)\n\n'
        '# %% exercise="a"\ndef answer():\n    return safe\n\n'
        '# %% check="a" points=1\nwith check("a"):\n'
        '    assert answer() == safe, "x"\n    assert helper == 3, "y"\n', encoding="utf-8")
    monkeypatch.setattr(trusted, "source_path", lambda name: path)
    found = list(trusted.untrusted_names([lesson]))
    assert len(found) == 3  # `helper` twice, and `check`, which no locked cell imports here
    assert sum("`helper`" in sentence for sentence in found) == 2


def test_the_courses_own_checks_keep_to_it():
    assert list(trusted.untrusted_names(lessons())) == []
