"""For maintainers' scripts: write a shipped file and its sha256 into data/manifest.toml."""

import hashlib
import re

from course import paths
from course.imagetext import data as shipped
from course.paths import CourseError


def note(name: str, data: bytes) -> None:
    """Write data/NAME and its sha256 into the manifest's line for it, when it has changed.

    Raises CourseError when the manifest has no such line.
    """
    path, manifest = paths.DATA / name, paths.DATA / "manifest.toml"
    text = manifest.read_text(encoding="utf-8")
    line = f'"{name}" = "{hashlib.sha256(data).hexdigest()}"'
    new, found = re.subn(rf'^"{re.escape(name)}" = ".*"$', line, text, flags=re.MULTILINE)
    if found != 1:
        raise CourseError(f"{manifest} has {found} lines for {name}: it needs one under "
                          "[shipped.sha256].")
    if path.is_file() and path.read_bytes() == data and new == text:
        print(f"data/{name}: unchanged, {len(data):,} bytes")
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    manifest.write_text(new, encoding="utf-8", newline="\n")
    shipped.expected.cache_clear()
    print(f"data/{name}: written, {len(data):,} bytes")
