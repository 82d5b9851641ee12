"""Run a notebook in a fresh kernel and measure it: seconds per cell, peak memory, connections."""

import os
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import psutil
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from course.paths import ROOT, CourseError

GUARD = ROOT / "grader" / "guard"
TIMEOUT = {"ename": "CellTimeoutError", "evalue": "the cell took too long and was stopped: "
           "look for a loop that never ends", "traceback": ["stopped: out of time"]}


@dataclass
class Run:
    """What one run of a notebook gave. seconds: {cell id: wall seconds}; peak_mb: resident MB."""

    notebook: nbformat.NotebookNode
    seconds: dict[str, float] = field(default_factory=dict)
    total: float = 0.0
    peak_mb: float = 0.0
    connections: list[str] = field(default_factory=list)
    error: str = ""
    failed_cell: str = ""


def environment(**extra: str) -> dict[str, str]:
    """The environment of a kernel that must stay offline and find the course's modules."""
    path = [str(GUARD), str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path), "PYTHONHASHSEED": "0",
            "HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1",
            "OMP_WAIT_POLICY": "PASSIVE", "COURSE_WIDGETS": "0", **extra}


def run_notebook(notebook, folder: Path, *, demos=True, allow_errors=False, timeout=300,
                 **environ: str) -> Run:
    """Execute the code cells in `folder`; leave demo cells alone unless `demos`.

    The first error ends the run (its sentence in Run.error) unless `allow_errors`; then a cell
    past `timeout` seconds is interrupted and the run goes on. A kernel that dies ends it.
    """
    cells = [c for c in notebook.cells if demos or not is_demo(c)]
    part = nbformat.from_dict({**notebook, "cells": cells})
    run = Run(part)
    with tempfile.TemporaryDirectory(prefix="course-") as scratch:
        log = Path(scratch) / "connections"
        env = environment(COURSE_GUARD_LOG=str(log), COURSE_PROGRESS="off", **environ)
        _execute(run, folder, env, allow_errors, timeout)
        if log.is_file():
            run.connections = sorted(set(log.read_text(encoding="utf-8").split()))
    return run


def is_demo(cell) -> bool:
    """A cell that no check depends on: a training run, a long measurement."""
    return bool(cell.metadata.get("course", {}).get("demo"))


def _execute(run: Run, folder: Path, env: dict, allow_errors: bool, timeout: int) -> None:
    starts: dict[str, float] = {}

    def started(cell, cell_index):
        starts[cell.id] = time.perf_counter()

    def ended(cell, cell_index, execute_reply):
        run.seconds[cell.id] = time.perf_counter() - starts[cell.id]

    client = NotebookClient(
        run.notebook, timeout=timeout, allow_errors=allow_errors, record_timing=False,
        kernel_name="python3", resources={"metadata": {"path": str(folder)}},
        on_cell_execute=started, on_cell_executed=ended, shutdown_kernel="immediate",
        interrupt_on_timeout=allow_errors, error_on_timeout=TIMEOUT if allow_errors else None,
        extra_arguments=["--IPKernelApp.log_level=ERROR"])  # no warning about local TCP
    begin = time.perf_counter()
    try:
        with client.setup_kernel(env=env), _Memory(client) as memory:
            for index, cell in enumerate(run.notebook.cells):
                run.failed_cell = cell.id
                client.execute_cell(cell, index)
        run.failed_cell = ""
    except CellExecutionError as error:
        run.error = f"{error.ename}: {error.evalue}"
    except CellTimeoutError:
        run.error = f"the cell did not end within {timeout} s"
    except DeadKernelError:
        run.error = "the kernel died (out of memory, or the process ended itself)"
    except (OSError, RuntimeError) as error:
        raise CourseError(f"no kernel could be started: {error}; run make lab first") from None
    run.total, run.peak_mb = time.perf_counter() - begin, memory.peak


class _Memory:
    """Peak resident memory in MB of the kernel process and its children, sampled."""

    def __init__(self, client):
        self.client, self.peak = client, 0.0
        self._stop = threading.Event()

    def __enter__(self):
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join(timeout=2)
        self._sample()

    def _watch(self):
        while not self._stop.wait(0.1):
            self._sample()

    def _sample(self):
        try:
            process = psutil.Process(self.client.km.provisioner.pid)
            family = [process, *process.children(recursive=True)]
            self.peak = max(self.peak, sum(p.memory_info().rss for p in family) / 1e6)
        except (psutil.Error, AttributeError, TypeError, ValueError):
            return  # the kernel is gone: what was seen before stands
