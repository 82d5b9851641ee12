"""Write everything a classroom without a network needs into one folder: `make bundle`.

    python -m course.bundle OUT_DIR             the data and models (set COURSE_DATA to OUT_DIR)
    python -m course.bundle OUT_DIR --wheels    and this platform's packages, in OUT_DIR/wheels

On the machines of the classroom:
    COURSE_DATA=OUT_DIR PIP_NO_INDEX=1 PIP_FIND_LINKS=OUT_DIR/wheels make lab
(--wheels prints the line with the right paths, spaces in them taken care of.)
The packages come through pip with the user's configuration. Only wheels are taken, so that no
package runs code here.
"""

import argparse
import subprocess
import sys
from pathlib import Path

from course import manifest, stamps, unpack
from course.fetch import fetch, need, plain_errors, tell
from course.paths import ROOT, CourseError

REQUIREMENTS = ROOT / "requirements"


def write_data(out: Path, names: list[str]) -> int:
    """Copy the entries' files to OUT/NAME/FILE, each checked; returns the bytes in all."""
    fetch(names)
    total = 0
    for entry in manifest.pick(names, manifest.load()):
        for file in entry.files:
            target = out / entry.name / file.name
            total += file.bytes
            if stamps.whole(file, target):
                continue
            with open(need(entry.name) / file.name, "rb") as stream:
                unpack.copy_checked(stream, file, target)
        tell(f"  {entry.name}: {entry.bytes / 1e6:.1f} MB")
    return total


def wheel_commands(out: Path) -> list[list[str]]:
    """The pip calls that bring every pinned package of this platform to OUT/wheels.

    Torch goes last: its file names what set-up asks for; with the packages it requires, as the
    wheel of this platform may need them.
    """
    download = [sys.executable, "-m", "pip", "download", "--only-binary", ":all:",
                "--dest", str(out / "wheels"), "--disable-pip-version-check"]
    # one call for all pins without their dependencies: the lock holds those already
    commands = [[*download, "--no-deps", "-r", str(REQUIREMENTS / "course.lock")]]
    if (REQUIREMENTS / "torch.txt").is_file():
        commands.append([*download, "-r", str(REQUIREMENTS / "torch.txt")])
    return commands


def write_wheels(out: Path, run=subprocess.run) -> None:
    """Download the packages; CourseError when pip fails (it says why above)."""
    (out / "wheels").mkdir(parents=True, exist_ok=True)
    for command in wheel_commands(out):
        if run(command).returncode:
            raise CourseError("pip could not download the packages, see above: the wheels in "
                              f"{out / 'wheels'} are not complete; run this again.")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m course.bundle", description=(
        "Write the data and models (and packages) of the course into one folder."))
    parser.add_argument("out", type=Path, metavar="OUT_DIR")
    parser.add_argument("names", nargs="*", metavar="NAME", help="default: all a lesson needs")
    parser.add_argument("--wheels", action="store_true", help="the packages too, this platform's")
    options = parser.parse_args(arguments)
    out = options.out.expanduser().absolute()
    try:
        with plain_errors(out):
            out.mkdir(parents=True, exist_ok=True)
            total = write_data(out, options.names)
            if options.wheels:
                write_wheels(out)
    except CourseError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("error: interrupted; run it again, it goes on where it stopped.", file=sys.stderr)
        return 130
    tell(f"bundle: {total / 1e6:.0f} MB of data in {out}; use it with COURSE_DATA={out}"
         # as an address: pip takes a space in PIP_FIND_LINKS for the end of a place
         + (f" PIP_NO_INDEX=1 PIP_FIND_LINKS={(out / 'wheels').as_uri()}"
            if options.wheels else ""))
    return 0


if __name__ == "__main__":
    sys.exit(main())
