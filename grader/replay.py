"""Execute a lesson's cells without a kernel, in one process: 0.1 s where a kernel takes 5.

Used for the variants; the same cells run in real kernels in tests/test_notebooks.py.
"""

import contextlib
import io
import linecache
import os
import signal
import sys
import threading
from pathlib import Path

from IPython.core.inputtransformer2 import TransformerManager

from grader import checkcell
from grader.quiet import no_stderr

LIMIT = 20  # seconds a cell may take


class Replay:
    """A namespace in which cells run one after the other, with snapshots.

    folder: working directory of the cells (where reference/ is). Use as a context manager:
    it changes the process's working directory and environment and puts both back.
    """

    def __init__(self, folder: Path):
        self.folder, self.names = folder, {}

    def __enter__(self):
        self._before = os.getcwd(), dict(os.environ)
        os.chdir(self.folder)
        os.environ.update(COURSE_STRICT="1", MPLBACKEND="Agg", COURSE_PROGRESS="off")
        os.environ.pop("COURSE_WRITE_REFERENCES", None)
        checkcell.forget()
        self.names = {"__name__": "__main__"}
        return self

    def __exit__(self, *_):
        os.chdir(self._before[0])
        os.environ.clear()
        os.environ.update(self._before[1])

    def run(self, name: str, source: str) -> Exception | None:
        """Run one cell; its exception, or None. Output is dropped."""
        filename = f"<cell {name}>"
        try:
            code = TransformerManager().transform_cell(source)
        except SyntaxError as error:  # indentation that no line above has
            return error
        linecache.cache[filename] = (len(code), None, code.splitlines(True), filename)
        try:
            with contextlib.redirect_stdout(io.StringIO()), no_stderr(), _limit(LIMIT):
                exec(compile(code, filename, "exec"), self.names)
        except Exception as error:
            return error
        except SystemExit as error:
            return RuntimeError(f"the cell ended the program ({error})")
        return None

    @contextlib.contextmanager
    def snapshot(self):
        """Names and verdicts made inside the block are gone after it."""
        names = dict(self.names)
        verdicts = {k: dict(v) for k, v in checkcell._verdicts.items()}
        try:
            yield
        finally:
            self.names.clear()
            self.names.update(names)
            checkcell.forget()
            checkcell._verdicts.update(verdicts)


@contextlib.contextmanager
def _limit(seconds: int):
    """Stop an endless loop where the system can (Unix, main thread); else only hope."""
    if sys.platform == "win32" or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_):
        raise TimeoutError(f"the cell did not end within {seconds} s")
    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
