"""Take one named file out of an archive, checked, without unpacking anything else.

Members are read by their exact name and written under a name of ours, so a path in an archive
never decides where something lands. A file that is longer than the manifest says is cut off, so
a small archive cannot fill a disk. Nothing of a carrier is imported or run.
"""

import gzip
import hashlib
import io
import os
import tarfile
import zipfile
import zlib
from contextlib import ExitStack, contextmanager
from pathlib import Path

from course.manifest import Payload

CHUNK = 1 << 20
NESTED_LIMIT = 256 << 20     # an archive inside an archive is read into memory: not larger
DAMAGE = (zipfile.BadZipFile, tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError,
          NotImplementedError)


class BadPayload(Exception):
    """The archive does not give the wanted file: damaged, without it, or other bytes."""


def _member(stack: ExitStack, stream, label: str, name: str):
    """An open stream of member `name` of the archive in `stream` (zip, tar or plain gzip)."""
    if zipfile.is_zipfile(stream):
        stream.seek(0)
        return stack.enter_context(stack.enter_context(zipfile.ZipFile(stream)).open(name))
    stream.seek(0)
    if not name:
        return stack.enter_context(gzip.GzipFile(fileobj=stream))
    member = stack.enter_context(tarfile.open(fileobj=stream)).extractfile(name)
    if member is None:
        raise BadPayload(f"{name} in {label} is not a plain file")
    return member


@contextmanager
def opened(archive: Path, place: str):
    """A stream of the file at `place` ("inner.tar.gz!name": `!` opens the archive before it)."""
    steps = place.split("!")
    with ExitStack() as stack:
        stream, label = stack.enter_context(open(archive, "rb")), archive.name
        try:
            for turn, step in enumerate(steps):
                stream = _member(stack, stream, label, step)
                label = step or label
                if turn < len(steps) - 1:
                    stream = io.BytesIO(stream.read(NESTED_LIMIT))
            yield stream
        except KeyError as error:
            raise BadPayload(f"{label} has no {steps[-1] or place}") from error
        except DAMAGE as error:
            why = error or "it ends too early"
            raise BadPayload(f"{archive.name} is damaged ({why})") from error


def copy_checked(stream, payload: Payload, target: Path) -> None:
    """Write the stream to `target` if size and sha256 are the payload's, else BadPayload.

    The bytes go to a temporary name first: `target` is whole or untouched.
    """
    digest, size = hashlib.sha256(), 0
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.{os.getpid()}.tmp")
    try:
        with open(part, "wb") as file:
            while size <= payload.bytes and (chunk := stream.read(CHUNK)):
                size += len(chunk)
                digest.update(chunk)
                file.write(chunk)
        if size != payload.bytes or digest.hexdigest() != payload.sha256:
            raise BadPayload(f"{payload.name} has not the sha256 of the manifest")
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)


def take(archive: Path, place: str, payload: Payload, target: Path) -> None:
    """Unpack the one file at `place` of `archive` to `target`, or BadPayload."""
    with opened(archive, place) as stream:
        copy_checked(stream, payload, target)
