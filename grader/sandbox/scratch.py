"""Folders that live as long as one process: locked by it, swept by the next one if it was killed."""

import contextlib
import fcntl
import os
import shutil
import tempfile
import time

from grader.sandbox.contract import FIRST_USER

WHERE = "/tmp"  # not our TMPDIR, which another user may not enter
FRESH = 60      # seconds: a folder this new may not have its lock yet


def make(prefix: str) -> str:
    """A new folder for our eyes only."""
    return tempfile.mkdtemp(prefix=prefix, dir=WHERE)


def lock(folder: str) -> int:
    """Hold the folder: an open file, which the kernel closes when its last holder dies."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def remove(folder: str) -> None:
    """Remove a folder, whatever rights a stranger took away in it."""
    for _ in range(2):
        shutil.rmtree(folder, ignore_errors=True)
        if not os.path.lexists(folder):
            return
        for path, _, _ in os.walk(folder):  # links are not followed
            with contextlib.suppress(OSError):
                os.chmod(path, 0o700)


def sweep(prefix: str) -> None:
    """Remove our folders of that name which nobody holds."""
    for entry in os.scandir(WHERE):
        if not entry.name.startswith(prefix):
            continue
        with contextlib.suppress(OSError):
            about = entry.stat(follow_symlinks=False)
            mine = about.st_uid == os.geteuid() or (
                os.geteuid() == 0 and about.st_uid >= FIRST_USER)
            if mine and time.time() - about.st_mtime > FRESH:
                descriptor = lock(entry.path)
                remove(entry.path)
                os.close(descriptor)
