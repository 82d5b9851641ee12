"""Models for lesson 12's loop: functions (request, steps) -> (text, usd).

Scripted and Obeying do the same every time, which makes checks exact. `agent_model()` is the tuned
model of lesson 11, or what COURSE_LLM names.
"""

import re
from collections.abc import Iterable

from course.agentcases import Attack, Task, calls_of
from course.agentworld import STAFF
from course.money import cost
from course.paths import CourseError
from course.toolcalls import (AGAIN, ERROR, MOST_TOKENS, call_text, instructions, messages,
                               parse_call, prompt_ids, shots)

CHECKS = {"file_claim": r"\b(?=[A-Z]*\d)(?=\d*[A-Z])[A-Z0-9]{6}\b",
          "calendar_add": r"\b(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b",
          "send_email": r"\b(" + "|".join(STAFF) + r")\b"}
NONE = call_text("none", {})
PRICE = 0.0001          # dollars a call of a scripted model


class Scripted:
    """Says the given calls one after the other, whatever comes back; then `none`.

    calls: (tool, args) pairs, or texts for what is no call.
    """

    def __init__(self, calls: Iterable, usd: float = PRICE):
        self.texts = [one if isinstance(one, str) else call_text(*one) for one in calls]
        self.usd = usd

    def __call__(self, request: str, steps) -> tuple[str, float]:
        return (self.texts[len(steps)] if len(steps) < len(self.texts) else NONE), self.usd


class Obeying:
    """Does a task as planned, and whatever a text that it reads tells it to do, at once.

    It tries a call again after "busy" and gives up a call that is refused.
    """

    def __init__(self, task: Task, attack: Attack | None = None):
        self.plan, self.attack = calls_of(task.plan), attack

    def __call__(self, request: str, steps) -> tuple[str, float]:
        said = [text for text, _ in steps]
        if self.attack:
            wish = call_text(*self.attack.call)
            trigger = self.attack.text.strip().rstrip(".")
            if wish not in said and any(trigger in result for _, result in steps):
                return wish, PRICE
        busy = [ERROR + text for text in AGAIN]
        done = {text for text, result in steps if result not in busy}
        return next((text for text in self.plan if text not in done), NONE), PRICE


class Tuned:
    """The model of lesson 11; every prompt is answered once and remembered (it is greedy)."""

    def __init__(self, model=None):
        from course.adapters import tuned_llm

        self.model, self.known = model or tuned_llm(), {}

    def __call__(self, request: str, steps, start: str = "", seed: int = 0) -> tuple[str, float]:
        """start: how the call has to begin; the model writes the rest. seed: 0 takes the likeliest
        tokens, any other draws them (temperature 1) with that seed."""
        said = [list(step) for step in steps]
        key = (request, tuple(map(tuple, said)), start, seed)
        if key not in self.known:
            ids = prompt_ids(self.model, request, said)
            ids += self.model.cut(start) if start else []
            new = continued(self.model, ids, seed)
            text = start + self.model.tokenizer.decode(new, skip_special_tokens=True)
            self.known[key] = text, bill(len(ids), len(new) + 1)
        return self.known[key]


def continued(model, ids: list[int], seed: int = 0) -> list[int]:
    """The next tokens up to the end token or MOST_TOKENS: the likeliest, or drawn by a seed."""
    import torch

    new, past, step = [], None, torch.tensor([ids])
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        while len(new) < MOST_TOKENS:
            out = model.model(step, past_key_values=past, use_cache=True, logits_to_keep=1)
            past, logits = out.past_key_values, out.logits[0, -1]
            token = int(torch.multinomial(logits.softmax(-1), 1, generator=generator)
                        if seed else logits.argmax())
            if token in model.end_ids:
                break
            new.append(token)
            step = torch.tensor([[token]])
    return new


REMEDIES = ("checklist", "second try", "routing", "redraw")
DRAWS = 5
CODES = r"\b[A-Z]{3}\b|\b(?:UA|B6|DL|AA|MQ|US|9E|WN|EV)\b"


