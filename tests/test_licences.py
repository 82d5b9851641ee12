"""`make check` refuses data that does not say whose it is: one test per fault."""

import re
import subprocess

import pytest

from course.paths import ROOT, CourseError
from grader import licences

MANIFEST = '''
[[entry]]
name = "things"
title = "Things"
about = "what they are"
lessons = ["04_tokens"]
licence = "MIT"
licence_texts = ["MIT.txt"]
attribution = "Copyright 2026 someone"
cite = "Someone (2026). Things."
not_for = "anything else"
[[entry.carrier]]
package = "pkg"
version = "1.0"
kind = "wheel"
[[entry.file]]
name = "a.txt"
at = "a.txt"
bytes = 5
sha256 = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

[[shipped]]
files = ["data/prices.toml", "solutions/*/reference/*"]
about = "ours"
licence = "CC-BY-4.0"
licence_texts = ["CC.txt"]
attribution = "Written for the course."
not_for = "anything else"
'''


class Repo:
    """A small repository without faults."""

    def __init__(self, root):
        self.root = root
        self.write("data/manifest.toml", MANIFEST)
        self.write("data/prices.toml", "x = 1")
        self.write("data/LICENSES/MIT.txt", "Permission " * 40)
        self.write("data/LICENSES/CC.txt", "Attribution " * 40)
        self.write("data/cache/things/a.txt", "hello")
        self.write("solutions/01_x/reference/r.json", "[]")
        self.write("solutions/01_x/01_x.py", "x = need('things')")
        self.write("course/catalogue.toml", '[[lesson]]\nid = "01_x"\nuses = ["things"]')
        self.write("LICENSE", "Apache License")
        self.write("LICENSE-text", "SPDX: CC-BY-4.0")
        self.write(".gitignore", "data/cache/\n")
        subprocess.run(["git", "init", "-q", str(root)], check=True)
        licences.write_notice(root)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())

    def change(self, old, new):
        assert old in MANIFEST
        self.write("data/manifest.toml", MANIFEST.replace(old, new))

    def faults(self):
        return list(licences.faults(self.root))

    def one_fault(self, pattern):
        found = self.faults()
        assert len(found) == 1 and re.search(pattern, found[0]), found


@pytest.fixture
def repo(tmp_path):
    return Repo(tmp_path)


def test_a_repository_without_faults(repo):
    assert repo.faults() == []


@pytest.mark.parametrize("line", [line for line in MANIFEST.splitlines()
                                  if re.match("(title|about|licence_texts|attribution|cite|"
                                              "not_for|lessons|files) =", line)])
def test_an_entry_that_leaves_something_out(repo, line):
    repo.change(line + "\n", "")
    key = line.split(" ")[0]
    # the first of two entries lost it, where both have it; a lost text is unused besides
    assert any(re.search(rf"has no {key}$", sentence) for sentence in repo.faults())


def test_no_licence(repo):
    repo.change('licence = "MIT"', 'licence = ""')
    assert any("has no licence" in sentence for sentence in repo.faults())
    repo.change('licence = "MIT"', 'licence = "free, I think"')
    repo.one_fault("things: its licence is no SPDX expression")


@pytest.mark.parametrize("old, new", [("bytes = 5", 'bytes = "5"'), ("2cf24", "xcf24"),
                                      ("sha256", "sha1")])
def test_a_fetched_file_without_hash_or_size(repo, old, new):
    repo.change(old, new)
    repo.one_fault("a.txt has no sha256 or no size")


def test_a_missing_licence_text(repo):
    (repo.root / "data" / "LICENSES" / "MIT.txt").unlink()
    repo.one_fault("MIT.txt, the licence text of things, is missing")
    repo.write("data/LICENSES/MIT.txt", "MIT")
    repo.one_fault("is missing")


def test_a_licence_text_nobody_needs(repo):
    repo.write("data/LICENSES/GPL.txt", "General " * 40)
    repo.one_fault("GPL.txt belongs to no entry")


@pytest.mark.parametrize("name", ["data/more.json", "docs/picture.png", "solutions/a.npz",
                                  "solutions/01_x/deep/reference/r.json", "tests/table.CSV"])
def test_a_shipped_file_without_an_entry(repo, name):
    repo.write(name, "bytes")
    repo.one_fault(rf"^{name} is shipped without")


def test_a_committed_cache(repo):
    subprocess.run(["git", "-C", str(repo.root), "add", "-f", "data/cache/things/a.txt"],
                   check=True)
    assert any("data/cache/things/a.txt is in git" in sentence for sentence in repo.faults())


def test_a_fetched_file_committed_under_another_name(repo):
    repo.write("tests/fixture.md", "hello")
    repo.one_fault("tests/fixture.md has the bytes of a.txt, which is fetched")


