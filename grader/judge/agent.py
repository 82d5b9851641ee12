"""The kernel's side of a judged check (untrusted): answers questions about the learner's names.

`serve(path, names)` runs in one cell on the kernel's main thread, so prints and figures land in
that cell and an interrupt still works. Nothing here decides anything.
"""

import builtins
import contextlib
import inspect
import io
import socket
import sys
import traceback
import types

from grader.judge.codec import Blobs, pack, reader, unpack
from grader.judge.decode import decode
from grader.judge.encode import encode

DUNDERS = (
    "call len iter next getitem setitem delitem contains enter exit hash index int float bool "
    "add radd sub rsub mul rmul matmul truediv floordiv mod pow neg abs eq ne lt le gt ge and or "
    "xor invert iadd").split()
COPIED_BACK = ("list", "dict", "set", "ndarray", "Tensor", "DataFrame")
PRINTED = 1_000_000  # characters of output a call may send back


class Agent:
    """Objects that the judge holds by number, and the connection to it."""

    def __init__(self, names: dict, sock):
        self.names, self.sock, self.read = names, sock, reader(sock)
        self.objects, self.numbers = {}, {}

    def loop(self):
        """Answer until the judge is done; gives back the message that ended it."""
        while True:
            message, blobs = unpack(self.read)
            if message["op"] in ("done", "returned"):
                return message, blobs
            reply, out = self.answer(message, blobs)
            self.send(reply, out)

    def send(self, tree, blobs: Blobs) -> None:
        try:
            frame = pack(tree, blobs)
        except ValueError as error:  # too large: say so instead of sending it
            frame = pack({"ok": False, "error": _plain_error(error)}, Blobs())
        self.sock.sendall(frame)

    def answer(self, message: dict, blobs: Blobs) -> tuple[dict, Blobs]:
        """The reply to one message: a value, or what was raised."""
        out, printed = Blobs(), io.StringIO()
        try:
            with contextlib.redirect_stdout(printed):
                value, arguments = self.run(message, blobs)
            same = [i for i, a in enumerate(arguments) if a is value and not _simple(value)]
            tree = {"t": "argument", "v": same[0]} if same else self.encode(value, out)
            back = [self.encode(a, out) if type(a).__name__ in COPIED_BACK else None
                    for a in arguments]
            reply = {"ok": True, "value": tree, "arguments": back}
        except BaseException as error:
            out = Blobs()
            reply = {"ok": False, "error": self.describe(error)}
        reply["out"] = printed.getvalue()[:PRINTED]
        return reply, out

    def run(self, message: dict, blobs: Blobs):
        """(value, arguments that may have changed) of one operation."""
        op = message["op"]
        if op == "call":
            target = self.objects[message["id"]]
            call = target if message["dunder"] is None else getattr(target, message["dunder"])
            arguments = [self.decode(a, blobs) for a in message["arguments"]]
            named = {k: self.decode(v, blobs) for k, v in message["named"].items()}
            return call(*arguments, **named), arguments
        return getattr(self, f"op_{op}")(message, blobs), []

    def op_get(self, message, blobs):
        if message["name"] not in self.names:
            raise NameError(f"name {message['name']!r} is not defined", name=message["name"])
        return self.names[message["name"]]

    def op_has(self, message, blobs):
        return message["name"] in self.names

    def op_set(self, message, blobs):
        self.names[message["name"]] = self.decode(message["value"], blobs)

    def op_eval(self, message, blobs):
        inputs = {k: self.decode(v, blobs) for k, v in message["inputs"].items()}
        code = compile(message["expression"], "<in_kernel>", "eval")
        from grader.values import by_value
        return by_value(eval(code, {**self.names, **inputs}))

    def op_seed(self, message, blobs):
        import random
        seed = message["value"]
        random.seed(seed)
        if "numpy" in sys.modules:
            sys.modules["numpy"].random.seed(seed % 2**32)
        if "torch" in sys.modules:
            sys.modules["torch"].manual_seed(seed)

    def op_verdict(self, message, blobs):
        from grader.checkcell import verdict
        verdict(message["exercise"], message["part"], message["passed"] is True)

    def op_getattr(self, message, blobs):
        return getattr(self.objects[message["id"]], message["name"])

    def op_setattr(self, message, blobs):
        setattr(self.objects[message["id"]], message["name"], self.decode(message["value"], blobs))

    def op_dir(self, message, blobs):
        return dir(self.objects[message["id"]])

    def op_repr(self, message, blobs):
        return repr(self.objects[message["id"]])

    def op_str(self, message, blobs):
        return str(self.objects[message["id"]])

    def op_isinstance(self, message, blobs):
        return isinstance(self.objects[message["id"]], self.objects[message["of"]])

    def op_issubclass(self, message, blobs):
        return issubclass(self.objects[message["id"]], self.objects[message["of"]])

    def op_same(self, message, blobs):
        return self.objects[message["id"]] is self.objects[message["of"]]

    # --- objects ----------------------------------------------------------------------

    def encode(self, value, blobs: Blobs):
        return encode(value, blobs, self.handle)

    def decode(self, tree, blobs: Blobs):
        return decode(tree, blobs, self.unhandle)

    def handle(self, value) -> dict:
        """A number for an object that stays here, with what a proxy needs to know of it."""
        if isinstance(value, Callback):
            return {"t": "callback", "id": value.number}
        number = self.numbers.get(id(value))
        if number is None:
            number = len(self.objects) + 1
            self.objects[number], self.numbers[id(value)] = value, number
        kind = type(value)
        whose = value if isinstance(value, type) else kind
        tree = {"t": "handle", "id": number, "kind": _kind(value),
                "dunders": [d for d in DUNDERS if _defines(kind, f"__{d}__")],
                "mro": [[c.__module__, c.__qualname__] for c in whose.__mro__[:20]],
                "name": value.__name__ if isinstance(getattr(value, "__name__", None), str) else None}
        if tree["kind"] == "function":
            with contextlib.suppress(TypeError, ValueError):
                tree["parameters"] = [[p.name, p.kind.name, p.default is not p.empty]
                                      for p in inspect.signature(value).parameters.values()]
        if tree["kind"] != "instance" and isinstance(value.__doc__, str):
            tree["doc"] = value.__doc__[:10_000]
        return tree

    def unhandle(self, tree):
        if tree["t"] == "handle":
            return self.objects[tree["id"]]
        if tree["t"] == "callback":
            return Callback(self, tree["id"])
        raise ValueError(f"unknown tag {tree['t']!r}")

    def describe(self, error: BaseException) -> dict:
        """What was raised, with the learner's own line."""
        from grader.explain import learner_line
        kind = type(error)
        described = _plain_error(error)
        described["mro"] = [[c.__module__, c.__qualname__] for c in kind.__mro__[:20]]
        described["line"] = learner_line(error.__traceback__)
        if kind.__module__ != "builtins":
            described["class"] = self.handle(kind)["id"]
        described["attributes"] = {
            k: v for k, v in list(vars(error).items())[:20]
            if isinstance(v, (bool, int, float, str, type(None)))}
        if isinstance(error, NameError) and isinstance(error.name, str):
            described["attributes"]["name"] = error.name  # not among vars
        return described


