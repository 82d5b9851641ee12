"""Run pip, show how far it is, and turn what it says on failure into one sentence.

Standard library only: set-up uses it under a bare Python.
"""

import re
import subprocess
import sys
import time

from course.environment import child_env
from course.paths import ROOT, CourseError

_SIGNS = (  # what pip prints -> what that means for a person; the first that fits wins
    (r"No space left on device|Errno 28|There is not enough space",
     "the disk is full: free some space and run this again"),
    (r"externally-managed-environment",
     "this Python belongs to the operating system: run set-up without --here"),
    (r"Read-only file system|Errno 30|Permission denied|Errno 13|Access is denied",
     "a folder cannot be written: run set-up as the user who owns it"),
    (r"CERTIFICATE_VERIFY_FAILED|SSLError|SSLCertVerificationError",
     "the package index could not be reached safely (certificate refused): "
     "name your network's certificate in PIP_CERT and run this again"),
    (r"ProxyError|Tunnel connection failed",
     "the proxy refused the package index: check HTTPS_PROXY and run this again"),
    (r"name resolution|Name or service not known|nodename nor servname|getaddrinfo|"
     r"NewConnectionError|Failed to establish|Network is unreachable|Connection refused|"
     r"ConnectTimeout|ReadTimeout|Read timed out|Connection aborted|Connection broken|"
     r"IncompleteRead|ConnectionResetError|No route to host|Connection to .* timed out",
     "the package index could not be reached: connect to a network for this first set-up and "
     "run it again (what is already here is kept)"),
    (r"THESE PACKAGES DO NOT MATCH THE HASHES|incomplete-download",
     "a download came through damaged: run this again"),
)


def reason(said):
    """One sentence, without its full stop, for the text that a failed pip printed."""
    for pattern, sentence in _SIGNS:
        if re.search(pattern, said):
            return sentence
    found = re.search(r"No matching distribution found for (\S+)", said)
    if found and "from versions: none" in said:
        return (f"no package index offers {found[1]}: connect to a network for this first "
                "set-up, or look at what pip is told to use (`python3 -m pip config list`), and "
                "run this again")
    if found:
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        return (f"the package index has no {found[1]} for Python {version} on this machine: "
                "run set-up with another Python (3.11 to 3.13)")
    errors = [line for line in said.splitlines() if line.lower().startswith("error")]
    last = (errors or said.strip().splitlines() or ["no message"])[-1]
    return f"pip stopped with: {last.strip()[:300]}"


class _Progress:
    """Counts what pip reports; one line that moves on a terminal, else a line now and then."""

    def __init__(self, total, say):
        self.total, self.say = total, say
        self.seen, self.shown = 0, time.monotonic()
        self.live = sys.stdout.isatty()

    def note(self, line):
        if line.startswith(("Collecting ", "Requirement already satisfied", "Processing ")):
            self.seen += 1
        elif line.startswith("Installing collected packages"):
            self.finish()
            self.say("  all here; unpacking takes about as long again")
            return
        else:
            return
        text = f"  {self.seen} of {self.total} packages looked up or downloaded"
        if self.live:
            print("\r" + text, end="", flush=True)
        elif time.monotonic() - self.shown > 10:
            self.shown = time.monotonic()
            self.say(text)

    def finish(self):
        if self.live and self.seen:
            print()
        self.seen = 0


def pip(python, arguments, total=0, say=print, bar=False):
    """Run `python -m pip ARGUMENTS`; raises CourseError with the reason when pip fails.

    total: how many packages are expected (progress is shown when > 0); bar: leave pip's own
    progress bar on a terminal (one large download).
    """
    command = [str(python), "-m", "pip", *arguments]
    shown = bar and sys.stdout.isatty()
    progress = _Progress(total, say)
    said = []
    with subprocess.Popen(command, env=child_env(), cwd=str(ROOT), stdin=subprocess.DEVNULL,
                          stdout=None if shown else subprocess.PIPE,
                          stderr=subprocess.PIPE if shown else subprocess.STDOUT,
                          text=True, encoding="utf-8", errors="replace",
                          close_fds=False) as process:
        for line in process.stderr if shown else process.stdout:
            said.append(line)
            if total:
                progress.note(line)
    progress.finish()
    if process.returncode:
        raise CourseError(reason("".join(said)) + ".")
    return "".join(said)