@pytest.mark.parametrize("name", ["course/x.py", "solutions/01_x/01_x.py"])
def test_code_that_needs_what_has_no_entry(repo, name):
    repo.write(name, 'folder = need("others")')
    repo.one_fault(f"{name} needs 'others', which has no entry")


def test_a_lesson_that_uses_what_has_no_entry(repo):
    repo.write("course/catalogue.toml", '[[lesson]]\nid = "01_x"\nuses = ["others"]')
    repo.one_fault("01_x uses 'others'")


def test_a_fetched_file_without_an_entry(repo):
    repo.write("data/cache/things/b.txt", "other")
    repo.one_fault("data/cache/things/b.txt was fetched without an entry")


def test_a_fetched_folder_without_an_entry(repo):
    repo.write("data/cache/things-converted/x", "made out of things")
    assert repo.faults() == []
    repo.write("data/cache/others/x", "from where?")
    repo.one_fault("data/cache/others belongs to no entry")


@pytest.mark.parametrize("source, quotes, pattern", [
    ("tweets", 1, "quotes a fetched tweet"), ("nytEditorialSnippets", 1, "quotes a fetched tweet"),
    ("movieReviewSnippets", 1, None), ("movieReviewSnippets", 30, "which is a collection")])
def test_fetched_texts_in_tracked_files(repo, source, quotes, pattern):
    made = [f"{number}: an invented sentence that is long enough to know" for number in range(30)]
    repo.change('name = "things"', 'name = "reviews-texts"')
    repo.write("course/catalogue.toml", "")
    repo.write("solutions/01_x/01_x.py", "")
    (repo.root / "data" / "cache" / "things" / "a.txt").rename(
        repo.root / "data" / "cache" / "a.txt")
    (repo.root / "data" / "cache" / "a.txt").unlink()
    (repo.root / "data" / "cache" / "things").rmdir()
    repo.write(f"data/cache/reviews-texts/{source}_GroundTruth.txt",
               "\r\n".join(f"{i}\t0\t{text}" for i, text in enumerate(made)))
    repo.write("docs/x.md", "Quoted: " + " and ".join(made[:quotes]))
    found = [s for s in repo.faults() if s.startswith("docs/")]
    assert (found == []) if pattern is None else re.search(pattern, found[0])


@pytest.mark.parametrize("name", ["LICENSE", "LICENSE-text"])
def test_a_missing_licence_of_ours(repo, name):
    (repo.root / name).unlink()
    repo.one_fault(f"^{name} is missing")


def test_a_notice_out_of_date(repo):
    repo.change("Copyright 2026 someone", "Copyright 2026 someone else")
    repo.one_fault("NOTICE is out of date")
    licences.write_notice(repo.root)
    assert repo.faults() == [] and "someone else" in (repo.root / "NOTICE").read_text("utf-8")
    (repo.root / "NOTICE").unlink()
    repo.one_fault("NOTICE is out of date")


def test_a_notice_is_not_written_for_an_incomplete_entry(repo):
    before = (repo.root / "NOTICE").read_bytes()
    repo.change('attribution = "Copyright 2026 someone"\n', "")
    with pytest.raises(CourseError, match="things has no attribution"):
        licences.write_notice(repo.root)
    assert (repo.root / "NOTICE").read_bytes() == before


def test_an_unreadable_manifest(repo):
    repo.write("data/manifest.toml", "[[entry]")
    with pytest.raises(CourseError, match="manifest.toml cannot be read"):
        repo.faults()


def test_without_git(repo):
    assert set(licences.tracked(repo.root)) >= {"LICENSE", "data/prices.toml"}
    (repo.root / ".git").rename(repo.root / "git-away")
    names = licences.tracked(repo.root)
    assert "LICENSE" in names and "data/cache/things/a.txt" not in names


# ------------------------------------------------------------------------------ this repository

def test_this_repository_has_no_faults():
    assert list(licences.faults()) == []


def test_every_carried_text_is_whole():
    for name, phrase in [("Apache-2.0.txt", "APPENDIX: How to apply"), ("CC-BY-4.0.txt",
                         "Section 8"), ("Django-BSD-3-Clause.txt", "Neither the name of Django"),
                         ("tiktoken-MIT.txt", "Shantanu Jain"), ("vaderSentiment-MIT.txt",
                         "C.J. Hutto"), ("gpt-2-Modified-MIT.txt", "OpenAI")]:
        assert phrase in (ROOT / "data" / "LICENSES" / name).read_text(encoding="utf-8"), name
    assert (ROOT / "LICENSE").read_bytes() == (
        ROOT / "data" / "LICENSES" / "Apache-2.0.txt").read_bytes()
