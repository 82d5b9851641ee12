"""From a value to its tree and bytes; exact types, subclasses cut down to the base value."""

import collections
import datetime
import decimal
import fractions
import pathlib
import sys
import types

from grader.judge.codec import ARRAYS, DEEPEST, MODULES, NUMBER, Blobs, CodecError, named_type


def encode(value, blobs: Blobs, handle, depth: int = 0):
    """The tree of a value. `handle(value)` gives the tree of what does not travel by value."""
    if depth > DEEPEST:
        raise CodecError(f"a value is nested more than {DEEPEST} deep")

    def inner(item):
        return encode(item, blobs, handle, depth + 1)

    kind = type(value)
    if value is None or kind in (bool, float, str):
        return value
    if kind is int:
        return value if value.bit_length() < 3 * NUMBER else {"t": "int", "v": hex(value)}
    tag = kind.__name__
    if kind in (list, tuple, set, frozenset, collections.deque):
        return {"t": tag, "v": [inner(item) for item in value]}
    if kind in (dict, collections.OrderedDict, collections.Counter, collections.defaultdict):
        tag = "dict" if kind is collections.defaultdict else tag
        return {"t": tag, "v": [[inner(k), inner(v)] for k, v in value.items()]}
    for encoder in (_encode_plain, _encode_numpy, _encode_torch, _encode_pandas, _encode_base):
        tree = encoder(value, kind, blobs, inner)
        if tree is not None:
            return tree
    return handle(value)


def _encode_plain(value, kind, blobs, inner):
    if kind in (bytes, bytearray):
        return {"t": kind.__name__, "b": blobs.put(value)}
    if kind is complex:
        return {"t": "complex", "v": [value.real, value.imag]}
    if kind is range:
        return {"t": "range", "v": [value.start, value.stop, value.step]}
    if kind is slice:
        return {"t": "slice", "v": [inner(value.start), inner(value.stop), inner(value.step)]}
    if kind in (datetime.datetime, datetime.date):
        return {"t": kind.__name__, "v": value.isoformat()}
    if kind is datetime.timedelta:
        return {"t": "timedelta", "v": [value.days, value.seconds, value.microseconds]}
    if kind is decimal.Decimal:
        return {"t": "Decimal", "v": str(value)}
    if kind is fractions.Fraction:
        return {"t": "Fraction", "v": [value.numerator, value.denominator]}
    if value is Ellipsis:
        return {"t": "Ellipsis"}
    if isinstance(value, pathlib.PurePath):
        return {"t": "path", "v": str(value)}
    if isinstance(value, types.ModuleType) and value.__name__ in MODULES:
        return {"t": "module", "v": value.__name__}
    if isinstance(value, type) and named_type(value.__module__, value.__name__) is value:
        return {"t": "type", "m": value.__module__, "v": value.__name__}
    return None


def _encode_numpy(value, kind, blobs, inner):
    np = sys.modules.get("numpy")
    if np is None:
        return None
    if isinstance(value, np.ndarray):
        array = value if kind is np.ndarray else value.view(np.ndarray)
        if array.dtype.kind == "O":
            return {"t": "objects", "s": list(array.shape),
                    "v": [inner(item) for item in array.ravel().tolist()]}
        if array.dtype.kind in ARRAYS and array.dtype.fields is None:
            return {"t": "array", "d": array.dtype.str, "s": list(array.shape),
                    "b": blobs.put(np.ascontiguousarray(array).tobytes())}
    if isinstance(value, np.generic) and value.dtype.kind in ARRAYS:
        return {"t": "scalar", "d": value.dtype.str, "b": blobs.put(value.tobytes())}
    if isinstance(value, np.dtype) and value.kind in ARRAYS and value.fields is None:
        return {"t": "dtype", "v": value.str}
    return None


def _encode_torch(value, kind, blobs, inner):
    torch = sys.modules.get("torch")
    if torch is None:
        return None
    if isinstance(value, torch.Tensor) and value.layout == torch.strided:
        plain = value.detach().cpu()
        name = str(plain.dtype).removeprefix("torch.")
        if plain.dtype == torch.bfloat16:
            plain = plain.float()
        array = plain.contiguous().numpy()
        return {"t": "tensor", "d": name, "n": array.dtype.str, "s": list(array.shape),
                "g": bool(value.requires_grad), "b": blobs.put(array.tobytes())}
    if isinstance(value, torch.dtype):
        return {"t": "torch.dtype", "v": str(value).removeprefix("torch.")}
    return None


def _encode_pandas(value, kind, blobs, inner):
    pd = sys.modules.get("pandas")
    if pd is None:
        return None

    def column(series):
        return inner(series.to_numpy() if series.dtype.kind in ARRAYS else series.tolist())

    if kind is pd.DataFrame:
        return {"t": "frame", "c": [inner(c) for c in value.columns], "i": inner(value.index.tolist()),
                "v": [column(value.iloc[:, j]) for j in range(value.shape[1])]}
    if kind is pd.Series:
        return {"t": "series", "i": inner(value.index.tolist()), "n": inner(value.name),
                "v": column(value)}
    if isinstance(value, pd.Index) and not isinstance(value, pd.MultiIndex):
        return {"t": "index", "v": inner(value.tolist())}
    if isinstance(value, pd.Timestamp):
        return {"t": "timestamp", "v": value.isoformat()}
    return None


def _encode_base(value, kind, blobs, inner):
    """A subclass of a value type: only its base value travels, read past its own methods."""
    if isinstance(value, tuple) and isinstance(getattr(kind, "_fields", None), tuple):
        return {"t": "namedtuple", "n": str(kind.__name__), "f": [str(f) for f in kind._fields],
                "v": [inner(item) for item in tuple.__iter__(value)]}
    if isinstance(value, int):
        return inner(int.__add__(value, 0))
    if isinstance(value, float):
        return inner(float.__add__(value, 0.0))
    if isinstance(value, str):
        return inner(str.__add__("", str.__getitem__(value, slice(None))))
    if isinstance(value, bytes):
        return inner(bytes.__add__(b"", value))
    for base in (list, tuple, set, frozenset):
        if isinstance(value, base):
            return {"t": base.__name__, "v": [inner(item) for item in base.__iter__(value)]}
    if isinstance(value, dict):
        return {"t": "dict", "v": [[inner(k), inner(dict.__getitem__(value, k))]
                                   for k in dict.__iter__(value)]}
    return None
