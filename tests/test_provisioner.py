"""A Jupyter kernel in the sandbox, as plain nbgrader would start it."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from course.paths import ROOT, CourseError

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the sandbox is for Linux")


@pytest.fixture
def manager(monkeypatch):
    from jupyter_client import KernelManager
    from jupyter_client.provisioning import KernelProvisionerFactory
    from traitlets.config import Config

    from grader import provisioner
    from grader.sandbox import detect
    works, why = {n: (w, s) for n, w, s in detect.levels()}["bubblewrap"]
    if not works:
        pytest.skip(why)
    config = Config()
    provisioner.configure(config)
    monkeypatch.setattr(KernelProvisionerFactory.instance(), "default_provisioner_name",
                        provisioner.NAME)
    made = KernelManager(config=config)
    yield made
    if made.has_kernel:
        made.shutdown_kernel(now=True)
    KernelProvisionerFactory.provisioners.pop(provisioner.NAME)


@pytest.fixture
def folder():
    with tempfile.TemporaryDirectory(prefix="work-") as made:
        deep = Path(made, "autograded", "someone")
        deep.mkdir(parents=True)
        yield deep


def ask(client, source: str) -> str:
    """What a cell prints or the error it ends with."""
    text = []
    reply = client.execute_interactive(
        source, timeout=60, stop_on_error=False,  # an error would abort what comes right after it
        output_hook=lambda m: text.append(m["content"].get("text", "")
                                          if m["msg_type"] == "stream" else ""))
    content = reply["content"]
    return "".join(text).strip() if content["status"] == "ok" else content["ename"]


def test_kernel_is_shut_in_and_interrupts(manager, folder):
    manager.start_kernel(cwd=str(folder))
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        assert ask(client, "print(6 * 7)") == "42"
        for path in (ROOT / "solutions", ROOT / "tests", Path.home() / ".bashrc", "/etc/shadow"):
            code = f"import os\nprint(os.path.exists({str(path)!r}))"
            assert ask(client, code) == "False", path
        assert ask(client, "import socket\nsocket.create_connection(('127.0.0.1', 80), 2)") in (
            "OSError", "ConnectionRefusedError")
        assert ask(client, "print('SECRET' in os.environ, os.getuid() == 0)") == "False False"
        assert ask(client, f"open({str(ROOT / 'course' / 'x')!r}, 'w')") == "OSError"
        assert ask(client, "open('own.txt', 'w').write('mine')\nprint(1)") == "1"
        assert ask(client, "%matplotlib inline\nimport matplotlib.pyplot as p\np.plot([1])\n"
                           "import course\nprint(2)").endswith("2")
        message = client.execute("print('begun', flush=True)\nwhile True: pass",
                                 stop_on_error=False)
        while client.get_iopub_msg(timeout=30)["content"].get("text", "").strip() != "begun":
            pass  # an interrupt that comes before the cell interrupts nothing
        manager.interrupt_kernel()
        while (reply := client.get_shell_msg(timeout=20))["parent_header"].get("msg_id") != message:
            pass
        assert reply["content"].get("ename") == "KeyboardInterrupt", reply
        private = manager.provisioner.private
        ask(client, "if os.fork() == 0:\n    os.setsid()\n    import time; time.sleep(300)")
    finally:
        client.stop_channels()
        pid = manager.provisioner.pid
        manager.shutdown_kernel(now=True)
    assert (folder / "own.txt").read_text(encoding="utf-8") == "mine"
    assert folder.stat().st_uid == os.getuid()
    assert not os.path.exists(private)
    assert not os.path.exists(f"/proc/{pid}")


def test_never_shows_the_course(manager):
    for place in (ROOT, ROOT.parent, ROOT / "solutions" / "00_start"):
        with pytest.raises(CourseError, match="solutions"):
            manager.start_kernel(cwd=str(place))


def test_configure_in_nbgrader_config(tmp_path):
    """The course's own configuration turns it on by one environment variable."""
    code = ("from traitlets.config import Config; c = Config(); import runpy; "
            f"runpy.run_path({str(ROOT / 'nbgrader_config.py')!r}, {{'get_config': lambda: c}}); "
            "print(c.KernelManager.to_dict() if 'to_dict' in dir(c.KernelManager) else "
            "dict(c.KernelManager))")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                          env=os.environ | {"JUPYTER_DEFAULT_PROVISIONER_NAME": "course-sandbox"})
    assert "ipc" in done.stdout
