"""The texts of the course: exact counts, file traps, aligned languages."""

import io
import json
import logging
import re
import unicodedata
from contextlib import redirect_stdout

import pytest

from course import datasets
from course.paths import CourseError
from course.pofile import messages
from tests.fetch_support import fetched

COUNTS = {"film": 10_605, "product": 3_708, "tweet": 4_200, "news": 5_190}
SCRIPTS = {"Russian": "CYRILLIC", "Chinese": "CJK", "Japanese": ("HIRAGANA", "KATAKANA", "CJK"),
           "Greek": "GREEK", "Hindi": "DEVANAGARI"}


# ---------------------------------------------------------------------------------- review texts

@pytest.mark.parametrize("source", COUNTS)
def test_counts(source):
    fetched("reviews-texts")
    texts = datasets.review_texts(source)
    assert len(texts) == COUNTS[source] and all(texts)
    assert not any(re.search("[\r\n\t\ufeff]", text) for text in texts)


def test_a_callers_changes_stay_with_the_caller():
    fetched("reviews-texts")
    datasets.review_texts("film").clear()
    assert len(datasets.review_texts("film")) == COUNTS["film"] == len(datasets.review_texts())


def test_an_unknown_source():
    with pytest.raises(CourseError, match="no reviews from 'tweets'.*film, product, tweet, news"):
        datasets.review_texts("tweets")


def test_traps_of_the_files(tmp_path):
    path = tmp_path / "made_GroundTruth.txt"
    path.write_bytes("\ufeff1_1\t0.5\tone \u2028 line\u0085still\r\n1_2\t-1\ta\ttab, naïve\r\n"
                     "1_3\t0\tlast".encode("utf-8"))
    assert datasets.parse_texts(path, 3) == ["one \u2028 line\u0085still", "a\ttab, naïve", "last"]


@pytest.mark.parametrize("body, count", [(b"1\t0\ta\r\n2\t0\tb", 3), (b"1\t0\ta\r\n2\t0", 2)])
def test_a_damaged_file(tmp_path, body, count):
    path = tmp_path / "made.txt"
    path.write_bytes(body)
    with pytest.raises(CourseError, match="python -m course.fetch"):
        datasets.parse_texts(path, count)


# -------------------------------------------------------------------------------- nine languages

@pytest.fixture
def nine():
    fetched("nine-languages")
    return datasets.nine_languages()


def test_nine_aligned_languages(nine):
    assert list(nine) == ["English", "French", "German", "Polish", "Russian", "Chinese",
                          "Japanese", "Greek", "Hindi"]
    assert {len(column) for column in nine.values()} == {109}
    assert len(set(nine["English"])) == 109


def test_real_sentences(nine):
    assert all(len(text.split()) >= 4 and text[-1] in ".!?" for text in nine["English"])
    for language, column in nine.items():
        assert not any(re.search(r"%\(|%[sd]|[{}<>\n]|^$", text) for text in column), language
    assert all(len(set(row)) == 9 for row in zip(*nine.values())), "an untranslated sentence"


@pytest.mark.parametrize("language", SCRIPTS)
def test_scripts(nine, language):
    for text in nine[language]:
        assert any(unicodedata.name(c, "").startswith(SCRIPTS[language]) for c in text), text


def test_a_sentence_everyone_can_check(nine):
    row = {language: column[0] for language, column in nine.items()}
    assert row["English"] == "Enter a list of values."
    assert row["German"] == "Bitte eine Liste mit Werten eingeben."
    assert row["Chinese"] == "输入一系列值。"


def test_only_what_all_have_and_nothing_with_placeholders():
    french = {"Enter a valid value.": "F1.", "Enter %(n)s valid values.": "F %(n)s.",
              "Only the French have this.": "F3.", "Too short.": "F4.",
              "No full stop at all": "F5", "Bold in one language only.": "<b>F6</b>."}
    german = {key: value.replace("F", "D").replace("<b>", "").replace("</b>", "")
              for key, value in french.items() if "French" not in key}
    assert datasets.aligned({"French": french, "German": german}) == [
        ["Enter a valid value.", "F1.", "D1."]]


# ------------------------------------------------------------------------------------- catalogues

CATALOGUE = r'''
# a comment
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\n"

#: here.py:3
msgid "one"
msgstr "uno"

#, fuzzy
msgid "guessed"
msgstr "quizás"

#, python-format, fuzzy
msgid "guessed %s"
msgstr "quizás %s"

#, python-format
msgid ""
"long "
"\"line\"\n"
msgstr "larga "
"\"línea\"\n"

msgctxt "month"
msgid "May"
msgstr "mayo"

msgid "a file"
msgid_plural "files"
msgstr[0] "un archivo"
msgstr[1] "archivos"

msgid "not done"
msgstr ""

#~ msgid "retired"
#~ msgstr "jubilado"
'''


def test_messages_of_a_catalogue():
    assert messages(CATALOGUE) == {"one": "uno", 'long "line"\n': 'larga "línea"\n'}
    assert messages(CATALOGUE.rstrip().replace("\n", "\r\n")) == messages(CATALOGUE)


def test_the_same_as_another_reader():
    """babel reads the real catalogues alike (what it calls fuzzy is left out here too)."""
    read_po = pytest.importorskip("babel.messages.pofile").read_po
    logging.getLogger("babel").setLevel(logging.CRITICAL)
    for path in sorted(fetched("nine-languages").glob("*-conf.po")):
        with open(path, "rb") as file, redirect_stdout(io.StringIO()):
            theirs = {m.id: m.string for m in read_po(file) if m.id and m.string and not m.fuzzy
                      and isinstance(m.id, str) and not m.context}
        assert messages(path.read_text(encoding="utf-8")) == theirs, path.name


def test_four_kinds_of_text_out_of_scikit_learn():
    kinds = datasets.sklearn_texts()
    assert list(kinds) == ["docs", "code", "JSON", "numbers"]
    assert len(kinds["JSON"]) == len(kinds["numbers"]) == 178
    assert list(json.loads(kinds["JSON"][0]))[0] == "alcohol" and '"' not in kinds["numbers"][0]
    assert not any(doc in text for doc in kinds["docs"] for text in kinds["code"])
    assert any("def fit(" in text for text in kinds["code"])
