"""The loop of an agent: ask the model, check the call, run the tool, tell the model, again.

    trace = run_agent(Scripted([("calculator", {"expression": "2+3"})]), "What is 2+3?", tools)
    trace["stopped"], trace["answer"]           # "done", "5"

A model is any function (request, steps) -> (text, usd): steps are (call as text, result) of the
turns so far. A gate is a function (tool, args, request, read) -> "run", "ask" or "refuse"; read
are (tool, result) of what the model has read so far. Lesson 12 builds both by hand first.
"""

import time
from dataclasses import dataclass

from course.paths import CourseError
from course.toolcalls import AGAIN, DENIED, ERROR, parse_call

DECISIONS = ("run", "ask", "refuse")


@dataclass(frozen=True)
class Limits:
    """steps: calls, faulty ones included. seconds, usd: looked at before each call.
    repeats: how often the same call may come in a row before the loop stops; 0: never looked at.
    faults: how many texts that are no call are answered with what is wrong; then it stops.
    retries: how often code calls a tool again that says it is busy, without asking the model."""

    steps: int = 6
    seconds: float = 60.0
    usd: float = 0.01
    repeats: int = 1
    faults: int = 2
    retries: int = 0


def run_agent(model, request: str, tools: dict, gate=None, approve=None,
              limits: Limits = Limits(), clock=time.perf_counter) -> dict:
    """Work on a request until the model calls `none` or a limit is reached.

    tools: name -> function. gate: None lets everything run. approve: (tool, args) -> bool, a
    person who is asked where the gate says "ask"; None refuses. Returns a trace, plain data:
    request; steps, a list of dicts (text, tool, args, decision, result, start, seconds, usd);
    stopped, one of done, steps, seconds, money, repeat, fault; answer, the last result of a tool
    that worked; seconds; usd.
    """
    started, steps, usd, faults, stopped = clock(), [], 0.0, 0, ""
    while not stopped:
        stopped = _over(len(steps), clock() - started, usd, limits)
        if stopped:
            break
        at = clock() - started
        text, price = model(request, [(one["text"], one["result"]) for one in steps])
        usd += price
        step = {"text": text, "tool": "", "args": {}, "decision": "", "result": "",
                "start": at, "seconds": 0.0, "usd": price}
        try:
            step["tool"], step["args"] = parse_call(text)
        except CourseError as error:
            faults += 1
            step.update(decision="fault", result=f"{ERROR}{error}")
            stopped = "fault" if faults > limits.faults else ""
        if step["tool"] == "none":
            step["decision"], stopped = "stop", "done"
        elif step["tool"]:
            stopped = "repeat" if _repeats(steps, step, limits) else ""
            if not stopped:
                _act(step, request, tools, gate, approve, steps, limits)
        step["seconds"] = clock() - started - at
        steps.append(step)
    answer = next((one["result"] for one in reversed(steps)
                   if one["decision"] in ("run", "approved")
                   and not one["result"].startswith(ERROR)), "")
    return {"request": request, "steps": steps, "stopped": stopped, "answer": answer,
            "seconds": clock() - started, "usd": usd}


def _over(steps: int, seconds: float, usd: float, limits: Limits) -> str:
    if steps >= limits.steps:
        return "steps"
    if seconds >= limits.seconds:
        return "seconds"
    return "money" if usd >= limits.usd else ""


def _repeats(steps: list[dict], step: dict, limits: Limits) -> bool:
    """Did the same call come `repeats` times right before, with an answer that will not change?"""
    if not limits.repeats or len(steps) < limits.repeats:
        return False
    return all((one["tool"], one["args"]) == (step["tool"], step["args"])
               and one["result"] not in [ERROR + text for text in AGAIN]
               for one in steps[-limits.repeats:])


def _act(step: dict, request: str, tools: dict, gate, approve, steps: list[dict],
         limits: Limits) -> None:
    """Decide about a call, perhaps run it, and write decision and result into the step."""
    tool, args = step["tool"], step["args"]
    read = [(one["tool"], one["result"]) for one in steps if one["tool"]]
    decision = "run" if gate is None else gate(tool, dict(args), request, read)
    if decision == "ask":
        decision = "approved" if approve is not None and approve(tool, dict(args)) else "denied"
    elif decision != "run":                     # whatever else a gate says: nothing runs
        decision = "refused"
    step["decision"] = decision
    if decision not in ("run", "approved"):
        step["result"] = ERROR + DENIED
        return
    for _ in range(1 + limits.retries):
        try:
            step["result"] = str(tools[tool](**args))
        except KeyError:
            step["result"] = f"{ERROR}there is no tool {tool}."
        except CourseError as error:
            step["result"] = f"{ERROR}{error}"
        if step["result"] not in [ERROR + text for text in AGAIN]:
            return
