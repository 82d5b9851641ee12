"""Whose file it is, and of which lesson, from the names that LMSs, nbgrader and people give."""

import hashlib
import re
import unicodedata
from pathlib import PurePosixPath

CANVAS = re.compile(r"(?P<who>[^_]+)_(?:LATE_)?(?P<id>\d+)_(?P<attempt>\d+)_(?P<file>.+)")
MOODLE = re.compile(r"(?P<who>.+)_(?P<id>\d+)_assignsubmission_(?:file|onlinetext)_?(?P<file>.*)")


def learner_in(folders: tuple[str, ...], name: str, outside: str, known: list[str]) -> str:
    """Whose notebook it is in these folders. nbgrader's tree is LEARNER/LESSON/NOTEBOOK.ipynb
    below submitted/; in Moodle's folders a learner's own may lie, whose names say nothing."""
    for folder in folders:
        if found := MOODLE.fullmatch(folder):
            return found["id"]
    if len(folders) > 1 and folders[-1] in known:
        return folders[-2]
    return learner_by_name(name, folders[-1] if folders else "", outside, known)


def learner_by_name(name: str, above: str, outside: str, known: list[str]) -> str:
    """Whose file this is, from its name (Canvas, Moodle), the folder it is in, else its stem
    without the lesson's name."""
    for text in (above, name):
        if found := MOODLE.fullmatch(text):
            return found["id"]
    if found := CANVAS.fullmatch(name):
        return found["id"]
    bare = re.sub(r"(?i)\.(ipynb|zip)$", "", name)
    for lesson in sorted(known, key=len, reverse=True):
        bare = bare.replace(lesson, "")
    if re.fullmatch(r"-\d+", bare):  # the number of a copy, as browsers and Canvas put it
        bare = ""
    # group-1 and group-2 are two learners, so a number behind a name stays
    bare = re.sub(r"^[\s_.-]+|[\s_.-]*(\(\d+\))?$", "", bare)
    return bare or (above if above not in known else "") or outside or name


def owner_of(parts: tuple[str, ...], known: list[str]) -> tuple[str, str]:
    """(learner, name without the learner) of a file that is no notebook, as far as Moodle's or
    Canvas's names, nbgrader's folders or a lesson in its own name say; "" for nobody."""
    *folders, name = parts
    for text in parts:
        if found := MOODLE.fullmatch(text):
            return learner_of(found["id"]), found["file"] if text == name else name
    for above, folder in zip(folders, folders[1:]):
        if folder in known:
            return learner_of(above), name
    if found := CANVAS.fullmatch(name):
        return learner_of(found["id"]), found["file"]
    stem = PurePosixPath(name).stem
    if any(lesson in stem and stem != lesson for lesson in known):
        return learner_of(learner_by_name(stem, "", "", known)), name
    return "", name


def learner_of(text: str) -> str:
    """A learner id that can stand in a file name: letters, digits, - _ . @, at most 64."""
    plain = unicodedata.normalize("NFC", text).strip()
    safe = re.sub(r"[^\w.@-]+", "-", plain).strip("-.")[:64]
    if safe == plain and safe:
        return safe
    mark = hashlib.sha256(plain.encode(errors="replace")).hexdigest()[:6]
    return f"{safe[:50] or 'unknown'}-{mark}"


def lesson_of(name: str, head: set[bytes], known: list[str]) -> str:
    """The lesson a file belongs to: what it says of itself, else its name; "" when neither."""
    for said in sorted(head):
        if said.decode() in known:
            return said.decode()
    return next((lesson for lesson in sorted(known, key=len, reverse=True)
                 if lesson in name), "")
