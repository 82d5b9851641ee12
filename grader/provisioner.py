"""Jupyter kernels inside bubblewrap, so that plain `nbgrader autograde` runs sandboxed.

nbgrader_config.py calls `configure` when JUPYTER_DEFAULT_PROVISIONER_NAME=course-sandbox is set;
nothing of nbgrader changes. Slower than grader.engine and without its judge: a sandbox alone stops
no theft of points inside the kernel (docs/threat-model.md).
"""

import contextlib
import importlib.metadata
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner
from traitlets import Dict

from course.paths import ROOT, CourseError
from grader.sandbox.contract import FIRST_USER, Limits, Place, environment

NAME = "course-sandbox"
KEPT = ("NBGRADER_EXECUTION", "NBGRADER_VALIDATING")  # what nbgrader tells its kernels


def configure(config) -> None:
    """Make this provisioner known (the course need not be installed) and let kernels talk through
    files: a sandboxed kernel has no network, not even to this machine."""
    KernelProvisionerFactory.provisioners[NAME] = importlib.metadata.EntryPoint(
        NAME, "grader.provisioner:SandboxProvisioner", KernelProvisionerFactory.GROUP_NAME)
    config.KernelManager.transport = "ipc"


class SandboxProvisioner(LocalProvisioner):
    """Starts the kernel of a kernel specification inside bubblewrap.

    limits: fields of grader.sandbox.contract.Limits. The kernel may write in its working folder
    only, which lies on this machine's disk: bounded per file, not in all.
    """

    limits = Dict(config=True)
    private = ""   # folder of the connection file and the sockets
    ticket = None  # keeps the seat's number
    owned: tuple = ()

    async def pre_launch(self, **kwargs) -> dict:
        """The kernel's command, wrapped; CourseError when there is no sandbox to be had."""
        from grader.engine.seats import take_ticket
        from grader.sandbox import bubblewrap, detect
        if sys.platform != "linux":
            raise CourseError(detect.NO_LINUX.format("this system"))
        detect.choose("bubblewrap")
        folder = _allowed(kwargs.get("cwd") or os.getcwd())
        if not self.private:
            self.number, self.ticket = take_ticket()
            # short: the path of a socket may have 107 bytes
            self.private = tempfile.mkdtemp(prefix="jk-", dir="/tmp")
            self.parent.transport = "ipc"
            self.parent.connection_file = os.path.join(self.private, "k.json")
            self.parent.ip = os.path.join(self.private, "s")
        kwargs = await super().pre_launch(**kwargs)
        self.kernel_spec.interrupt_mode = "message"  # a signal does not reach the new session
        variables = environment() | {k: v for k, v in kwargs["env"].items() if k in KEPT}
        if "NBGRADER_EXECUTION" not in kwargs["env"]:
            del variables["NBGRADER_EXECUTION"]
        kwargs["cmd"] = self._command(bubblewrap, folder, variables, kwargs["cmd"])
        kwargs["env"] = {"PATH": "/usr/bin:/bin"}
        kwargs["cwd"] = folder
        self._give(bubblewrap.privileged(), folder)
        return kwargs

    def _command(self, bubblewrap, folder: str, variables: dict, command: list[str]) -> list[str]:
        from grader.sandbox.keeper import Order
        place = Place("kernel", limits=Limits(**self.limits))
        told = Order("bubblewrap", Place("kernel", readonly=(), limits=place.limits), self.number,
                     -1, -1, -1)
        program = shutil.which(command[0]) or command[0]
        return [bubblewrap.program(), *bubblewrap.world(place, variables),
                *bubblewrap.parents(folder), "--bind", self.private, self.private, "--bind", folder, folder,
                "--remount-ro", "/", "--remount-ro", "/dev", "--chdir", "/", "--",
                sys.executable, "-s", "-P", "-m", "grader.sandbox.inside", told.text(), "run", folder,
                program, *command[1:]]

    def _give(self, privileged: bool, folder: str) -> None:
        """Started as root the kernel has a user of its own, who must own what it writes in."""
        if not privileged:
            return
        user = FIRST_USER + self.number
        about = os.stat(folder)
        if about.st_uid < FIRST_USER:
            self.owned = (folder, about.st_uid, about.st_gid)
        for path in (folder, self.private, *Path(self.private).iterdir()):
            os.chown(path, user, user, follow_symlinks=False)

    async def send_signal(self, signum: int) -> None:
        """Only an end can be signalled: bubblewrap takes the kernel with it."""
        if signum in (signal.SIGKILL, signal.SIGTERM):
            signum = signal.SIGKILL
        await super().send_signal(signum)

    async def cleanup(self, restart: bool = False) -> None:
        """Nothing stays: no folder of sockets, no odd owner, no number taken."""
        await super().cleanup(restart)
        if restart or not self.private:
            return
        shutil.rmtree(self.private, ignore_errors=True)
        self.private = ""
        self.ticket.close()
        if self.owned:
            with contextlib.suppress(OSError):
                os.chown(*self.owned)
            self.owned = ()


def _allowed(folder: str) -> str:
    """The real path of a kernel's working folder; CourseError when the course lies in it."""
    real = Path(folder).resolve()
    if ROOT.is_relative_to(real) or real.is_relative_to(ROOT / "solutions") or str(real) in ("/", "/tmp"):
        raise CourseError(f"a sandboxed kernel may not run in {real}: the solutions or other "
                          "people's files would be within its reach")
    return str(real)
