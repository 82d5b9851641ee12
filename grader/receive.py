"""What was handed in: a notebook, a folder of them, nbgrader's submitted/ tree, a zip of an LMS.

Each file found gives a `Handed`: readable bytes, or one sentence why not. Links are never
followed, only regular files are opened, sizes are bounded before anything is read; the original
is kept under its SHA-256, as it came.
"""

import hashlib
import os
import re
import stat
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from course.paths import CourseError
from grader.others import Others
from grader.queue import retention
from grader.whose import learner_by_name, learner_in, learner_of, owner_of

LARGEST = 200_000_000  # bytes of one notebook file, outputs included
MEMBERS = 20_000  # files in one zip
UNPACKED = 20_000_000_000  # bytes of all notebooks of one zip
RATIO = 200  # a member that grows more than this, and over a megabyte, is a bomb
DEEP = 8  # folders below the one named
CHUNK = 1 << 20
LESSON = re.compile(rb'"course"\s*:\s*\{[^{}]{0,400}?"lesson"\s*:\s*"([0-9]{2}_[a-z0-9_]{1,60})"')
SKIP = {".ipynb_checkpoints", "__pycache__", "__MACOSX", ".git"}


@dataclass
class Handed:
    """One file. open: gives a readable stream, or None with `refused` saying why."""

    learner: str
    name: str
    lesson: str = ""
    refused: str = ""
    open: Callable[[], BinaryIO] | None = None
    kept: tuple[str, str, int] = ("", "", 0)  # SHA-256, name, bytes, once it is taken in


def handed_in(paths: list[Path], known: list[str], others: Others | None = None) -> Iterator[Handed]:
    """Everything in the named files and folders; CourseError when one of them does not exist or
    holds no notebook at all. known: ids of the lessons, which file names may contain. others: gets
    the files that are no notebooks; learners who handed in nothing else come last."""
    others = others if others is not None else Others()
    for path in paths:
        for handed in _named(path, known, others):
            others.has.add(handed.learner)
            yield handed
    yield from others.alone(lambda learner, name, why: Handed(learner, name, refused=why))


def _named(path: Path, known: list[str], others: Others) -> Iterator[Handed]:
    """What one of the names in the command stands for."""
    try:
        kind = os.lstat(path).st_mode
    except OSError as error:
        raise CourseError(f"there is nothing at {path} ({error.strerror}): check the name "
                          "and the folder") from None
    if stat.S_ISLNK(kind) and not path.is_dir():
        yield Handed(learner_of(path.name), path.name, refused=_link(path.name))
    elif path.is_dir():
        since, found, others.classes = len(others.files), False, set()
        for found in _folder(path, known, others):
            yield found
        if not others.settle(since) and not found:
            raise CourseError(f"{path} holds no notebook (.ipynb) and no zip file")
    elif path.suffix.lower() == ".zip":
        yield from _zip(path, known, others)
    elif path.suffix.lower() != ".ipynb" and stat.S_ISREG(kind):
        owner, short = owner_of((path.name,), known)
        others.add((path.name,), short, owner or learner_of(path.stem), ())
    else:
        yield handed_file(path, _alone(path, known))


def _alone(path: Path, known: list[str]) -> str:
    """The learner of a notebook named by itself, by the folders above it if need be."""
    above = path.resolve().parent
    if above.name in known:
        return above.parent.name
    return learner_by_name(path.name, above.name, "", known)


# --- folders ----------------------------------------------------------------------------

def _folder(top: Path, known: list[str], others: Others) -> Iterator[Handed]:
    """Notebooks below a folder, in order of their names; links are refused, not followed."""
    waiting = [(top, ())]
    while waiting:
        folder, inside = waiting.pop()
        try:
            with os.scandir(folder) as found:
                entries = sorted(found, key=lambda e: e.name, reverse=True)
        except OSError as error:
            yield Handed(learner_of(inside[0] if inside else folder.name), folder.name,
                         refused=f"the folder {folder.name} cannot be read ({error.strerror})")
            continue
        files = []
        for entry in entries:
            if entry.name in SKIP or entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                if _only_named_so(folder / entry.name):
                    files.append(entry)  # gets a sentence
                elif len(inside) < DEEP:
                    waiting.append((folder / entry.name, (*inside, entry.name)))
            elif entry.name.lower().endswith((".ipynb", ".zip")) or entry.is_symlink():
                files.append(entry)
            elif entry.is_file():
                _add(others, (*inside, entry.name), known)
        for entry in reversed(files):
            yield from _entry(folder / entry.name, entry.is_symlink(), inside, known, others)


