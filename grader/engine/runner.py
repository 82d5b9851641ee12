"""Runs a learner's cells: IPython without a kernel, at the end of one socket (untrusted).

Nothing that comes out of this process decides a score; outputs are for people who look.
"""

import base64
import contextlib
import os
import socket
import sys

from grader.engine import wire
from grader.judge.agent import Agent

TEXT, PICTURE, PICTURES = 20_000, 400_000, 10  # characters, bytes and pictures kept of a cell


def serve(sock: socket.socket) -> None:
    """Answer {"op": "cell" | "judge"} until the other side hangs up."""
    shell = _shell()
    while True:
        try:
            message = wire.receive(sock)
        except wire.Silent:
            return
        if message["op"] == "cell":
            wire.send(sock, run_cell(shell, message["source"]))
        elif message["op"] == "judge":
            with wire.receive_descriptor(sock) as there, contextlib.suppress(EOFError, OSError):
                Agent(shell.user_ns, there).loop()
            wire.send(sock, {"ok": True})


def _shell():
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    shell = InteractiveShell.instance(config=config)
    shell.showtraceback = lambda *_, **__: None  # the error travels on its own
    return shell


def run_cell(shell, source: str) -> dict:
    """{"ok", "error", "line", "text", "result", "pictures"} of one cell, sizes bounded."""
    from IPython.utils.capture import capture_output

    from grader.explain import learner_line
    with capture_output() as captured:
        result = shell.run_cell(source, store_history=False)
        if "matplotlib.pyplot" in sys.modules:
            sys.modules["matplotlib.pyplot"].close("all")
    error = result.error_before_exec or result.error_in_exec
    text, pictures = captured.stdout, []
    for output in captured.outputs:
        data = getattr(output, "data", None) or {}
        text += "" if "image/png" in data else str(data.get("text/plain", "")) + "\n"
        if "image/png" in data and len(pictures) < PICTURES:
            picture = data["image/png"]
            picture = picture if isinstance(picture, str) else base64.b64encode(picture).decode()
            pictures += [picture] if len(picture) < PICTURE else []
    words = ""
    if error is not None:
        with contextlib.suppress(Exception):
            words = f"{type(error).__name__}: {error}"[:2000]
    return {"ok": error is None, "error": words, "text": text[:TEXT], "pictures": pictures,
            "line": learner_line(error.__traceback__) if error is not None else ""}


def main() -> None:
    """`python -m grader.engine.runner FD`: a cold runner at an inherited socket."""
    number = int(sys.argv[1])
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    serve(socket.socket(fileno=number))


if __name__ == "__main__":
    main()