class Callback:
    """A function of the check, called back from the learner's code."""

    def __init__(self, agent: Agent, number: int):
        self.agent, self.number = agent, number

    def __call__(self, *arguments, **named):
        agent, blobs = self.agent, Blobs()
        agent.send({"callback": self.number,
                    "arguments": [agent.encode(a, blobs) for a in arguments],
                    "named": {k: agent.encode(v, blobs) for k, v in named.items()}}, blobs)
        message, back = agent.loop()
        if message["op"] == "done":
            raise EOFError("the check has ended")
        if not message["ok"]:
            kind = getattr(builtins, message["name"], RuntimeError)
            raise kind(message["text"])
        return agent.decode(message["value"], back)


def serve(path: str, names: dict) -> None:
    """Answer the judge that listens at the Unix socket `path` about `names` (the globals)."""
    sock = socket.socket(socket.AF_UNIX)
    sock.connect(path)
    with contextlib.suppress(EOFError, BrokenPipeError), contextlib.closing(sock):
        Agent(names, sock).loop()


def _simple(value) -> bool:
    return value is None or isinstance(value, (bool, int, float, str))


def _kind(value) -> str:
    if isinstance(value, type):
        return "class"
    functions = (types.FunctionType, types.BuiltinFunctionType, types.MethodType)
    return "function" if isinstance(value, functions) else "instance"


def _defines(kind: type, dunder: str) -> bool:
    mine = getattr(kind, dunder, None)
    return mine is not None and mine is not getattr(object, dunder, None)


def _plain_error(error: BaseException) -> dict:
    try:
        text = str(error)
    except Exception:
        text = "(its text cannot be shown)"
    return {"module": type(error).__module__, "name": type(error).__name__, "text": text[:2000],
            "trace": traceback.format_tb(error.__traceback__)[-6:]}
