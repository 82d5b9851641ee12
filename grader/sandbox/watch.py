"""What a runner and all it started use together, seen from outside (Linux's /proc).

Limits of a process do not add up: 60 processes may each take a runner's memory, and shared memory
counts for none of them. The keeper looks a few times a second.
"""

import contextlib
import os

KB = 1024


class Tree:
    """The processes below this one. Opened before a new root hides /proc."""

    def __init__(self):
        self.proc = os.open("/proc", os.O_RDONLY | os.O_DIRECTORY)
        self.me = os.getpid()

    def all(self) -> list[int]:
        """Ids of all descendants that live now."""
        found, new = [], [self.me]
        while new:
            new = [child for pid in new for child in self._children(pid)]
            found += new
            if len(found) > 5000:
                break
        return found

    def _children(self, pid: int) -> list[int]:
        found = []
        with contextlib.suppress(OSError):
            for task in self._names(f"{pid}/task"):
                found += [int(p) for p in self._read(f"{pid}/task/{task}/children").split()]
        return found

    def _names(self, path: str) -> list[str]:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY, dir_fd=self.proc)
        try:
            return os.listdir(descriptor)
        finally:
            os.close(descriptor)

    def _read(self, path: str) -> str:
        with contextlib.suppress(OSError):
            descriptor = os.open(path, os.O_RDONLY, dir_fd=self.proc)
            try:
                return os.read(descriptor, 1 << 16).decode("ascii", "replace")
            finally:
                os.close(descriptor)
        return ""

    def files(self, path: str) -> int:
        """Files in the file system at `path` as the youngest of them sees it; 0 where hidden."""
        for pid in self.all()[-1:]:
            with contextlib.suppress(OSError):
                descriptor = os.open(f"{pid}/root{path}", os.O_PATH, dir_fd=self.proc)
                try:
                    about = os.fstatvfs(descriptor)
                    return about.f_files - about.f_ffree
                finally:
                    os.close(descriptor)
        return 0

    def ending(self, pid: int) -> bool:
        """Whether a process has given up its memory already, though it is still listed."""
        return "VmRSS:" not in self._read(f"{pid}/status")

    def memory(self, limit: int) -> int:
        """Bytes that all of them hold; exact (shared pages shared out) only where it nears limit."""
        pids = self.all()
        rough = sum(_field(self._read(f"{pid}/status"), "RssAnon", "RssShmem") for pid in pids)
        if rough <= limit:
            return rough
        exact = [_field(self._read(f"{pid}/smaps_rollup"), "Pss_Anon", "Pss_Shmem") for pid in pids]
        return sum(exact) or rough


def _field(text: str, *names: str) -> int:
    total = 0
    for line in text.splitlines():
        name, _, value = line.partition(":")
        if name in names:
            total += int(value.split()[0]) * KB
    return total


def folder_use(folder: str, most: int) -> tuple[int, int]:
    """(bytes, files) below a folder that a stranger fills; stops looking after `most` files."""
    size, count, todo = 0, 0, [folder]
    while todo and count <= most:
        with contextlib.suppress(OSError), os.scandir(todo.pop()) as entries:
            for entry in entries:
                count += 1
                with contextlib.suppress(OSError):
                    about = entry.stat(follow_symlinks=False)
                    size += about.st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        todo.append(entry.path)
                if count > most:
                    break
    return size, count
