"""What a class needs on disk: the instructor's course, the exchange, each role's panels."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from course.paths import CourseError

OFF = {"learner": ("formgrader", "course-list", "create-assignment"), "instructor": ("course-list",)}
# JupyterHub forbids frames, so that no page of one person shows another's; Lab's formgrader is a frame
# and would stay grey. The page itself opens: FORMGRADER.
FRAMES = ("formgrader",)
FORMGRADER = "/hub/user-redirect/formgrader/manage_assignments"
EXTENSIONS = {"formgrader": "formgrader", "course-list": "course_list"}
RELEASE = """
import sys
from nbgrader.apps import NbGraderAPI
from traitlets.config.loader import PyFileConfigLoader
api = NbGraderAPI(config=PyFileConfigLoader("nbgrader_config.py", path=".").load_config())
for lesson in sys.argv[1:]:
    for step in (api.generate_assignment, api.release_assignment):
        done = step(lesson)
        if not done["success"]:
            sys.exit(f"{lesson}: " + (done.get("error") or done.get("log") or "failed")[-2000:])
    print(f"released {lesson}", flush=True)
"""


def course_folder(demo: dict) -> Path:
    """The instructor's nbgrader course, readable by that account alone."""
    return Path(demo["folder"]) / "home" / demo["instructors"][0] / demo["course"]


def prepare(demo: dict, accounts: dict[str, int], root: Path) -> None:
    """Copy the lessons (or a cohort's) to the instructor, make the exchange and configurations."""
    folder, course = Path(demo["folder"]), course_folder(demo)
    if not (course / "cohort.json").is_file():
        if demo["cohort"]:
            shutil.copytree(demo["cohort"], course)
        else:
            _frozen_copy(demo, course)
        _pages_beside(course, root)
    exchange = folder / "exchange"
    exchange.mkdir(exist_ok=True)
    exchange.chmod(0o777)  # nbgrader's exchange: everybody writes, into folders with modes of their own
    config = (root / "nbgrader_config.py").read_text(encoding="utf-8")
    where = f'\nc.Exchange.root = {str(exchange)!r}\nc.CourseDirectory.course_id = {demo["course"]!r}\n'
    (course / "nbgrader_config.py").unlink(missing_ok=True)  # never through a link
    (course / "nbgrader_config.py").write_text(config + where, encoding="utf-8")
    for kind, off in OFF.items():
        _panels(folder / "config" / kind, off)
        text = "c = get_config()" + where
        if kind == "instructor":  # formgrader reads its configuration above the course
            text = config.replace("root = Path(__file__).resolve().parent",
                                  f"root = Path({str(course)!r})") + where
        (folder / "config" / kind / "nbgrader_config.py").write_text(text, encoding="utf-8")
    number = accounts[demo["instructors"][0]]
    for path in [course, *course.rglob("*")]:
        os.chown(path, number, number, follow_symlinks=False)


def _frozen_copy(demo: dict, course: Path) -> None:
    from grader import cohort_release
    from grader.source import lessons
    names = lessons() if demo["lessons"] == ["all"] else demo["lessons"]
    for _ in cohort_release.release_cohort(names, None, demo["course"], course, []):
        pass


def _pages_beside(course: Path, root: Path) -> None:
    """Model answers and rubrics: the course's own are hidden from everybody on the hub."""
    (course / "instructor").mkdir(exist_ok=True)
    for lesson in (course / "solutions").iterdir():
        page = root / "docs" / "instructor" / f"{lesson.name}.md"
        if page.is_file():
            shutil.copy(page, course / "instructor" / page.name)


def _panels(folder: Path, off: tuple[str, ...]) -> None:
    """JupyterLab's panels of one role; no news, which would ask a server elsewhere."""
    (folder / "labconfig").mkdir(parents=True, exist_ok=True)
    names = [f"@jupyter/nbgrader:{name}" for name in sorted({*off, *FRAMES})]
    names += ["@jupyterlab/apputils-extension:announcements",
              "@jupyterlab/extensionmanager-extension:plugin"]
    (folder / "labconfig" / "page_config.json").write_text(
        json.dumps({"disabledExtensions": {name: True for name in names}}), encoding="utf-8")
    servers = {f"nbgrader.server_extensions.{EXTENSIONS[name]}": False for name in off
               if name in EXTENSIONS}
    (folder / "jupyter_server_config.py").write_text(
        "c = get_config()\n"
        "c.LabApp.news_url = None\n"
        'c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"\n'
        'c.LabApp.extension_manager = "readonly"\n'
        f"c.ServerApp.jpserver_extensions = {servers!r}\n", encoding="utf-8")


def release(demo: dict, accounts: dict[str, int]) -> None:
    """Generate and release every lesson that is not out yet, as the instructor."""
    course = course_folder(demo)
    outbound = Path(demo["folder"]) / "exchange" / demo["course"] / "outbound"
    waiting = [path.name for path in sorted((course / "solutions").iterdir())
               if path.is_dir() and not (outbound / path.name).is_dir()]
    if not waiting:
        return
    print(f"releasing {len(waiting)} lessons ...", flush=True)
    number = accounts[demo["instructors"][0]]
    done = subprocess.run(
        [sys.executable, "-c", RELEASE, *waiting], cwd=course, user=number, group=number,
        extra_groups=[], stderr=subprocess.PIPE, text=True,
        env={**os.environ, "HOME": str(course.parent), "USER": demo["instructors"][0],
             "JUPYTER_CONFIG_DIR": str(course.parent / ".jupyter")})
    if done.returncode:
        raise CourseError(f"the lessons could not be released: {done.stderr.strip()[-2000:]}")
