"""What an agent did, for people: a table with a timeline in it. `show_trace(trace)`.

Plain text in a terminal, HTML in a notebook: no script, no widget, nothing fetched. Everything
that a model or a tool wrote is escaped: a trace is the first place where injected markup arrives.
"""

from html import escape

from course.tables import table

HEAD = ("step", "tool", "arguments", "decision", "result", "from s", "seconds", "USD")
WORDS = {"run": "ran", "approved": "ran, a person agreed", "denied": "stopped, a person said no",
         "refused": "stopped by the gate", "fault": "no call", "stop": "says it is done"}
ENDS = {"done": "the model said it was done", "steps": "the cap on steps", "fault": "no valid call",
        "seconds": "the cap on time", "money": "the cap on money", "repeat": "the same call again"}
LONGEST = 200
LONG = (2, 3, 4)        # columns that may break anywhere: arguments, decision, result


class TraceView:
    """str() is aligned text, a notebook shows a table whose last column is the timeline."""

    def __init__(self, trace: dict):
        self.trace = trace

    def rows(self) -> list[list[str]]:
        """One list of strings a step, in the order of HEAD."""
        return [[str(number), step["tool"] or "-", arguments(step), WORDS.get(
            step["decision"], "not run"), cut(step["result"]) or "-", f"{step['start']:.2f}",
            f"{step['seconds']:.2f}", f"{step['usd']:.6f}"]
            for number, step in enumerate(self.trace["steps"], 1)]

    def summary(self) -> str:
        trace = self.trace
        return (f"Ended by: {ENDS.get(trace['stopped'], trace['stopped'])}. "
                f"{len(trace['steps'])} steps, {trace['seconds']:.2f} s, {trace['usd']:.6f} USD. "
                f"Answer: {cut(trace['answer']) or 'none'}")

    def __str__(self) -> str:
        lines = [f"Request: {self.trace['request']}", str(table(self.rows(), HEAD)), self.summary()]
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col" style="text-align:left">{name}</th>'
                       for name in (*HEAD, "timeline"))
        body = "".join(self._row(cells, step) for cells, step
                       in zip(self.rows(), self.trace["steps"]))
        return (f'<table><caption style="text-align:left">{escape(self.trace["request"])}'
                f"</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
                f"<p>{escape(self.summary())}</p>")

    def _row(self, cells: list[str], step: dict) -> str:
        style = "text-align:left;vertical-align:top;white-space:nowrap"
        long = "text-align:left;vertical-align:top;white-space:normal;overflow-wrap:anywhere"
        whole = max(self.trace["seconds"], 1e-9)
        left = min(99.0, 100 * step["start"] / whole)
        wide = max(1.0, min(100 - left, 100 * step["seconds"] / whole))
        bar = ('<div aria-hidden="true" style="width:120px;border-left:1px solid;'
               'border-right:1px solid"><div style="height:10px;background:#4a99cf;'
               f'border:1px solid;box-sizing:border-box;margin-left:{left:.1f}%;'
               f'width:{wide:.1f}%"></div></div>')
        first = f'<th scope="row" style="{style}">{cells[0]}</th>'
        rest = "".join(f'<td style="{long if place in LONG else style}">{escape(cell)}</td>'
                       for place, cell in enumerate(cells[1:], 1))
        return f'<tr>{first}{rest}<td style="{style}">{bar}</td></tr>'


def arguments(step: dict) -> str:
    """The arguments of a call, or what the model wrote instead of one."""
    if not step["tool"]:
        return cut(step["text"])
    return cut(", ".join(f"{name}={value!r}" for name, value in step["args"].items())) or "-"


def cut(text: str) -> str:
    text = " ".join(str(text).split())
    half = LONGEST // 2         # the end stays visible: that is where additions stand
    if len(text) <= LONGEST:
        return text
    return f"{text[:half - 2].rsplit(' ', 1)[0]} ... {text[3 - half:].split(' ', 1)[-1]}"


def show_trace(trace: dict) -> TraceView:
    """A trace of `run_agent` as a person reads it: what was called, decided and answered, when."""
    return TraceView(trace)
