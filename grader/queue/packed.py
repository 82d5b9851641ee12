"""A lesson's plan as one JSON object, so that another machine can grade without the sources."""

import base64
from pathlib import Path

import nbformat

from grader.engine.plan import Plan, plan

FIELDS = ("lesson", "trusted", "checks", "essays", "interface", "key")


def read(lesson: str) -> Plan:
    """The plan of a lesson in solutions/; CourseError when there is none."""
    return plan(lesson)


def pack(full: Plan) -> dict:
    """Everything a worker needs to grade a lesson: it holds hidden tests, so keep it private."""
    files = sorted(full.reference.glob("*")) if full.reference.is_dir() else []
    return {name: getattr(full, name) for name in FIELDS} | {
        "released": nbformat.writes(full.released, nbformat.NO_CONVERT),
        "reference": {path.name: base64.b64encode(path.read_bytes()).decode() for path in files
                      if path.is_file()}}


def unpack(packed: dict, folder: Path) -> Plan:
    """The plan that was packed; its stored values are written into `folder`/reference."""
    reference = folder / "reference"
    reference.mkdir()
    for name, data in packed["reference"].items():
        (reference / Path(name).name).write_bytes(base64.b64decode(data))
    return Plan(released=nbformat.reads(packed["released"], 4), reference=reference,
                **{name: packed[name] for name in FIELDS})


def shape(full: Plan) -> dict:
    """What a result is made of: lesson, key, checks and essays with their points."""
    return {"lesson": full.lesson, "key": full.key, "checks": [list(c) for c in full.checks],
            "essays": [list(e) for e in full.essays]}
