"""Forms that a model fills in: which tokens may come next, by hand and by a library.

A form is a list of parts, each of which takes some tokens:

    [[12, 7], [12, 9, 7]]    one of these options; none may be the beginning of another
    5                        free text: at most 5 tokens of `safe`, then the token `close`

A text with fixed parts is a list of parts with one option each. Lesson 09 builds `allowed`.
"""

import json
import re
from functools import cache as once

from course.paths import DATA, CourseError


def tickets() -> dict:
    """{"topics": names, "shown": examples, "test": messages}, each message a dict with its
    "text", "topic" and "order" number. Invented for the course."""
    try:
        return json.loads((DATA / "tickets.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CourseError(f"data/tickets.json cannot be read ({error}): restore it from the "
                          "repository.") from None


def allowed(form: list, written: list[int], safe: set[int], close: int) -> set[int]:
    """Ids that may follow `written`; the empty set when the form is full."""
    rest = list(written)
    for part in form:
        if isinstance(part, int):
            if close not in rest:
                return {close} if len(rest) >= part else safe | {close}
            rest = rest[rest.index(close) + 1:]
            continue
        alive = [option for option in part if option[:len(rest)] == rest[:len(option)]]
        full = [option for option in alive if len(option) <= len(rest)]
        if not full:
            return {option[len(rest)] for option in alive}
        rest = rest[len(full[0]):]
    return set()


def longest(form: list) -> int:
    """The most tokens that a text in this form can have."""
    return sum(part + 1 if isinstance(part, int) else max(map(len, part)) for part in form)


def safe_ids(tokenizer) -> set[int]:
    """Tokens that can stand anywhere inside a JSON string: whole characters, no quote, no
    backslash, no control character."""
    special = {token for token, one in tokenizer.added_tokens_decoder.items() if one.special}
    texts = {token: tokenizer.decode([token]) for token in range(len(tokenizer))
             if token not in special}
    return {token for token, text in texts.items()
            if text and not re.search(r'["\\\x00-\x1f\x7f\ufffd]', text)}


def ticket_form(tokenizer, note: int = 12, natural: bool = True) -> tuple[list, int]:
    """(form, close) for {"topic": one of four, "order": four digits, "note": free text}.

    natural: cut the fixed parts where the tokenizer cuts a whole JSON text, so that `",` and
    `"}` are one token as in the texts that the model has read; else each part by itself.
    """
    def cut(text):
        return tokenizer.encode(text, add_special_tokens=False)

    def one_of(options):
        return [cut(option) for option in options]

    digits = [one_of("123456789"), *[one_of("0123456789")] * 3]
    topics = tickets()["topics"]
    if natural:
        head = [cut('{"topic":') + cut(' "')]
        form = [head, [cut(topic) + cut('",') for topic in topics],
                [cut(' "order":') + cut(" ")], *digits,
                [cut(',') + cut(' "note":') + cut(' "')], note]
        return form, cut('"}')[0]
    form = [one_of(['{"topic": "']), [cut(topic) + cut('"') for topic in topics],
            one_of([', "order": ']), *digits, one_of([', "note": "']), note, one_of(["}"])]
    return form, cut('"')[0]


def schema(note: int = 40) -> dict:
    """The same form as JSON Schema; note: the most characters of the free text."""
    return {"type": "object", "additionalProperties": False,
            "required": ["topic", "order", "note"],
            "properties": {"topic": {"enum": tickets()["topics"]},
                           "order": {"type": "integer", "minimum": 1000, "maximum": 9999},
                           "note": {"type": "string", "maxLength": note}}}


def judged(text: str, ticket: dict | None = None) -> dict[str, bool]:
    """What is right about a written text: valid (one JSON value and nothing else), form (the
    three fields as the form has them), and, given the true ticket, topic and order."""
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    fields = value if isinstance(value, dict) else {}
    number = fields.get("order")
    good = (set(fields) == {"topic", "order", "note"} and fields["topic"] in tickets()["topics"]
            and type(number) is int and 1000 <= number <= 9999
            and isinstance(fields["note"], str))
    found = {"valid": value is not None, "form": good}
    if ticket:
        found |= {name: good and fields[name] == ticket[name] for name in ("topic", "order")}
    return found


@once
def _library(tokenizer):
    import llguidance.hf

    return llguidance.hf.from_tokenizer(tokenizer)


def library_allowed(tokenizer, form_schema: dict):
    """`allowed` by the library llguidance: a function from written ids to the ids that may come
    next, of every way to cut the same text. Whitespace as json.dumps writes it."""
    import llguidance

    library = _library(tokenizer)
    grammar = llguidance.LLMatcher.grammar_from_json_schema(
        form_schema, overrides={"whitespace_flexible": False,
                                "item_separator": ", ", "key_separator": ": "})

    def after(written: list[int]) -> set[int]:
        matcher = llguidance.LLMatcher(library, grammar)
        if matcher.get_error() or not matcher.consume_tokens(list(written)):
            raise CourseError(f"These tokens do not fit the schema: {matcher.get_error()}")
        if matcher.is_stopped():
            return set()
        bits = matcher.compute_bitmask()
        ids = {8 * place + bit for place, byte in enumerate(bits) if byte
               for bit in range(8) if byte >> bit & 1}
        return ids - {tokenizer.eos_token_id}
    return after
