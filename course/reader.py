"""The small language model as a reader: many questions at once, and answers that only copy.

    answers(prompts)                    # one text a prompt, in order
    answers(prompts, copy_from=texts)   # each answer is a verbatim span of its text

A prompt is a list of chat messages. Batches are padded on the left, so that the last token of
every prompt stands where its answer begins.
"""

from collections.abc import Sequence

from course.models import llm
from course.paths import CourseError

REFUSE = " If the page does not contain the answer, reply exactly: I don't know."
FORMS = {   # (system message, the user's message around a page); development questions chose FORM
    "passage": ("Answer the question with the passage. Answer in one short sentence.",
                "Passage: {page}\n\nQuestion: {question}"),
    "read": ("You are a helpful assistant.",
             "Read this passage and answer the question.\n\nPassage: {page}\n\n"
             "Question: {question}\nAnswer:"),
    "only": ("You are a helpful assistant.",
             "Passage: {page}\n\nQuestion: {question}\n\n"
             "Answer the question using only the passage."),
    "according": ("You are a helpful assistant.",
                  "Here is a page of a handbook:\n\n{page}\n\nAccording to this page: {question}"),
}
FORM = "passage"
CLOSED = "Answer the question about the airline Tern Air. Answer in one short sentence."


def prompt(question: str, page: str = "", form: str = "", more: str = "") -> list[dict]:
    """The messages for one question, with or without a page to read.

    form: a key of FORMS, FORM by default. more: a sentence added to the system message.
    """
    system, frame = FORMS[form or FORM] if page else (CLOSED, "{question}")
    content = frame.format(page=page, question=question)
    return [{"role": "system", "content": system + more}, {"role": "user", "content": content}]


def answers(prompts: Sequence[list[dict]], max_new_tokens: int = 32, batch: int = 8,
            copy_from: Sequence[str] | None = None, whole: bool = False) -> list[str]:
    """The model's answer to each prompt, likeliest token first, only the first line.

    copy_from: a text for each prompt; the answer is then a span of its tokens. whole=True lets
    such an answer begin only where a word begins: tokens cut "21 kg" into 2, 1 and kg.
    An engine without a torch module is asked one prompt after the other and cannot copy.
    """
    model = llm()
    if "train" not in model.can:
        if copy_from:
            raise CourseError(f"{model.name} shows no logits, so it cannot copy: "
                              "use the course's own model.")
        return [first_line(model.chat(one, max_new_tokens)) for one in prompts]
    ids = [model.chat_ids(one) for one in prompts]
    sources = [model.cut(" " + text, special=False) for text in copy_from or []]
    order = sorted(range(len(ids)), key=lambda place: len(ids[place]))
    found = [""] * len(ids)
    for start in range(0, len(order), batch):
        places = order[start:start + batch]
        written = _batch(model, [ids[place] for place in places], max_new_tokens,
                         [sources[place] for place in places] if sources else None, whole)
        for place, text in zip(places, written):
            found[place] = first_line(text)
    return found


def first_line(text: str) -> str:
    """The first line that is not empty."""
    return next((line.strip() for line in text.splitlines() if line.strip()), "")


def _batch(model, rows: list[list[int]], max_new_tokens: int, sources, whole) -> list[str]:
    import torch
    from transformers import LogitsProcessorList

    end = model.tokenizer.eos_token_id
    newline = model.cut("\n")                  # only the first line counts
    longest = max(map(len, rows))
    ids = torch.tensor([[end] * (longest - len(row)) + row for row in rows])
    mask = torch.tensor([[0] * (longest - len(row)) + [1] * len(row) for row in rows])
    first = [[token for token in source if not whole
              or model.tokenizer.decode([token])[:1].isspace()] for source in sources or []]
    limits = LogitsProcessorList([_copier(sources, first, longest, end)] if sources else [])
    with torch.inference_mode():
        out = model.model.generate(
            input_ids=ids, attention_mask=mask, max_new_tokens=max_new_tokens, do_sample=False,
            pad_token_id=end, eos_token_id=[*model.end_ids, *newline], logits_processor=limits)
    return model.tokenizer.batch_decode(out[:, longest:], skip_special_tokens=True)


def next_in_source(source: Sequence[int], written: Sequence[int], end: int) -> set[int]:
    """Token ids that keep the answer a verbatim span of the source; `end` once it has begun."""
    if not written:
        return set(source)
    n, written = len(written), list(written)
    return {end} | {source[place + n] for place in range(len(source) - n)
                    if list(source[place:place + n]) == written}


def _copier(sources, first, start: int, end: int):
    """A logits processor: all but the tokens that `next_in_source` allows get -inf. first: the
    tokens of each source with which an answer may begin."""
    import torch

    def limit(ids, scores):
        kept = torch.full_like(scores, -torch.inf)
        for row, source in enumerate(sources):
            written = ids[row, start:].tolist()
            if end in written:
                allowed = [end]
            else:
                allowed = sorted(next_in_source(source, written, end) if written else first[row])
            kept[row, allowed] = scores[row, allowed]
        return kept

    return limit
