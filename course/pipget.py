"""Download one file of a package with pip's own finder, without ever running its code.

Started as a file in a process of its own (`python -I course/pipget.py '{"package": ...}'`):
it uses pip's internals, because `pip download` of a source archive runs that archive's build
code and this never does. The user's pip configuration (index, find-links, proxy, certificates)
holds, as it does for `pip download`. The last line on stdout is a JSON object: {"path": ...}
or {"error": kind, "detail": sentence}, kind being gone, network, disk, write or pip.
Standard library only, besides pip.
"""

import errno
import hashlib
import json
import logging
import os
import sys
import threading
import time

TRIES = 5            # a dropped connection goes on where it stopped, this many times
CHUNK = 256 * 1024
SDIST = (".tar.gz", ".zip", ".tar.bz2", ".tgz")


class Trouble(Exception):
    """Why there is no file: a kind for the caller and a sentence for a person."""

    def __init__(self, kind, detail):
        super().__init__(detail)
        self.kind = kind


class FetchFailures(logging.Handler):
    """Collects what pip only whispers: index pages that could not be read."""

    def __init__(self):
        super().__init__(logging.DEBUG)
        self.lines = []

    def emit(self, record):
        line = record.getMessage()
        if line.startswith("Could not fetch URL") and " 404 " not in f" {line} ":
            self.lines.append(line)


class OneWarning(logging.Handler):
    """pip's lines about connections it tries again, as one line of ours."""

    def emit(self, record):
        logging.getLogger(record.name).removeHandler(self)
        sys.stderr.write("    the package index does not answer: trying for some seconds more\n")


def calm_connections():
    log = logging.getLogger("pip._vendor.urllib3.connectionpool")
    log.setLevel(logging.WARNING)
    log.propagate = False
    log.addHandler(OneWarning())
    log.addHandler(logging.NullHandler())


def find_link(finder, want):
    """The link of the wanted version and kind ("wheel" or "sdist"), or Trouble."""
    failures = FetchFailures()
    log = logging.getLogger("pip._internal.index.collector")
    log.setLevel(logging.DEBUG)
    log.propagate = False
    log.addHandler(failures)
    found = finder.find_all_candidates(want["package"])
    for candidate in found:
        name = candidate.link.filename
        is_kind = name.endswith(".whl") if want["kind"] == "wheel" else name.endswith(SDIST)
        if str(candidate.version) == want["version"] and is_kind:
            return candidate.link
    if failures.lines and not found:
        raise Trouble("network", "pip could not reach a package index")
    raise Trouble("gone", f"pip finds no {want['kind']} of {want['package']} {want['version']}")


def show(done, total, started, last):
    """One progress line, rewritten on a terminal, every quarter in a log; returns its mark."""
    part = done / total if total else 0
    terminal = sys.stderr.isatty()
    mark = int(part * (100 if terminal else 4))
    if mark == last or not total or (not terminal and total < 4_000_000):
        return mark
    rate = done / max(time.monotonic() - started, .001) / 1e6
    line = f"    {done / 1e6:6.1f} of {total / 1e6:.1f} MB  {part:4.0%}  {rate:.1f} MB/s"
    ending = "\n" if not terminal or done >= total else ""
    sys.stderr.write(("\r" if terminal else "") + line + ending)
    sys.stderr.flush()
    return mark


def one_try(session, address, part):
    """Bring `part` forward by one request, from the byte it has; True when complete."""
    from pip._internal.network.utils import HEADERS
    have = part.stat().st_size if part.exists() else 0
    headers = {**HEADERS, **({"Range": f"bytes={have}-"} if have else {})}
    reply = session.get(address, headers=headers, stream=True)
    if reply.status_code == 416:      # what is there is longer than the file: start again
        part.unlink()
        return False
    if reply.status_code in (404, 410):
        raise Trouble("gone", "the index lists the file but does not have it")
    if reply.status_code not in (200, 206):
        raise Trouble("network", f"the package index answered {reply.status_code}")
    if reply.status_code == 200:
        have = 0
    left = int(reply.headers.get("content-length") or 0)
    total, started, mark = have + left, time.monotonic(), 0
    with open(part, "ab" if have else "wb") as file:
        for chunk in iter(lambda: reply.raw.read(CHUNK), b""):
            file.write(chunk)
            mark = show(file.tell(), total, started, mark)
    return not left or part.stat().st_size == total


def right_hash(link, part):
    """False when the index names a hash for the file and the bytes have another."""
    if link.hash_name not in ("sha256", "sha384", "sha512"):
        return True
    with open(part, "rb") as file:
        return hashlib.file_digest(file, link.hash_name).hexdigest() == link.hash


def download(session, link, folder):
    """Path of the downloaded file in `folder`; an interrupted download goes on later."""
    from pathlib import Path
    name = os.path.basename(link.filename)
    whole, part = Path(folder) / name, Path(folder) / (name + ".part")
    if whole.exists():               # complete: a killed run had no time to unpack it
        return whole
    problem = "the connection broke off"
    for turn in range(TRIES):
        try:
            if one_try(session, link.url_without_fragment, part):
                if right_hash(link, part):
                    os.replace(part, whole)
                    return whole
                part.unlink()
                problem = "the bytes do not have the hash the index names"
        except OSError as error:      # what requests and urllib3 raise is not all OSError
            if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)):
                raise Trouble("disk", "the disk is full") from error
            if error.errno in (errno.EACCES, errno.EROFS, errno.EPERM):
                raise Trouble("write", f"{folder} cannot be written") from error
            problem = type(error).__name__
        except Trouble:
            raise
        except Exception as error:
            problem = type(error).__name__
        time.sleep(min(.3 * turn, 1))
    raise Trouble("network", f"the download did not complete ({problem})")


def command(want, result):
    """A pip command that finds and downloads; options and configuration are pip's own."""
    from pip._internal.commands.download import DownloadCommand

    class Get(DownloadCommand):
        def run(self, options, args):
            calm_connections()
            session = self.get_default_session(options)
            finder = self._build_package_finder(
                options=options, session=session, ignore_requires_python=True)
            try:
                link = find_link(finder, want)
                result["path"] = str(download(session, link, want["folder"]))
            except Trouble as trouble:
                result.update(error=trouble.kind, detail=str(trouble))
            return 0

    return Get("download", "find and download one file, running nothing of it")


def end_with_parent():
    """Stop when the process that started this one is gone: its end of the pipe closes."""
    def watch():
        os.read(sys.stdin.fileno(), 1)     # unbuffered: a buffered reader trips the shutdown
        os._exit(1)
    threading.Thread(target=watch, daemon=True).start()


def main():
    end_with_parent()
    want = json.loads(sys.argv[1])
    result = {}
    try:
        command(want, result).main(["-qq", "--no-input", "--disable-pip-version-check"])
    except SystemExit:
        result.setdefault("error", "pip")
        result.setdefault("detail", "pip did not accept its own configuration")
    except Exception as error:
        result.update(error="pip", detail=f"this pip cannot be used: {error!r}")
    if not result:
        result.update(error="pip", detail="pip ended without a file")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
