"""What the learner chose by environment variables, read without loading or reaching anything.

    COURSE_LLM=FOLDER | OWNER/NAME | http(s)://ADDRESS     another language model
    COURSE_EMBEDDER=...                                    another embedder, likewise
    COURSE_CLIP=FOLDER | OWNER/NAME                        another image-text model (CLIP)
    COURSE_ENGINE=llamacpp                                 the course's own model, by llama.cpp

Nothing else chooses: never what happens to be installed. A graded run takes the defaults, since
thresholds hold for them. Standard library only.
"""

import ipaddress
import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from course.paths import CourseError

LLM, EMBEDDER, ENGINE = "COURSE_LLM", "COURSE_EMBEDDER", "COURSE_ENGINE"
CLIP = "COURSE_CLIP"
EVERYTHING = frozenset({"generate", "score", "logits", "train"})
CAN = {"default": EVERYTHING, "checkpoint": EVERYTHING, "hub": EVERYTHING,
       "remote": frozenset({"generate"}), "llamacpp": frozenset({"generate", "score"})}
_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+")


@dataclass(frozen=True)
class Choice:
    """kind: "default", "checkpoint" (a folder), "hub", "remote" or "llamacpp".

    variable, value: as the learner set them ("" for the default).
    """

    kind: str = "default"
    variable: str = ""
    value: str = ""

    @property
    def can(self) -> frozenset[str]:
        """What a language model of this kind is able to do."""
        return CAN[self.kind]

    @property
    def shown(self) -> str:
        """`COURSE_LLM=/path` for a person: never a password that stands in an address."""
        return f"{self.variable}={without_secrets(self.value)}" if self.variable else ""

    @property
    def online(self) -> bool:
        """Whether using it leaves this machine (a hub's model does until it is in the cache)."""
        if self.kind == "remote":
            return not is_loopback(urlsplit(self.value).hostname)
        return self.kind == "hub" and not in_hub_cache(self.value)


def graded() -> bool:
    """Whether this is a graded or strict run, in which choices do not count."""
    return bool(os.environ.get("NBGRADER_EXECUTION")) or os.environ.get("COURSE_STRICT") == "1"


def llm_choice() -> Choice:
    """The language model asked for; CourseError when the variables make no sense."""
    if graded():
        return Choice()
    engine = os.environ.get(ENGINE, "").strip()
    if engine not in ("", "transformers", "llamacpp"):
        raise CourseError(f"COURSE_ENGINE={engine} names no engine: it is llamacpp, or unset for "
                          "the course's own (transformers).")
    choice = _read(LLM)
    if engine == "llamacpp" and choice.kind != "default":
        raise CourseError(f"COURSE_ENGINE=llamacpp runs the course's own model, and {choice.shown}"
                          " asks for another one: unset one of the two.")
    return Choice("llamacpp", ENGINE, engine) if engine == "llamacpp" else choice


def embedder_choice() -> Choice:
    """The embedder asked for; CourseError when the variable makes no sense."""
    return Choice() if graded() else _read(EMBEDDER)


def clip_choice() -> Choice:
    """The image-text model asked for; CourseError when the variable makes no sense."""
    choice = Choice() if graded() else _read(CLIP)
    if choice.kind == "remote":
        raise CourseError(f"{choice.shown} is an address, and pictures are not sent away here: "
                          "give the folder of a CLIP checkpoint or a hub's owner/name.")
    return choice


def _read(variable: str) -> Choice:
    value = os.environ.get(variable, "").strip()
    if not value:
        return Choice()
    if re.match(r"https?://", value, re.IGNORECASE):
        _check_address(variable, value)
        return Choice("remote", variable, value)
    if "://" in value:
        raise CourseError(f"{variable}={without_secrets(value)} is no address that can be used: "
                          "it starts with http:// or https://.")
    folder = Path(value).expanduser()
    if folder.is_dir():
        return Choice("checkpoint", variable, value)
    if folder.is_file():
        raise CourseError(f"{variable}={value} is a file: give the folder of a transformers "
                          "checkpoint, in which config.json lies.")
    if _HUB_ID.fullmatch(value):
        return Choice("hub", variable, value)
    raise CourseError(f"{variable}={value} is no folder on this machine: give the folder of a "
                      "transformers checkpoint, a hub's owner/name, or an http(s) address.")


def _check_address(variable: str, value: str) -> None:
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host:
        raise CourseError(f"{variable} is no complete address: it looks like "
                          "http://127.0.0.1:8000/v1.")


def without_secrets(value: str) -> str:
    """An address without the name and password before its host and what follows a "?"."""
    if "://" not in value:
        return value
    scheme, rest = value.split("://", 1)
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}".split("?")[0]


def base_address(value: str) -> str:
    """Where the client starts from: `/v1` when the address has no path of its own; a pasted
    `.../chat/completions` is cut back."""
    parts = urlsplit(value)
    path = re.sub(r"/(chat/completions|completions|embeddings|models)$", "",
                  parts.path.rstrip("/")) or "/v1"
    return urlunsplit((parts.scheme, parts.netloc, path, "", ""))


def is_loopback(host: str | None) -> bool:
    """Whether that host is this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def in_hub_cache(name: str) -> bool:
    """Whether an earlier run brought that model from the hub (its weights, not only its card)."""
    home = os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE") or \
        Path(os.environ.get("HF_HOME") or Path(os.environ.get("XDG_CACHE_HOME") or
             Path.home() / ".cache") / "huggingface") / "hub"
    snapshots = Path(home).expanduser() / f"models--{name.replace('/', '--')}" / "snapshots"
    return any(snapshots.glob("*/*.safetensors")) or any(snapshots.glob("*/*.bin"))
