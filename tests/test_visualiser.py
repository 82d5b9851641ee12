"""The token visualiser: the same content as plain text, HTML and a widget."""

import os
import re
import subprocess
import sys
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course import tokenview, tokenwidget, visualiser, vocabularies
from course.paths import ROOT, CourseError
from course.tables import width
from course.vocabularies import ByteLevel, Piece, split

TEXTS = ["", "\n", " ", "Cooking cooking  1234567", "<script>alert(1)</script> & \"q\" 'a'",
         "🙂 👩‍👩‍👧", "नमस्ते दुनिया", "你好，世界", "a|b\tc\r\n", "x" * 300, "e\u0301\u0301", "\x00\x1b[31m\u202e",
         "half \ud83d surrogate"]


class Bytes:
    """The simplest vocabulary: one token for each byte."""

    name = "bytes"

    def encode(self, text):
        return list(text.encode("utf-8"))

    def decode_bytes(self, ids):
        return bytes(ids)


class Pairs(Bytes):
    """Two bytes a token, so that characters are cut in the middle."""

    name = "pairs"

    def encode(self, text):
        data = text.encode("utf-8")
        return [int.from_bytes(b"\x01" + data[i:i + 2], "big") for i in range(0, len(data), 2)]

    def decode_bytes(self, ids):
        return b"".join(number.to_bytes(3, "big").lstrip(b"\0")[1:] for number in ids)


OURS = [Bytes(), Pairs()]


@pytest.mark.parametrize("text", TEXTS)
def test_plain_text_fits_the_page_and_is_the_same_each_time(text):
    shown = visualiser.token_table(text, OURS)
    assert shown == visualiser.token_table(text, OURS)
    assert max(width(line) for line in shown.splitlines()) <= 79
    assert not re.search(r"[\x00-\x09\x0b-\x1f\u202e\ud800-\udfff]", shown)
    assert [shown.index(part) for part in ("boundaries", "ids", "bytes")]


def test_plain_text_of_a_small_text():
    assert visualiser.token_table("hé\n", [("mine", Pairs()), Bytes()]) == """\
1 word, 3 characters, 4 bytes

vocabulary  tokens  words per token
mine             2             0.50
bytes            4             0.25

boundaries
mine   |<68 c3>|<a9 0a>|
bytes  |h|<c3>|<a9>|⏎|

ids
mine   |92355|108810|
bytes  |104|195|169|10|

bytes
mine   |68 c3|a9 0a|
bytes  |68|c3|a9|0a|""".replace("92355", str(0x168c3)).replace("108810", str(0x1a90a))


class Text(HTMLParser):
    """The text of a page, its tags and its titles; fails on a tag that is not ours."""

    def __init__(self):
        super().__init__()
        self.tags, self.titles, self.data = [], [], []

    def handle_starttag(self, tag, attributes):
        assert tag in ("div", "span", "b", "i", "br", "wbr"), tag
        self.tags.append(tag)
        self.titles += [value for name, value in attributes if name == "title"]

    def handle_data(self, data):
        self.data.append(data)


