"""The codec: what travels comes back equal; a hostile frame is an error, never a crash or code."""

import collections
import datetime
import decimal
import json
import os
import pathlib
import random
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.judge import codec
from grader.judge.decode import DECODERS, MAPPINGS, SEQUENCES, decode
from grader.judge.encode import encode

FRAMES = int(os.environ.get("COURSE_FRAMES", "10000"))


def refuse(tree):
    raise codec.CodecError("a reference")


def there_and_back(value):
    blobs = codec.Blobs()
    return frame(codec.pack(encode(value, blobs, refuse), blobs))


def frame(data: bytes):
    at = 0

    def read(count):
        nonlocal at
        part = data[at:at + count]
        if len(part) < count:
            raise EOFError
        at += count
        return part
    tree, blobs = codec.unpack(read)
    return decode(tree, blobs, refuse)


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary()
    | st.fractions() | st.dates() | st.timedeltas() | st.complex_numbers(allow_nan=False),
    lambda inner: st.lists(inner) | st.tuples(inner, inner)
    | st.dictionaries(st.text() | st.integers(), inner), max_leaves=20)


@settings(max_examples=200, deadline=None)
@given(plain)
def test_values_come_back_equal_with_their_types(value):
    back = there_and_back(value)
    assert back == value and type(back) is type(value)


@pytest.mark.parametrize("value", [
    10**4000, float("inf"), {1, 2}, frozenset({"a"}), collections.Counter("aab"),
    collections.OrderedDict(a=1), collections.deque([1, 2]), range(3, 9, 2), slice(1, None, 2),
    decimal.Decimal("1.50"), ..., datetime.datetime(2026, 1, 2, 3), pathlib.PurePosixPath("a/b"),
    int, dict, np.ndarray, bytearray(b"x"), np.float32(1.5), np.int64(7),
    np.bool_(True), "\ud800 lone surrogate"], ids=lambda value: type(value).__name__)
def test_other_plain_values(value):
    back = there_and_back(value)
    assert back == value and type(back) is type(value)


@pytest.mark.parametrize("array", [
    np.arange(6).reshape(2, 3), np.zeros((0, 3)), np.array(2.5), np.array(["a", "bb"]),
    np.array([1 + 2j]), np.array(["2026-01-01"], dtype="M8[D]"), np.asfortranarray(np.eye(3)),
    np.array([None, "x", 1], dtype=object)], ids=str)
def test_arrays(array):
    back = there_and_back(array)
    assert back.dtype == array.dtype and back.shape == array.shape and (back == array).all()
    back[...] = back  # writable: its own memory


def test_tensors():
    import torch
    for dtype in (torch.float32, torch.bfloat16, torch.int64, torch.bool):
        tensor = torch.ones(2, 3).to(dtype)
        back = there_and_back(tensor)
        assert back.dtype == dtype and torch.equal(back, tensor)
    assert there_and_back(torch.ones(2, requires_grad=True)).requires_grad


def test_subclasses_are_cut_down_to_their_value():
    class Liar(str):
        def __eq__(self, other):
            return True
        __hash__ = str.__hash__

    class Yes(float):
        def __eq__(self, other):
            return True

    class Bag(dict):
        def __getitem__(self, key):
            return "forged"

    class Always(np.ndarray):
        def __eq__(self, other):
            return np.array(True)

    for value, base in [(Liar("no"), "no"), (Yes(2.0), 2.0), (Bag(a=1), {"a": 1})]:
        back = there_and_back(value)
        assert type(back) is type(base) and back == base and back != "other"
    back = there_and_back(np.zeros(2).view(Always))
    assert type(back) is np.ndarray and not (back == np.ones(2)).any()
    point = collections.namedtuple("Point", "x y")
    assert there_and_back(point(1, 2))._asdict() == {"x": 1, "y": 2}


