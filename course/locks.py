"""One at a time: a lock on a file that the system lets go when its process ends, however."""

import time
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:              # Windows
    fcntl = None
    import msvcrt


def _try(file) -> bool:
    try:
        if fcntl:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        else:
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        return True
    except OSError:
        return False


@contextmanager
def locked(path: Path, waiting=None, pause: float = .2):
    """Hold the lock file `path`; `waiting()` is called once when another holds it."""
    with open(path, "a+", encoding="utf-8") as file:
        if not _try(file):
            if waiting:
                waiting()
            while not _try(file):
                time.sleep(pause)
        try:
            yield
        finally:
            if not fcntl:
                file.seek(0)
                msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)