def _only_named_so(folder: Path) -> bool:
    """A folder called like a notebook that holds none."""
    if not folder.name.lower().endswith(".ipynb"):
        return False
    try:
        return not any(name.lower().endswith(".ipynb") for name in os.listdir(folder))
    except OSError:
        return True


def _add(others: Others, parts: tuple[str, ...], known: list[str], outside: str = "") -> None:
    """Note a file that is no notebook. outside: the zip it is in."""
    owner, short = owner_of(parts, known)
    others.add(parts, short, owner, _near(outside, parts))


def _near(outside: str, parts: tuple[str, ...]) -> tuple[str, ...]:
    """What the folders of a file, and its zip before them, would be called as learners."""
    return tuple(learner_of(part) for part in (outside, *parts[:-1]) if part)


def _entry(path: Path, link: bool, inside: tuple[str, ...], known: list[str],
           others: Others) -> Iterator[Handed]:
    learner = learner_in(inside, path.name, "", known)
    if link:
        yield Handed(learner_of(learner), path.name, refused=_link(path.name))
    elif path.suffix.lower() == ".zip":
        yield from _zip(path, known, others)
    else:
        handed = handed_file(path, learner)
        others.notebook(_near("", (*inside, path.name)), handed.learner)
        yield handed


def handed_file(path: Path, learner: str) -> Handed:
    """One notebook of one learner."""
    handed = Handed(learner_of(learner), path.name)
    try:
        with regular(path) as stream:
            size = os.fstat(stream.fileno()).st_size
    except CourseError as error:
        handed.refused = str(error)
        return handed
    if size > LARGEST:
        handed.refused = _large(path.name, size)
        return handed
    handed.open = lambda: regular(path)
    return handed