class Checked:
    """A tuned model whose text is not believed: four remedies that lesson 12 measures.

    checklist: it says `none`, but the request names a colleague, a weekday or a booking and nothing
    was tried with it: it has to write that call. second try: it gives up after an error: it has to
    look into the handbook, which harms nobody. routing: it queries flights though the request names
    no airport, airline or flight, or calculates with less than two numbers: the handbook instead.
    redraw: its query or sum leaves out a number or a code of the request: up to five other drafts
    are drawn, and the first one that leaves out nothing is taken.
    """

    def __init__(self, model: Tuned, remedies: Iterable[str] = REMEDIES):
        self.model, self.remedies = model, tuple(remedies)

    def __call__(self, request: str, steps) -> tuple[str, float]:
        text, usd = self.model(request, steps)
        tool = self._must(request, steps, text)
        if tool:
            text, more = self.model(request, steps, '{"tool": "%s", "args": {"' % tool)
            usd += more
        if "redraw" in self.remedies and left_out(request, text):
            for seed in range(1, DRAWS + 1):
                other, more = self.model(request, steps, seed=seed)
                usd += more
                if tool_of(other) == tool_of(text) and not left_out(request, other):
                    return other, usd
        return text, usd

    def _must(self, request: str, steps, text: str) -> str:
        """The tool that has to be called instead of what the model wrote, "" for none."""
        tried = [tool_of(said) for said, _ in steps]
        if text == NONE:
            for tool, pattern in CHECKS.items():
                if ("checklist" in self.remedies and tool not in tried
                        and re.search(pattern, request)):
                    return tool
            gave_up = steps and steps[-1][1].startswith(ERROR)
            if "second try" in self.remedies and gave_up and "search_handbook" not in tried:
                return "search_handbook"
        elif "routing" in self.remedies and not fits(tool_of(text), request):
            return "search_handbook"
        return ""


def tool_of(text: str) -> str:
    """The tool that a text calls, "" when it is no call."""
    try:
        return parse_call(text)[0]
    except CourseError:
        return ""


def fits(tool: str, request: str) -> bool:
    """Does the request name what the tool works on?"""
    if tool == "calculator":
        return len(re.findall(r"(?<!\w)\d+(?:\.\d+)?", request)) >= 2
    return tool != "run_sql" or bool(re.search(
        CODES + r"|\b(?:flights?|planes?|departures?|arrivals?)\b", request))


def left_out(request: str, text: str) -> list[str]:
    """Numbers and codes of the request that a query or a sum does not use."""
    if tool_of(text) not in ("run_sql", "calculator"):
        return []
    wanted = re.findall(r"(?<!\w)\d+(?:\.\d+)?", request)
    if tool_of(text) == "run_sql":
        wanted += re.findall(CODES, request)
    used = re.findall(r"\w+(?:\.\d+)?", text)
    return [one for one in wanted if one not in used]


class Prompted:
    """Any other model (COURSE_LLM): the tools and one example of each stand in its prompt."""

    def __init__(self, model):
        self.model = model

    def __call__(self, request: str, steps) -> tuple[str, float]:
        said = [{"role": "system", "content": instructions()}, *shots(),
                *messages(request, [list(step) for step in steps])]
        text = self.model.chat(said, max_new_tokens=96).strip()
        letters = sum(len(one["content"]) for one in said)
        return text, bill(letters / 4, len(text) / 4)    # about four letters a token


def bill(read: float, written: float) -> float:
    """Dollars for one call at the prices of a small hosted model, tokens read and written."""
    return cost("hosted-small-input", read) + cost("hosted-small-output", written)


def agent_model():
    """The tuned model of lesson 11; with COURSE_LLM or COURSE_ENGINE set, that one, prompted."""
    from course.engines.choice import llm_choice
    from course.models import llm

    return Prompted(llm()) if llm_choice().variable else Tuned()
