"""The llm's files: converted once from the fetched GGUF into data/cache/llm-safetensors.

Made under a temporary name and renamed when whole, by one process at a time. A note inside
(`converted.json`) says from which bytes, by which version of the conversion, and how long each
file is; a copy whose note does not fit is made again.
"""

import argparse
import json
import os
import shutil
import sys
import time
from importlib import import_module
from pathlib import Path

from course.locks import locked
from course.paths import DATA, CourseError, cache

NAME, NOTE = "llm-safetensors", "converted.json"
VERSION = 1  # of course/gguf_convert.py: raise it when its output changes
ROOM = 700_000_000  # bytes: 542 MB of files, and some air
RUN = "run `make lab` (or `python -m course.setup`)"


def ready() -> Path:
    """The folder of the converted model, or CourseError saying what to run."""
    folder = DATA / "cache" / NAME
    if not is_whole(folder):
        raise CourseError(f"The language model is not ready on this machine: {RUN}.")
    return folder


def is_whole(folder: Path, source: dict | None = None) -> bool:
    """Whether the folder is a finished conversion (of `source`, as `identity` describes it)."""
    try:
        note = json.loads((folder / NOTE).read_text(encoding="utf-8"))
        sizes = {name: (folder / name).stat().st_size for name in note["files"]}
        return note["version"] == VERSION and sizes == note["files"] \
            and (source is None or note["source"] == source)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def identity(path: Path) -> dict:
    """What tells one source file from another: its name and size (fetch checked its sha256)."""
    try:
        return {"name": path.name, "bytes": path.stat().st_size}
    except OSError:
        raise CourseError(f"The language model's file {path} is not there: {RUN}.") from None


def prepare(source: Path | None = None, say=print) -> Path:
    """Convert the fetched model unless that is done; returns the folder.

    say: called with lines for a person. Raises CourseError without leaving anything half done.
    """
    source = source or gguf_file()
    folder = cache() / NAME
    with locked(cache() / f".{NAME}.lock",
                lambda: say("llm: another process is converting the model, waiting ...")):
        if is_whole(folder, identity(source)):
            say("llm: ready")
            return folder
        _clear_crumbs(folder)
        free = shutil.disk_usage(folder.parent).free
        if free < ROOM:
            raise CourseError(f"The language model needs {ROOM / 1e6:.0f} MB of free disk in "
                              f"{folder.parent} and there are {free / 1e6:.0f}: make room, "
                              f"then {RUN}.")
        started = time.monotonic()
        _convert(source, folder, say)
        say(f"llm: converted in {time.monotonic() - started:.0f} s")
    return folder


def gguf_file() -> Path:
    """The fetched model as it came, or CourseError saying what to run."""
    found = sorted(import_module("course.fetch").need("llm").glob("*.gguf"))
    if not found:
        raise CourseError(f"The language model's file is not on this machine: {RUN}.")
    return found[0]


def _convert(source: Path, folder: Path, say) -> None:
    """Convert beside the final place, then swap it in."""
    part = folder.with_name(f"{NAME}.{os.getpid()}.tmp")
    part.mkdir()
    shown = [-1]

    def report(done, total):
        tenth = 10 * done // total
        if tenth > shown[0]:
            shown[0] = tenth
            say(f"llm: converting the weights, {10 * tenth} % of {total / 1e6:.0f} MB")

    try:
        import_module("course.gguf_convert").convert(source, part, report)
        files = {path.name: path.stat().st_size for path in sorted(part.iterdir())}
        note = {"source": identity(source), "version": VERSION, "files": files}
        (part / NOTE).write_text(json.dumps(note, indent=1), encoding="utf-8")
        if folder.exists():
            os.replace(folder, folder.with_name(f"{NAME}.old.{os.getpid()}.tmp"))
        os.replace(part, folder)
    except OSError as error:
        raise CourseError(f"The language model cannot be converted into {folder} ({error}): "
                          f"see to the disk, then {RUN}.") from None
    finally:
        _clear_crumbs(folder)


def _clear_crumbs(folder: Path) -> None:
    """Remove what killed runs left beside the folder (safe under the lock)."""
    for crumb in folder.parent.glob(f"{NAME}.*.tmp"):
        shutil.rmtree(crumb, ignore_errors=True)


def main(arguments: list[str] | None = None) -> int:
    """`python -m course.models [--prepare]`: convert, or say whether it is done."""
    parser = argparse.ArgumentParser(prog="python -m course.models", description=(
        "The language model of the course, from the fetched file to one that loads fast."))
    parser.add_argument("--prepare", action="store_true", help="convert it, unless that is done")
    options = parser.parse_args(arguments)
    try:
        if options.prepare:
            prepare(say=lambda line: print(line, flush=True))
        else:
            print(f"llm: ready in {ready()}")
    except CourseError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("error: interrupted; run it again, it starts over.", file=sys.stderr)
        return 130
    return 0
