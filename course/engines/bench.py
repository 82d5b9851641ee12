"""Measure the course's engines side by side: `python -m course.engines.bench [--write]`.

Each engine lives in a process of its own; they take turns with the same prompts, so that what
else the machine does hits both. --write puts the table into docs/engines.md.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from datetime import date

from course.paths import ROOT, CourseError
from course.quiet import threads

PAGE = ROOT / "docs" / "engines.md"
MARKS = ("<!-- measured -->", "<!-- end of measured -->")
ENGINES = {"transformers": {}, "llamacpp": {"COURSE_ENGINE": "llamacpp"}}
NEW = 64           # tokens written in a round
OPENINGS = ["The history of the city begins", "A good teacher knows that",
            "In the morning the ship", "My grandmother used to tell", "The recipe for bread is",
            "Water boils when", "The first computer was", "When the film ended, she",
            "A market works because"]
SCORED = [("The capital of France is", " Paris"), ("The film was", " great fun"),
          ("Water freezes at zero", " degrees"), ("2 + 2 =", " 4"),
          ("I liked", " the book very much"), ("The opposite of hot is", " cold"),
          ("She opened the", " door and went in")]


def worker() -> int:
    """Load the engine that the environment names, then answer requests, a JSON line each."""
    started = time.perf_counter()
    from course.models import llm
    answers, sys.stdout = sys.stdout, sys.stderr     # the engine's own line is not an answer
    try:
        model = llm()
        model.generate("Hello", 2)
    except CourseError as error:
        print(json.dumps({"error": str(error)}), file=answers, flush=True)
        return 1
    print(json.dumps({"load": time.perf_counter() - started}), file=answers, flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        before, cpu = time.perf_counter(), time.process_time()
        if "score" in request:
            value = model.score(*request["score"])
        else:
            value = model.generate(request["prompt"], request["new"])
        print(json.dumps({"value": value, "seconds": time.perf_counter() - before,
                          "cpu": time.process_time() - cpu, "peak": peak_memory()}),
              file=answers, flush=True)
    return 0


def peak_memory() -> int:
    """Bytes of memory this process held at most."""
    if sys.platform == "win32":
        import psutil
        return psutil.Process().memory_info().peak_wset
    if sys.platform == "linux":  # getrusage there counts the process that started this one too
        with open("/proc/self/status", encoding="utf-8") as file:
            return next(1024 * int(line.split()[1]) for line in file if line.startswith("VmHWM"))
    import resource
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


class Worker:
    """An engine in its process."""

    def __init__(self, name: str):
        keep = {key: value for key, value in os.environ.items() if key not in (
            "COURSE_LLM", "COURSE_ENGINE", "NBGRADER_EXECUTION", "COURSE_STRICT")}
        self.name = name
        self.process = subprocess.Popen(
            [sys.executable, "-m", "course.engines.bench", "--worker"], cwd=ROOT, text=True,
            encoding="utf-8", env=keep | ENGINES[name], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.load = self._answer()["load"]

    def ask(self, **request) -> dict:
        """{"value", "seconds", "cpu", "peak"} of one request."""
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return self._answer()

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()

    def _answer(self) -> dict:
        line = self.process.stdout.readline()
        answer = json.loads(line) if line else {"error": f"the engine {self.name} ended."}
        if "error" in answer:
            self.close()
            raise CourseError(answer["error"])
        return answer


def measure(rounds: int = 5) -> dict:
    """{engine: {"load", "speed", "cpu_speed", "reading", "peak"}, "faster", "smaller", ...}.

    speed: new tokens a second (median of the rounds); cpu_speed: per second of one core;
    reading: prompt tokens a second; peak: bytes; faster, smaller: ratios within this run.
    """
    from course import llm_files
    from course.engines.llamacpp import Pieces

    cut, workers = Pieces(llm_files.ready()).cut, []
    rows = {name: {"speed": [], "cpu_speed": [], "reading": []} for name in ENGINES}
    try:
        workers += [Worker(name) for name in ENGINES]
        for opening in OPENINGS[:rounds]:
            for one in workers:
                _round(one, opening, cut, rows[one.name])
        apart = _score_difference(workers, cut)
    finally:
        for one in workers:
            one.close()
    return _summary(workers, rows) | {"apart": apart, "rounds": rounds}


def _round(one: Worker, opening: str, cut, row: dict) -> None:
    # the first word of a long prompt differs, so that no engine remembers it from before
    long = f"{opening}. " + "It was a long day and nobody came to the door. " * 40
    read = one.ask(prompt=long, new=1)
    written = one.ask(prompt=opening, new=NEW)
    new = len(cut(written["value"]))
    row["reading"].append(len(cut(long)) / read["seconds"])
    row["speed"].append(new / written["seconds"])
    row["cpu_speed"].append(new / max(written["cpu"], 1e-9))
    row["peak"] = written["peak"] if len(row["speed"]) == 1 else max(row["peak"], written["peak"])


def _score_difference(workers: list[Worker], cut) -> float:
    """Nats per token by which the engines' scores differ, the mean over SCORED."""
    values = [[one.ask(score=pair)["value"] for pair in SCORED] for one in workers]
    return statistics.mean(abs(a - b) / len(cut(pair[1]))
                           for a, b, pair in zip(*values, SCORED))


