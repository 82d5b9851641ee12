"""Which fetched files are here and whole: checked once by sha256, then by size and time."""

import hashlib
import json
import os
from pathlib import Path

from course.manifest import Entry, Payload

STAMP = ".fetched.json"      # in each folder: file name -> [sha256, size, modification time]


def _looks(path: Path) -> list[int]:
    stat = path.stat()
    return [stat.st_size, stat.st_mtime_ns]


def _read(folder: Path) -> dict:
    try:
        return json.loads((folder / STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def missing(entry: Entry, folder: Path) -> list[Payload]:
    """The entry's files that are not in `folder` as they were when they were checked."""
    stamps, absent = _read(folder), []
    for file in entry.files:
        try:
            here = [file.sha256, *_looks(folder / file.name)]
        except OSError:
            here = None
        if here is None or stamps.get(file.name) != here:
            absent.append(file)
    return absent


def stamp(file: Payload, folder: Path) -> None:
    """Note that the file in `folder` was just checked."""
    stamps = _read(folder)
    stamps[file.name] = [file.sha256, *_looks(folder / file.name)]
    part = folder / f"{STAMP}.{os.getpid()}.tmp"
    part.write_text(json.dumps(stamps, indent=0), encoding="utf-8")
    os.replace(part, folder / STAMP)


def whole(file: Payload, path: Path) -> bool:
    """True when the bytes at `path` are the payload's (reads all of them)."""
    try:
        if path.stat().st_size != file.bytes:
            return False
        with open(path, "rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest() == file.sha256
    except OSError:
        return False


def adopt(entry: Entry, folder: Path) -> None:
    """Stamp whole files that lie there without one (after a kill, or copied by hand)."""
    for file in missing(entry, folder):
        if whole(file, folder / file.name):
            stamp(file, folder)
