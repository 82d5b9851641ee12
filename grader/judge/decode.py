"""From a tree and its bytes to a value. The tree may be hostile: only what `encode` makes passes."""

import collections
import datetime
import decimal
import fractions
import pathlib

from grader.judge.codec import (
    ARRAYS, DEEPEST, MODULES, NUMBER, TYPES, Blobs, CodecError, named_type)

SEQUENCES = {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset,
             "deque": collections.deque}
MAPPINGS = {"dict": dict, "OrderedDict": collections.OrderedDict,
            "Counter": lambda pairs: collections.Counter(dict(pairs))}


def decode(tree, blobs: Blobs, handle):
    """The value of a tree; CodecError for anything that `encode` does not make."""
    try:
        return _decode(tree, blobs, handle, 0)
    except CodecError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError,
            ArithmeticError, MemoryError, RecursionError, ImportError) as error:
        raise CodecError(f"a frame is not one of ours ({type(error).__name__})") from None


def _decode(tree, blobs, handle, depth):
    if depth > DEEPEST:
        raise CodecError(f"a value is nested more than {DEEPEST} deep")
    if tree is None or isinstance(tree, (bool, int, float, str)):
        return tree
    if not isinstance(tree, dict) or not isinstance(tree.get("t"), str):
        raise CodecError("a frame is not one of ours")

    def inner(item):
        return _decode(item, blobs, handle, depth + 1)

    tag = tree["t"]
    if tag in SEQUENCES:
        return SEQUENCES[tag]([inner(item) for item in _items(tree["v"])])
    if tag in MAPPINGS:
        return MAPPINGS[tag]([(inner(k), inner(v)) for k, v in _items(tree["v"])])
    decoder = DECODERS.get(tag)
    return decoder(tree, blobs, inner) if decoder else handle(tree)


def _items(value) -> list:
    if type(value) is not list:
        raise CodecError("a frame is not one of ours")
    return value


def _whole(value) -> int:
    if type(value) is not int:
        raise CodecError("a frame has something else where a whole number belongs")
    return value


def _shape(value, count: int) -> tuple:
    shape = tuple(_whole(size) for size in _items(value))
    product = 1
    for size in shape:
        product *= size
    if len(shape) > 32 or any(size < 0 or size > 2**40 for size in shape) or product != count:
        raise CodecError("an array's shape does not fit its bytes")
    return shape


def _dtype(name):
    import numpy as np
    if type(name) is not str or len(name) > 20:
        raise CodecError("a dtype that does not travel")
    dtype = np.dtype(name)
    if dtype.kind not in ARRAYS or dtype.fields is not None or dtype.subdtype is not None:
        raise CodecError("a dtype that does not travel")
    return dtype


def _array(tree, blobs, dtype):
    import numpy as np
    data = blobs.get(tree["b"])
    if dtype.itemsize == 0:
        return np.zeros(_shape(tree["s"], 0) if data == b"" else None, dtype)
    flat = np.frombuffer(data, dtype=dtype)
    return flat.reshape(_shape(tree["s"], flat.size)).copy()


def _dec_scalar(tree, blobs, inner):
    import numpy as np
    return np.frombuffer(blobs.get(tree["b"]), dtype=_dtype(tree["d"]), count=1)[0]


def _dec_objects(tree, blobs, inner):
    import numpy as np
    items = _items(tree["v"])
    array = np.empty(len(items), dtype=object)
    for index, item in enumerate(items):
        array[index] = inner(item)
    return array.reshape(_shape(tree["s"], len(items)))


def _torch_dtype(name):
    import torch
    dtype = getattr(torch, name, None) if type(name) is str else None
    if not isinstance(dtype, torch.dtype):
        raise CodecError("a dtype that does not travel")
    return dtype