@pytest.mark.parametrize("view", ["text", "ids", "bytes"])
@pytest.mark.parametrize("text", TEXTS)
def test_html_is_escaped_and_complete(text, view):
    html = visualiser.TokenView(text, OURS, view=view)._repr_html_()
    assert html == visualiser.TokenView(text, OURS, view=view)._repr_html_()
    page = Text()
    page.feed(html)
    size = len(text.encode("utf-8", "replace"))
    assert len(page.titles) == min(size, tokenview.SHOWN) + min(-(-size // 2), tokenview.SHOWN)
    html.encode("utf-8")


def test_a_label_is_escaped_too():
    html = visualiser.TokenView("x", [("<img src=x onerror=alert(1)>", Bytes())])._repr_html_()
    assert "<img" not in html


@given(st.text())
def test_any_text_can_be_shown(text):
    one = split("bytes", Bytes(), text)
    assert one.exact or any("\ud800" <= char <= "\udfff" for char in text)
    assert max(width(line) for line in visualiser.plain([one]).splitlines()) <= 79
    Text().feed(tokenview.html([one]))


@pytest.mark.parametrize("data, seen", [
    (b" a", "·a"), (b"\n", "⏎"), (b"\xf0\x9f", "<f0 9f>"), ("\u0301".encode(), "◌\u0301"),
    ("\u200d".encode(), "<e2 80 8d>"), (b"|", "❘"), (b"\x00", "<00>"), ("👩‍👧".encode(), "👩‍👧")])
def test_how_a_token_is_seen(data, seen):
    assert tokenview.visible(Piece(1, data)) == seen


def test_long_texts_are_counted_whole_and_drawn_in_part():
    text = "a" * 5000
    assert "5,000" in visualiser.token_table(text, Bytes())
    assert "... and 4,400 more" in visualiser.token_table(text, Bytes())
    html = visualiser.TokenView(text, Bytes())._repr_html_()
    assert html.count("<span title") == tokenview.SHOWN and "and 4,400 more" in html


def test_a_vocabulary_that_loses_text_is_named():
    class Lossy(Bytes):
        def encode(self, text):
            return super().encode(text.lower())

    assert "mine: the tokens' bytes do not give the text back." in \
        visualiser.token_table("Aa", {"mine": Lossy()})
    assert "do not give" in visualiser.TokenView("Aa", Lossy())._repr_html_()


def test_two_of_one_name_are_told_apart():
    labels = [label for label, _ in vocabularies.vocabularies([Bytes(), Bytes(), Bytes()])]
    assert labels == ["bytes", "bytes #2", "bytes #3"]


@pytest.mark.parametrize("encodings, part", [
    ("gpt9", "no vocabulary 'gpt9'"), ([], "No vocabulary"), ([3], "int"),
    ([object()], "object")])
def test_what_is_no_vocabulary_is_one_sentence(encodings, part):
    with pytest.raises(CourseError, match=part) as error:
        visualiser.token_table("x", encodings)
    assert "\n" not in str(error.value)


def test_a_vocabulary_that_fails_is_one_sentence():
    class Broken(Bytes):
        def encode(self, text):
            raise KeyError("q")

    with pytest.raises(CourseError, match="'mine' failed on 'quick': KeyError: 'q'"):
        visualiser.token_table("quick", {"mine": Broken()})
    with pytest.raises(CourseError, match="from a str, not from int"):
        visualiser.token_table(3, Bytes())


def test_without_widgets_it_displays_html_and_text(monkeypatch):
    seen = []
    monkeypatch.setenv("COURSE_WIDGETS", "0")
    monkeypatch.setattr("IPython.display.display", lambda *a, **k: seen.append((a, k)))
    visualiser.show_tokens("hé", Bytes())
    ((view,), options), = seen
    assert not options and "<span" in view._repr_html_() and "|h|<c3>|<a9>|" in repr(view)


def test_the_widget_follows_its_controls():
    known = vocabularies.vocabularies(OURS)
    box = tokenwidget.controls("hé", known)
    area, (view, ticks), output = box.children[0], box.children[1].children, box.children[2]
    assert output.value.count("<span title") == 5
    area.value = "<b>"
    assert "&lt;b" in output.value and "<b>&lt;" not in output.value
    view.value = "bytes"
    assert "3c 62" in output.value
    view.value = "ids"
    assert ">60<" in output.value
    ticks.children[1].value = False
    assert "pairs" not in output.value
    ticks.children[0].value = False
    assert "Tick a vocabulary" in output.value


def test_the_widget_is_saved_with_html_and_text(monkeypatch):
    seen = []
    monkeypatch.setenv("COURSE_WIDGETS", "1")
    monkeypatch.setattr("IPython.display.display", lambda data, **k: seen.append((data, k)))
    visualiser.show_tokens("hé", Bytes())
    (bundle, options), = seen
    assert options == {"raw": True}
    assert set(bundle) == {"application/vnd.jupyter.widget-view+json", "text/html", "text/plain"}


def test_widgets_are_off_where_nobody_can_use_them(monkeypatch):
    monkeypatch.delenv("COURSE_WIDGETS", raising=False)
    monkeypatch.setitem(sys.modules, "ipykernel", sys)
    monkeypatch.setenv("JPY_SESSION_NAME", "a.ipynb")
    assert tokenwidget.available()
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert not tokenwidget.available()
    monkeypatch.setenv("COURSE_WIDGETS", "1")
    assert tokenwidget.available()


def test_byte_alphabet_is_a_bijection():
    alphabet = vocabularies.byte_alphabet()
    assert sorted(alphabet) == list(range(256)) and len(set(alphabet.values())) == 256
    assert alphabet[32] == "Ġ" and alphabet[10] == "Ċ" and alphabet[65] == "A"


@pytest.fixture(scope="module")
def toy():
    from course.gguf_convert import build_tokenizer

    names = ["<|end|>", *vocabularies.byte_alphabet().values(), "ĠĠ", "ab"]
    return ByteLevel(build_tokenizer(names, [("Ġ", "Ġ"), ("a", "b")], ["<|end|>"]), "toy")


@given(text=st.text())
def test_byte_level_round_trip(toy, text):
    text = text.encode("utf-8", "replace").decode()
    for special in (False, True):
        assert toy.decode_bytes(toy.encode(text, special)) == text.encode("utf-8")


def test_special_tokens_are_ordinary_unless_asked(toy):
    assert len(split("toy", toy, "a<|end|>").pieces) == 8
    pieces = split("toy", toy, "a<|end|>", special=True).pieces
    assert [piece.bytes for piece in pieces] == [b"a", b"<|end|>"]


def test_digits_are_cut_off_before_spaces(toy):
    assert [piece.bytes for piece in split("toy", toy, "ab  12").pieces] == [
        b"ab", b"  ", b"1", b"2"]


def test_the_shipped_vocabularies_side_by_side():
    try:
        shown = visualiser.token_table("Cooking cooking")
    except CourseError as error:
        if os.environ.get("REQUIRE_ALL") == "1":
            raise
        pytest.skip(str(error))
    assert "gpt2         |Cook|ing|·cooking|" in shown
    assert "o200k_base   |Cooking|·cooking|" in shown
    assert "llm          |C|ooking|·cooking|" in shown
    gpt2 = visualiser.vocabularies(["gpt2"])[0]
    assert len(split(*gpt2, "<|endoftext|>", special=True).pieces) == 1
    assert len(split(*gpt2, "<|endoftext|>").pieces) > 1


def test_it_starts_without_torch_and_transformers():
    code = ("import sys; from course import token_table, show_tokens\n"
            "heavy = {'torch', 'transformers', 'ipywidgets'} & set(sys.modules)\n"
            "assert not heavy, heavy")
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_cuts_are_one_line():
    assert visualiser.cuts("h é\n", Bytes()) == "h|·|<c3>|<a9>|⏎"
    assert visualiser.cuts("", Bytes()) == ""