@pytest.mark.parametrize("tree", [
    {"t": "type", "m": "builtins", "v": "exec"}, {"t": "type", "m": "builtins", "v": "open"},
    {"t": "type", "m": "os", "v": "system"}, {"t": "module", "v": "os"},
    {"t": "module", "v": "subprocess"}, {"t": "torch.dtype", "v": "load"},
    {"t": "dtype", "v": "O"}, {"t": "dtype", "v": "(1000000000,)f8"}, {"t": "dtype", "v": "V8"},
    {"t": "array", "d": "<f8", "s": [10**12], "b": 0}, {"t": "array", "d": "<f8", "s": [-1], "b": 0},
    {"t": "array", "d": "<f8", "s": [1], "b": 7}, {"t": "array", "d": "O", "s": [1], "b": 0},
    {"t": "Fraction", "v": ["1e999999999", 1]}, {"t": "Fraction", "v": [1, 0]},
    {"t": "Decimal", "v": "1e999999"}, {"t": "int", "v": "0x" + "f" * 10**6},
    {"t": "namedtuple", "n": "x", "f": ["a b"], "v": [1]}, {"t": "range", "v": ["a"]},
    {"t": "handle"}, {"t": "nothing"}, {"t": 3}, {}, [], [1], {"t": "list", "v": {"a": 1}},
    {"t": "namedtuple", "n": "__import__('os')", "f": ["x"] * 300, "v": []},
], ids=lambda tree: str(tree)[:40])
def test_forged_trees_are_refused(tree):
    with pytest.raises(codec.CodecError):
        decode(tree, codec.Blobs([b"12345678"]), refuse)


def test_nesting_bombs_and_large_frames_are_refused():
    tree, deep = None, []
    for _ in range(200):
        tree, deep = {"t": "list", "v": [tree]}, [deep]
    with pytest.raises(codec.CodecError):
        decode(tree, codec.Blobs(), refuse)
    with pytest.raises(codec.CodecError):
        encode(deep, codec.Blobs(), refuse)
    with pytest.raises(codec.CodecError):
        frame(struct.pack(">II", 2**31, 2**31))
    bomb = b"[" * 100_000
    with pytest.raises(codec.CodecError):
        frame(struct.pack(">II", len(bomb), 0) + bomb)
    blobs = codec.Blobs()
    with pytest.raises(codec.CodecError, match="too large"):
        codec.pack(encode(bytes(codec.LARGEST), blobs, refuse), blobs)


def _hostile(rng: random.Random):
    """A random tree in the words of the codec, with wrong things in the right places."""
    tags = [*DECODERS, *SEQUENCES, *MAPPINGS, "handle", "callback", "argument", "x"]
    leaves = [None, True, 0, -1, 3, 2**70, 1e308, float("nan"), "", "a", "exec", "<f8", "O", "load",
              "0xff", "1e99999", "numpy", "builtins", "__class__", [], [[]], [1, 2], ["a"], {}]

    def tree(depth):
        if depth > 4 or rng.random() < 0.3:
            return rng.choice(leaves)
        if rng.random() < 0.2:
            return [tree(depth + 1) for _ in range(rng.randrange(4))]
        made = {"t": rng.choice(tags)}
        for key in rng.sample("vbdsnfmcigk", rng.randrange(1, 5)):
            made[key] = rng.choice([rng.randrange(3), tree(depth + 1),
                                    [tree(depth + 1) for _ in range(rng.randrange(3))]])
        return made
    return tree(0)


def test_hostile_frames_never_crash_the_trusted_side():
    """COURSE_FRAMES=1000000 in `make bench`."""
    rng, refused = random.Random(7), 0
    good = codec.pack({"ok": True, "value": {"t": "array", "d": "<f8", "s": [1], "b": 0}},
                      codec.Blobs([b"12345678"]))
    for number in range(FRAMES):
        try:
            if number % 2:
                frame(bytes(rng.randrange(256) if rng.random() < 0.05 else byte for byte in good))
            else:
                decode(json.loads(json.dumps(_hostile(rng))), codec.Blobs([b"", b"12345678"]), refuse)
        except (codec.CodecError, EOFError):
            refused += 1
    print(f"{FRAMES:,} frames, {refused:,} refused, the rest decoded to plain values")
    assert refused > FRAMES / 3
