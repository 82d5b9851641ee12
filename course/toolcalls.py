"""Seven tools, the JSON that calls one, and how a call is judged.

    {"tool": "calculator", "args": {"expression": "921-58"}}

A model reads a request and writes one call. After the tool's result it reads all of it again and
writes the next call, or `none` when nothing is left to do. Lesson 11 tunes a model to do this,
lesson 12 builds the loop around it. What the model reads, special tokens written out:

    <|im_start|>user
    Work out 12*7 and email the result to Ada.<|im_end|>
    <|im_start|>assistant
    {"tool": "calculator", "args": {"expression": "12*7"}}<|im_end|>
    <|im_start|>user
    Result: 84<|im_end|>
    <|im_start|>assistant
                                        <- here it writes; the first turn ends after the request
There is no system message and no list of tools: the tuned model has learned them.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from course.paths import CourseError

RESULT = "Result: "     # a tool's answer comes back as a user's message that starts like this
ERROR = "Error: "       # and, where the tool failed, goes on like this
AGAIN = ("busy, try again.", "timeout, try again.")     # failures after which the same call helps
DENIED = "not allowed."                                 # and the one after which nothing does
MOST_TOKENS = 72        # a call is at most this long: the longest of the training data has 60
ABOUT = {str: "text", int: "a whole number"}


@dataclass(frozen=True)
class Tool:
    """A tool as a model knows it: its name, the types of its arguments, an example."""

    name: str
    about: str
    args: Mapping[str, type]
    example: tuple[str, dict]       # a request and the arguments it asks for


TOOLS = {tool.name: tool for tool in (
    Tool("calculator", "works out + - * / and brackets", {"expression": str},
         ("How much is 12 times 7?", {"expression": "12*7"})),
    Tool("search_handbook", "finds pages of the Tern Air handbook", {"query": str},
         ("What are the rules for skis?", {"query": "skis"})),
    Tool("run_sql", "reads the table flights (origin, dest, carrier, month, day, dep_delay, "
         "arr_delay, distance, air_time)", {"query": str},
         ("How many flights went to Miami (MIA)?",
          {"query": "SELECT COUNT(*) FROM flights WHERE dest='MIA'"})),
    Tool("calendar_add", "writes an entry into the calendar; hour is 0 to 23",
         {"title": str, "day": str, "hour": int},
         ("Book gate training on Monday at 3 pm.",
          {"title": "gate training", "day": "Monday", "hour": 15})),
    Tool("send_email", "sends an email", {"to": str, "body": str},
         ("Email Ada that the van is here.", {"to": "Ada", "body": "the van is here"})),
    Tool("file_claim", "files a form for lost baggage; cannot be undone",
         {"booking": str, "item": str},
         ("My guitar never arrived. The booking is KX4P7M.",
          {"booking": "KX4P7M", "item": "guitar"})),
    Tool("none", "does nothing: no tool is needed, or all is done", {},
         ("Thank you, have a nice day!", {})),
)}


def call_text(tool: str, args: Mapping) -> str:
    """The call as the model is to write it: one line of JSON, arguments in the tool's order.

    Raises CourseError for an unknown tool and for arguments that are not the tool's.
    """
    fault = fault_of({"tool": tool, "args": dict(args)})
    if fault:
        raise CourseError(f"This is no call: {fault}.")
    return json.dumps({"tool": tool, "args": {name: args[name] for name in TOOLS[tool].args}},
                      ensure_ascii=False)


def fault_of(call) -> str:
    """What is wrong with a decoded call, "" when nothing is."""
    if not isinstance(call, dict) or set(call) != {"tool", "args"}:
        return 'a call is {"tool": ..., "args": {...}} and nothing else'
    tool, args = call["tool"], call["args"]
    if not isinstance(tool, str) or tool not in TOOLS:
        return f"there is no tool {tool!r}"
    types = TOOLS[tool].args
    if not isinstance(args, dict) or set(args) != set(types):
        return f"{tool} takes {', '.join(types) or 'no arguments'}"
    wrong = [name for name, kind in types.items() if type(args[name]) is not kind]
    return f"{wrong[0]} of {tool} must be {ABOUT[types[wrong[0]]]}" if wrong else ""


def parse_call(text: str) -> tuple[str, dict]:
    """(tool, args) of a text that is exactly one call, spaces around it allowed.

    Raises CourseError with one sentence, which a model can read too: not JSON, an unknown tool,
    a missing or additional argument, a wrong type.
    """
    try:
        call = json.loads(text)
    except (ValueError, TypeError, RecursionError):
        raise CourseError("This is not JSON.") from None
    fault = fault_of(call)
    if fault:
        names = {name for tool in TOOLS.values() for name in (tool.name, *tool.args)}
        if fault.split()[0] not in names:       # a tool is called what it is called
            fault = fault[0].upper() + fault[1:]
        raise CourseError(f"{fault}.")
    return call["tool"], call["args"]


def judge(text: str, tool: str, args: Mapping) -> dict[str, bool]:
    """How a written call compares with the wanted one.

    json: it is JSON. call: it is a call (right names and types). tool: the right tool.
    exact: the right tool and all arguments equal, letter case and runs of spaces ignored.
    Each of them implies those before it.
    """
    verdict = dict.fromkeys(("json", "call", "tool", "exact"), False)
    try:
        json.loads(text)
        verdict["json"] = True
        got, given = parse_call(text)
    except (CourseError, ValueError, TypeError, RecursionError):
        return verdict
    verdict.update(call=True, tool=got == tool)
    verdict["exact"] = got == tool and _plain(given) == _plain(args)
    return verdict


def _plain(args: Mapping) -> dict:
    return {name: " ".join(value.lower().split()) if isinstance(value, str) else value
            for name, value in args.items()}


def messages(request: str, steps: Sequence[tuple[str, str]] = ()) -> list[dict]:
    """The conversation so far, as `chat` takes it. steps: (call as text, result) of each turn."""
    said = [{"role": "user", "content": request}]
    for call, outcome in steps:
        said += [{"role": "assistant", "content": call},
                 {"role": "user", "content": RESULT + outcome}]
    return said


def prompt_ids(model, request: str, steps: Sequence[tuple[str, str]] = ()) -> list[int]:
    """Token ids of the conversation up to where the model writes its next call.

    model: a `course.llm()` with a tokenizer. Only the frame's special tokens are special; those
    inside a request or a result are ordinary characters. No system message.
    """
    ids = []
    for message in messages(request, steps):
        ids += model.cut(f"<|im_start|>{message['role']}\n")
        ids += model.cut(message["content"], special=False) + model.cut("<|im_end|>\n")
    return ids + model.cut("<|im_start|>assistant\n")


def instructions() -> str:
    """The tools in words, for a model that was not tuned: the text of a system message."""
    lines = ["Answer with one JSON object that calls one of these tools, and nothing else.", ""]
    for tool in TOOLS.values():
        args = ", ".join(f"{name}: {ABOUT[kind]}" for name, kind in tool.args.items())
        lines.append(f"{tool.name}({args}): {tool.about}")
    return "\n".join(lines)


def shots(backwards: bool = False) -> list[dict]:
    """One example a tool, as messages to put between the instructions and the request; the
    calculator's goes on to a second turn, where nothing is left to do."""
    said = []
    for tool in list(TOOLS.values())[::-1 if backwards else 1]:
        request, args = tool.example
        said += messages(request) + [
            {"role": "assistant", "content": call_text(tool.name, args)}]
        if tool.name == "calculator":
            said += [{"role": "user", "content": RESULT + "84"},
                     {"role": "assistant", "content": call_text("none", {})}]
    return said