def _summary(workers: list[Worker], rows: dict) -> dict:
    ours, other = rows["transformers"], rows["llamacpp"]
    found = {one.name: {"load": one.load, "peak": rows[one.name]["peak"]} | {
        key: statistics.median(rows[one.name][key]) for key in ("speed", "cpu_speed", "reading")}
        for one in workers}
    ratios = {"faster": [b / a for a, b in zip(ours["speed"], other["speed"])],
              "faster_cpu": [b / a for a, b in zip(ours["cpu_speed"], other["cpu_speed"])]}
    return found | ratios | {"smaller": ours["peak"] / other["peak"]}


def table(found: dict) -> str:
    """The measurement as Markdown."""
    lines = ["| engine | ready after | new tokens a second | per second of one core "
             "| prompt tokens a second | memory, most |", "|---|---|---|---|---|---|"]
    for name in ENGINES:
        row = found[name]
        lines.append(f"| {name} | {row['load']:.1f} s | {row['speed']:.0f} | "
                     f"{row['cpu_speed']:.0f} | {row['reading']:.0f} | "
                     f"{row['peak'] / 1e6:.0f} MB |")
    faster, cpu = found["faster"], found["faster_cpu"]
    lines += ["", f"llamacpp writes {statistics.median(faster):.1f} times the tokens per second "
              f"({min(faster):.1f} to {max(faster):.1f} over {found['rounds']} rounds; "
              f"{statistics.median(cpu):.1f} times per second of a core) in "
              f"1/{found['smaller']:.1f} of the memory; its scores differ by "
              f"{found['apart']:.2f} nats a token on average.", "",
              f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, {threads()} "
              f"thread(s), {date.today()}: one run of `python -m course.engines.bench`, "
              "the engines in turns."]
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m course.engines.bench",
                                     description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=5, choices=range(1, len(OPENINGS) + 1))
    parser.add_argument("--write", action="store_true", help="put the table into docs/engines.md")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.worker:
        return worker()
    try:
        made = table(measure(options.rounds))
        print(made)
        if options.write:
            write(made)
    except CourseError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def write(made: str) -> None:
    """Put the table between the page's marks."""
    page = PAGE.read_text(encoding="utf-8")
    before, found, rest = page.partition(MARKS[0])
    _, ended, after = rest.partition(MARKS[1])
    if not (found and ended):
        raise CourseError(f"{PAGE} has lost its marks {MARKS[0]} and {MARKS[1]}: put them back.")
    part = PAGE.with_name(PAGE.name + ".tmp")
    part.write_text(f"{before}{MARKS[0]}\n{made}\n{MARKS[1]}{after}", encoding="utf-8",
                    newline="\n")
    os.replace(part, PAGE)


if __name__ == "__main__":
    sys.exit(main())
