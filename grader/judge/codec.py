"""Values by value between judge and kernel: exact types, bounded sizes, no pickle, no code.

A frame is two big-endian uint32 lengths, a JSON tree and the raw bytes of its arrays. A tree is
None, bool, int, float, str, or {"t": tag, ...}. What is not a value goes through `handle`.
Subclasses of a value type (a str that lies about ==) are cut down to the base value.
"""

import json
import struct
import sys

LARGEST = 64 * 2**20   # bytes of a frame
DEEPEST = 60           # nesting of containers
NUMBER = 4000          # digits of an int, exponent of a Decimal
ARRAYS = "biufcSUmM"   # kinds of numpy dtypes that are plain values
MODULES = {"numpy", "torch", "pandas", "math", "itertools", "collections", "matplotlib",
           "matplotlib.pyplot", "sklearn", "transformers"}
TYPES = {  # the only things that travel by name: types that make plain values
    "builtins": {"int", "float", "complex", "bool", "str", "bytes", "bytearray", "list", "tuple",
                 "set", "frozenset", "dict", "range", "slice", "object", "NoneType"},
    "collections": {"Counter", "OrderedDict", "deque", "defaultdict"},
    "numpy": {"ndarray", "float64", "float32", "int64", "int32", "bool", "uint8"},
    "torch": {"Tensor"}, "pandas": {"DataFrame", "Series", "Index"},
}


class CodecError(ValueError):
    """A value that cannot travel, or a frame that is not one of ours."""


class Blobs:
    """The raw bytes beside a tree; each has a number."""

    def __init__(self, parts=()):
        self.parts = list(parts)

    def put(self, data: bytes) -> int:
        self.parts.append(bytes(data))
        return len(self.parts) - 1

    def get(self, number) -> bytes:
        if type(number) is not int or not 0 <= number < len(self.parts):
            raise CodecError("a value names bytes that are not in its frame")
        return self.parts[number]


def named_type(module: str, name: str):
    """The type of that name when it is one of TYPES, else None."""
    if name not in TYPES.get(module, ()):
        return None
    found = type(None) if name == "NoneType" else getattr(sys.modules.get(module), name, None)
    return found if isinstance(found, type) else None


def pack(tree, blobs: Blobs) -> bytes:
    """One frame; CodecError when it would be larger than LARGEST."""
    sizes = [len(part) for part in blobs.parts]
    head = json.dumps([tree, sizes]).encode("ascii")
    body = sum(sizes)
    if len(head) + body > LARGEST:
        raise CodecError(f"a value of {(len(head) + body) / 1e6:.0f} MB is too large to check")
    return struct.pack(">II", len(head), body) + head + b"".join(blobs.parts)


def unpack(read) -> tuple:
    """(tree, blobs) of the next frame; `read(n)` gives exactly n bytes or raises EOFError."""
    head, body = struct.unpack(">II", read(8))
    if head + body > LARGEST:
        raise CodecError("a frame is too large")
    try:
        tree, sizes = json.loads(read(head))
        if type(sizes) is not list or any(type(s) is not int or s < 0 for s in sizes) \
                or sum(sizes) != body:
            raise ValueError
    except (ValueError, TypeError, RecursionError):
        raise CodecError("a frame is not one of ours") from None
    return tree, Blobs([read(size) for size in sizes])


def reader(sock):
    """A `read(n)` over a connected socket."""
    def read(count: int) -> bytes:
        data = bytearray()
        while len(data) < count:
            part = sock.recv(min(1 << 20, count - len(data)))
            if not part:
                raise EOFError("the other side hung up")
            data += part
        return bytes(data)
    return read