def _dec_tensor(tree, blobs, inner):
    import torch
    tensor = torch.from_numpy(_array(tree, blobs, _dtype(tree["n"]))).to(_torch_dtype(tree["d"]))
    wants = tree.get("g") is True and tensor.is_floating_point()
    return tensor.requires_grad_(True) if wants else tensor


def _dec_decimal(tree, blobs, inner):
    value = decimal.Decimal(str(tree["v"])[:NUMBER])
    if value.is_finite() and abs(value.adjusted()) > NUMBER:
        raise CodecError("a Decimal that is too large to travel")
    return value


def _dec_int(tree, blobs, inner):
    if len(tree["v"]) > 20 * NUMBER:
        raise CodecError("an int that is too large to travel")
    return int(tree["v"], 16)


def _dec_namedtuple(tree, blobs, inner):
    fields = [str(field) for field in _items(tree["f"])]
    name = tree["n"] if str(tree["n"]).isidentifier() else "Fields"
    if len(fields) > 200:
        raise CodecError("a named tuple with too many fields")
    return collections.namedtuple(name, fields)(*[inner(item) for item in _items(tree["v"])])


def _dec_module(tree, blobs, inner):
    import importlib
    if tree["v"] not in MODULES:
        raise CodecError("a module that does not travel")
    return importlib.import_module(tree["v"])


def _dec_type(tree, blobs, inner):
    import importlib
    if tree["m"] not in TYPES:
        raise CodecError("a type that does not travel")
    importlib.import_module(tree["m"])
    found = named_type(tree["m"], tree["v"])
    if found is None:  # a forged name must never reach a function (exec, open, torch.load)
        raise CodecError("a type that does not travel")
    return found


def _dec_frame(tree, blobs, inner):
    import pandas as pd
    frame = pd.DataFrame({i: inner(c) for i, c in enumerate(_items(tree["v"]))},
                         index=inner(tree["i"]))
    frame.columns = [inner(c) for c in _items(tree["c"])]
    return frame


def _dec_series(tree, blobs, inner):
    import pandas as pd
    return pd.Series(inner(tree["v"]), index=inner(tree["i"]), name=inner(tree["n"]))


def _dec_index(tree, blobs, inner):
    import pandas as pd
    return pd.Index(inner(tree["v"]))


def _dec_timestamp(tree, blobs, inner):
    import pandas as pd
    return pd.Timestamp(str(tree["v"])[:100])


DECODERS = {
    "int": _dec_int, "Decimal": _dec_decimal, "namedtuple": _dec_namedtuple,
    "bytes": lambda t, b, i: b.get(t["b"]),
    "bytearray": lambda t, b, i: bytearray(b.get(t["b"])),
    "complex": lambda t, b, i: complex(float(t["v"][0]), float(t["v"][1])),
    "range": lambda t, b, i: range(*[_whole(v) for v in _items(t["v"])]),
    "slice": lambda t, b, i: slice(*[i(v) for v in _items(t["v"])]),
    "datetime": lambda t, b, i: datetime.datetime.fromisoformat(t["v"]),
    "date": lambda t, b, i: datetime.date.fromisoformat(t["v"]),
    "timedelta": lambda t, b, i: datetime.timedelta(*[_whole(v) for v in _items(t["v"])]),
    "Fraction": lambda t, b, i: fractions.Fraction(_whole(t["v"][0]), _whole(t["v"][1])),
    "Ellipsis": lambda t, b, i: ...,
    "path": lambda t, b, i: pathlib.PurePosixPath(str(t["v"])[:4096]),
    "array": lambda t, b, i: _array(t, b, _dtype(t["d"])),
    "scalar": _dec_scalar, "objects": _dec_objects, "dtype": lambda t, b, i: _dtype(t["v"]),
    "tensor": _dec_tensor, "torch.dtype": lambda t, b, i: _torch_dtype(t["v"]),
    "frame": _dec_frame, "series": _dec_series, "index": _dec_index,
    "timestamp": _dec_timestamp, "module": _dec_module, "type": _dec_type,
}