def regular(path: Path) -> BinaryIO:
    """Open a regular file that is no link; CourseError in a sentence otherwise."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | \
        getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    try:
        number = os.open(path, flags)
    except OSError as error:
        if path.is_symlink():
            raise CourseError(_link(path.name)) from None
        raise CourseError(f"{path.name} cannot be opened ({error.strerror})") from None
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise CourseError(f"{path.name} is not a regular file (a device, a pipe or a folder): it "
                          "was not read")
    return os.fdopen(number, "rb")


def _link(name: str) -> str:
    return f"{name} is a link, and links are not followed: hand in the file itself"


def _large(name: str, size: int) -> str:
    return f"{name} has {size // 10**6} MB, more than {LARGEST // 10**6}: clear its outputs and " \
        "hand it in again"


# --- zip files ---------------------------------------------------------------------------

def _zip(path: Path, known: list[str], others: Others) -> Iterator[Handed]:
    """The notebooks in a zip; what is wrong with one member does not stop the others."""
    who = learner_of(path.stem)
    try:
        with regular(path) as stream, zipfile.ZipFile(stream) as archive:
            members = archive.infolist()
    except CourseError as error:
        yield Handed(who, path.name, refused=str(error))
        return
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError):
        yield Handed(who, path.name, refused=f"{path.name} is not a zip file that can be read: "
                     "download it again")
        return
    sentence = _whole(path.name, members)
    if sentence:
        yield Handed(who, path.name, refused=sentence)
        return
    some, since, around, others.classes = False, len(others.files), others.classes, set()
    for member in members:
        handed = _member(path, member, known, others)
        if handed:
            some = True
            yield handed
    owned, others.classes = others.settle(since), around
    if not some and not owned:
        del others.files[since:]  # its own row says all
        yield Handed(who, path.name, refused=f"{path.name} holds no notebook (.ipynb)")


def _whole(name: str, members: list) -> str:
    if len(members) > MEMBERS:
        return f"{name} holds {len(members)} files, more than {MEMBERS}: it was not unpacked"
    total = sum(m.file_size for m in members if m.filename.lower().endswith(".ipynb"))
    if total > UNPACKED:
        return f"{name} would unpack to {total // 10**9} GB: it was not unpacked"
    return ""


def _member(path: Path, member: zipfile.ZipInfo, known: list[str], others: Others) -> Handed | None:
    """One member of a zip; None for folders and files that are no notebooks (others gets those)."""
    parts = PurePosixPath(member.filename.replace("\\", "/")).parts
    if member.is_dir() or not parts or SKIP & set(parts) or parts[-1].startswith("."):
        return None
    name = parts[-1]
    if not name.lower().endswith((".ipynb", ".zip")):
        _add(others, parts, known, path.stem)
        return None
    learner = learner_in(parts[:-1], name, path.stem, known)
    handed = Handed(learner_of(learner), name, refused=_odd_member(member, parts, name))
    others.notebook(_near(path.stem, parts), handed.learner)
    if not handed.refused:
        handed.open = lambda: _unzipped(path, member)
    return handed


def _odd_member(member: zipfile.ZipInfo, parts: tuple, name: str) -> str:
    mode = member.external_attr >> 16
    if ".." in parts or member.filename.startswith(("/", "\\")) or ":" in parts[0]:
        return f"{name} has a path that leads out of its zip: it was not unpacked"
    if stat.S_ISLNK(mode):
        return _link(name)
    if mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return f"{name} is not a regular file in its zip: it was not unpacked"
    if member.flag_bits & 1:
        return f"{name} is encrypted: hand it in without a password"
    if name.lower().endswith(".zip"):
        return f"{name} is a zip inside a zip: hand in the notebook itself"
    if member.file_size > LARGEST:
        return _large(name, member.file_size)
    if member.file_size > 1_000_000 and member.file_size > RATIO * max(member.compress_size, 1):
        return f"{name} unpacks to {member.file_size // max(member.compress_size, 1)} times its " \
            "size: it was not unpacked"
    return ""


def _unzipped(path: Path, member: zipfile.ZipInfo) -> BinaryIO:
    """The bytes of a member in a temporary file, never more than it declares."""
    target = tempfile.TemporaryFile()
    try:
        with regular(path) as stream, zipfile.ZipFile(stream) as archive, \
                archive.open(member) as source:
            while chunk := source.read(CHUNK):
                target.write(chunk)
                if target.tell() > member.file_size:
                    raise zipfile.BadZipFile
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError, EOFError,
            zipfile.zlib.error):
        target.close()
        raise CourseError(f"{PurePosixPath(member.filename).name} is damaged in its zip: hand it "
                          "in again") from None
    target.seek(0)
    return target


# --- keeping the original ------------------------------------------------------------------

def keep(folder: Path, handed: Handed) -> tuple[str, int, set[bytes]]:
    """Copy the original into quarantine; (its SHA-256, bytes, the lessons it names itself)."""
    with handed.open() as source:
        first = source.read(CHUNK)
        if len(first) < CHUNK:  # most are small, and most were kept by an earlier run
            sha = hashlib.sha256(first).hexdigest()
            if _kept(retention.original(folder, sha), len(first)):
                return sha, len(first), set(LESSON.findall(first))
        return _copy(folder, handed.name, first, source)


def _kept(path: Path, size: int) -> bool:
    """Whether the original is there, and whole: a power cut may leave a name without its bytes."""
    try:
        return path.stat().st_size == size
    except OSError:
        return False


def _copy(folder: Path, name: str, chunk: bytes, source: BinaryIO) -> tuple[str, int, set[bytes]]:
    part = folder / "quarantine" / "incoming.part"
    part.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest, size, named, tail = hashlib.sha256(), 0, set(), b""
    with open(part, "wb") as target:
        os.chmod(part, 0o600)
        while chunk:
            size += len(chunk)
            if size > LARGEST:
                raise CourseError(_large(name, size))
            digest.update(chunk)
            target.write(chunk)
            named.update(LESSON.findall(tail + chunk))
            tail = chunk[-600:]
            chunk = source.read(CHUNK)
    sha = digest.hexdigest()
    place = retention.original(folder, sha)
    place.parent.mkdir(exist_ok=True, mode=0o700)
    os.replace(part, place)
    return sha, size, named
