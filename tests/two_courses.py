"""Two courses on one hub, as deploy/hub/README.md says: its code blocks are what runs here.

    unshare --mount --pid --fork --kill-child=SIGKILL --mount-proc python -m tests.two_courses FOLDER PORT

as root, as `make hub` does for one course. Prints `up` when the hub answers, then runs until it ends.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from course.paths import ROOT
from grader import cohort_release

sys.path.insert(0, str(ROOT / "deploy" / "hub"))
import classroom  # noqa: E402
import hub  # noqa: E402

LESSON, COURSES, PASSWORD = "00_start", ("autumn", "spring"), "a-password-of-this-test"
PEOPLE = {"instructors": ["anna", "ben"], "learners": ["chen", "dora", "eva"]}


def blocks() -> list[str]:
    """The code of the README's chapter: for JupyterHub, everybody's nbgrader, everybody's Lab."""
    text = (ROOT / "deploy" / "hub" / "README.md").read_text(encoding="utf-8")
    return re.findall(r"```(?:python|json)\n(.*?)```", text.split("## Two courses on one hub")[1], re.S)


def main(folder: Path, port: int) -> int:
    for_hub, for_everybody, for_lab = blocks()
    (folder / "run").mkdir()
    names = [*PEOPLE["instructors"], *PEOPLE["learners"], *(f"grader-{one}" for one in COURSES)]
    accounts = {name: hub.FIRST + i for i, name in enumerate(names)}
    hub.make_accounts(folder, accounts)
    (folder / "srv" / "nbgrader" / "exchange").mkdir(parents=True)
    (folder / "srv" / "nbgrader" / "exchange").chmod(0o777)
    hub._must(["mount", "--bind", str(folder / "srv"), "/srv"])
    hub._must(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/usr/local/etc"])
    Path("/usr/local/etc/jupyter/labconfig").mkdir(parents=True)
    Path("/usr/local/etc/jupyter/labconfig/page_config.json").write_text(for_lab, encoding="utf-8")
    Path("/usr/local/etc/jupyter/nbgrader_config.py").write_text(
        f"c = get_config()\n{for_everybody}", encoding="utf-8")
    for one in COURSES:
        place = Path("/srv/nbgrader") / one
        for _ in cohort_release.release_cohort([LESSON], None, one, place, []):
            pass
        for path in [place, *place.rglob("*")]:
            os.chown(path, *[accounts[f"grader-{one}"]] * 2)
        place.chmod(0o700)
    hub.open_ways([ROOT, Path(sys.base_prefix), Path(sys.prefix), folder])
    hub.hide(ROOT, hub.HIDDEN)
    tools = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    for one in COURSES:
        number = accounts[f"grader-{one}"]
        hub._must(["sh", "-c", f"python -m nbgrader generate_assignment {LESSON} --force && "
                   f"python -m nbgrader release_assignment {LESSON}"], cwd=f"/srv/nbgrader/{one}",
                  user=number, group=number, extra_groups=[],
                  env={**os.environ, "PATH": tools, "USER": f"grader-{one}",
                       "HOME": str(folder / "home" / f"grader-{one}")})
    for kind, off in (("learner", classroom.OFF["learner"]), ("instructor", ("formgrader",))):
        classroom._panels(folder / "config" / kind, off)
    demo = {"folder": str(folder), "ports": [port, hub._free(), hub._free()], "password": PASSWORD,
            **PEOPLE}
    (folder / "run" / "class.json").write_text(json.dumps(demo), encoding="utf-8")
    for taken in ("9101", "9102"):
        for_hub = for_hub.replace(taken, str(hub._free()))
    text = (ROOT / "deploy" / "hub" / "jupyterhub_config.py").read_text(encoding="utf-8").replace(
        "Path(__file__).resolve().parent", f"Path({str(ROOT / 'deploy' / 'hub')!r})")
    (folder / "run" / "config.py").write_text(f"{text}\n{for_hub}", encoding="utf-8")
    with open(folder / "run" / "hub.log", "w", encoding="utf-8") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyterhub", "--config", str(folder / "run" / "config.py")],
            cwd=folder / "run", stdout=log, stderr=log,
            env={**os.environ, "PATH": tools, "HUB_CLASS": str(folder / "run" / "class.json")})
    hub._wait_until_up(port, process, folder / "run" / "hub.log")
    print("up", flush=True)
    while True:  # the first process of a namespace collects all that ends in it
        pid, status = os.wait()
        if pid == process.pid:
            return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2])))
