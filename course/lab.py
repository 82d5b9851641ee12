"""Open the course: `python -m course.lab [JupyterLab options]`.

Starts JupyterLab in notebooks/ on START_HERE with the Python that set-up prepared, whichever
Python runs this, from any folder. A browser opens when the machine has one; the address is
printed in any case. Ctrl-C ends it. Options are handed on, for example `--no-browser` or
`--port=9000`. Standard library only.
"""

import os
import subprocess
import sys
import webbrowser
from pathlib import Path

from course.environment import child_env, interpreter, read_state
from course.paths import NOTEBOOKS, ROOT, CourseError

CONFIG = Path(__file__).resolve().parent / "labconfig"
START = "START_HERE.ipynb"


def prepend(folder, paths):
    """`folder` in front of a PATH-like string, which may be empty or None."""
    return os.pathsep.join([str(folder), *([paths] if paths else [])])


def lab_env(python, scripts):
    """The environment of the server and its kernels: ours first, nothing asks a network."""
    env = child_env()
    env["PATH"] = prepend(scripts, env.get("PATH"))  # nbgrader looks for alembic there
    env["JUPYTER_CONFIG_PATH"] = prepend(CONFIG, env.get("JUPYTER_CONFIG_PATH"))
    env["JUPYTER_PREFER_ENV_PATH"] = "1"  # no other project's kernel named python3
    if Path(scripts).parent == ROOT / ".venv":
        env["VIRTUAL_ENV"] = str(ROOT / ".venv")
    env.update(HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1", HF_HUB_DISABLE_TELEMETRY="1")
    return env


def has_browser(env, platform=sys.platform):
    """True when opening an address shows a window (not a text browser in this terminal)."""
    if platform.startswith("linux") and not (env.get("DISPLAY") or env.get("WAYLAND_DISPLAY")):
        return False
    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    return True


def is_root():
    return hasattr(os, "geteuid") and os.geteuid() == 0


def command(python, arguments, browser):
    """The server's command line, the user's own arguments last; labconfig/ has all the rest."""
    line = [str(python), "-m", "jupyterlab"]
    if not any(word.startswith(("--log-level", "--debug")) for word in arguments):
        line.append("--log-level=WARN")  # the address is still printed
    if not browser:
        line.append("--no-browser")
    if is_root():
        line.append("--allow-root")  # containers; it listens on this machine only
    return [*line, *arguments]


def run(line, env):
    """Become the server where the system can do that, else start it and wait for its end.

    It starts in the repository, where Validate finds nbgrader_config.py.
    """
    os.chdir(ROOT)
    sys.stdout.flush()
    if os.name != "nt":
        os.execve(line[0], line, env)
    with subprocess.Popen(line, env=env) as server:
        while True:
            try:
                return server.wait()
            except KeyboardInterrupt:  # the server heard it too, and ends by itself
                continue


def main(arguments=None):
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments in (["-h"], ["--help"]):
        print(__doc__.strip())
        return 0
    try:
        python = interpreter()
        scripts = read_state().get("scripts") or str(Path(python).parent)
        if not (NOTEBOOKS / START).is_file():
            raise CourseError(f"{NOTEBOOKS / START} is missing: take it from the repository "
                              "again, or run `make build`.")
    except CourseError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    env = lab_env(python, scripts)
    browser = has_browser(os.environ)
    print("JupyterLab is starting; its address follows"
          f"{'' if browser else ' (open it in a browser)'}. Ctrl-C ends it.", flush=True)
    return run(command(python, arguments, browser), env)


if __name__ == "__main__":
    sys.exit(main())
