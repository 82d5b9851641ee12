"""The trusted process: runs check cells; the learner's kernel only answers questions.

One `Judge` a submission. Verdicts are positive: a check cell has passed only when its own
`with check(...)` says so in this process and nothing was raised.
"""

import builtins
import contextlib
import io
import linecache
import os
import socket
import time

from grader import checkcell, values
from grader.judge.codec import Blobs, CodecError, pack, reader, unpack
from grader.judge.decode import decode
from grader.judge.encode import encode
from grader.judge.proxy import Namespace, is_remote, remote


class LearnerError(Exception):
    """Something raised in the learner's code that has no class of its own here."""


class Judge:
    """Runs trusted cells in one namespace.

    interface: see interface.interface_of. seconds: what one check may take, waiting included.
    """

    def __init__(self, interface: dict, seconds: float = 20):
        self.interface, self.seconds = interface, seconds
        self.sock, self.read, self.calls = None, None, 0
        self.proxies, self.callbacks, self.exceptions = {}, [], {}
        self.names = Namespace(self)
        _mirror_seeds(self)

    @property
    def connected(self) -> bool:
        return self.sock is not None

    # --- talking to the kernel ----------------------------------------------------------

    def ask(self, op: str, **message):
        """Send one question, answer callbacks, give the value back or raise what was raised."""
        blobs = Blobs()
        if "_value" in message:
            message["value"] = self._encode(message.pop("_value"), blobs)
        reply, back = self._exchange({"op": op, **message}, blobs)
        return self._decode(reply["value"], back)

    def call(self, target, arguments, named, dunder):
        """Call a learner's object; changes to list, dict, array ... arguments come back too."""
        blobs = Blobs()
        reply, back = self._exchange({
            "op": "call", "id": target._handle["id"], "dunder": dunder,
            "arguments": [self._encode(a, blobs) for a in arguments],
            "named": {k: self._encode(v, blobs) for k, v in named.items()}}, blobs)
        changed = reply["arguments"] if type(reply.get("arguments")) is list else []
        for mine, tree in zip(arguments, changed):
            if tree is not None:
                copy_back(mine, self._decode(tree, back))
        tree = reply["value"]
        if isinstance(tree, dict) and tree.get("t") == "argument":
            if type(tree["v"]) is not int or not 0 <= tree["v"] < len(arguments):
                raise CodecError("the kernel named an argument that was not given")
            return arguments[tree["v"]]
        return self._decode(tree, back)

    def offer(self, name: str, value) -> None:
        """Set a global in the kernel, where its value can travel."""
        with contextlib.suppress(CodecError, TypeError):
            self.ask("set", name=name, _value=value)

    def _eval(self, expression: str, inputs: dict):
        blobs = Blobs()
        trees = {k: self._encode(v, blobs) for k, v in inputs.items()}
        reply, back = self._exchange({"op": "eval", "expression": expression, "inputs": trees}, blobs)
        return self._decode(reply["value"], back)

    def _exchange(self, message: dict, blobs: Blobs) -> tuple[dict, Blobs]:
        if self.sock is None:
            raise NameError("the learner's code is not there in this cell")
        self.calls += 1
        self._send(message, blobs)
        while True:
            reply, back = self._receive()
            if "callback" in reply:
                self._answer_callback(reply, back)
                continue
            if isinstance(reply.get("out"), str):
                print(reply["out"], end="")
            if reply.get("ok") is not True:
                raise self._raised(message, self._exception(reply.get("error")))
            return reply, back

    def _raised(self, message: dict, error: Exception) -> Exception:
        """Only an iterator may end an iteration: `all(map(f, xs))` would take StopIteration from
        f for the end of xs, and say yes."""
        if isinstance(error, StopIteration) and message.get("dunder") != "__next__":
            return RuntimeError(f"{type(error).__name__}: {error}")
        return error

    def _send(self, message: dict, blobs: Blobs) -> None:
        self._hurry()
        self.sock.sendall(pack(message, blobs))

    def _receive(self) -> tuple[dict, Blobs]:
        self._hurry()
        try:
            reply, blobs = unpack(self.read)
        except EOFError:
            self.lost = "your code ended the process it ran in (exit, or out of memory)"
            raise
        except TimeoutError:
            self.lost = f"your code took more than {self.seconds:g} s"
            raise
        if not isinstance(reply, dict):
            raise CodecError("a frame is not one of ours")
        return reply, blobs

    def _hurry(self) -> None:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError(f"the check took more than {self.seconds:g} s")
        self.sock.settimeout(left)

    def _answer_callback(self, request: dict, blobs: Blobs) -> None:
        out = Blobs()
        try:
            number = request["callback"]
            if type(number) is not int or not 0 <= number < len(self.callbacks):
                raise CodecError("the kernel called something that it was not given")
            value = self.callbacks[number](
                *[self._decode(a, blobs) for a in request["arguments"]],
                **{str(k): self._decode(v, blobs) for k, v in request["named"].items()})
            message = {"op": "returned", "ok": True, "value": self._encode(value, out)}
        except Exception as error:
            out = Blobs()
            message = {"op": "returned", "ok": False, "name": type(error).__name__,
                       "text": str(error)[:2000]}
        self._send(message, out)

    # --- values and exceptions ----------------------------------------------------------

    def _encode(self, value, blobs: Blobs):
        return encode(value, blobs, self._handle)

    def _handle(self, value) -> dict:
        if is_remote(value):
            return {"t": "handle", "id": value._handle["id"]}
        if isinstance(value, type) and "_learner_class" in vars(value):
            return {"t": "handle", "id": value._learner_class}
        if callable(value):
            self.callbacks.append(value)
            return {"t": "callback", "id": len(self.callbacks) - 1}
        raise CodecError(f"a check cannot send a {type(value).__name__} to the learner's code")

    def _decode(self, tree, blobs: Blobs):
        return decode(tree, blobs, self._object)

    def _object(self, tree: dict):
        if tree["t"] == "callback":
            return self.callbacks[tree["id"]] if type(tree["id"]) is int else None
        if tree["t"] != "handle" or type(tree["id"]) is not int:
            raise CodecError("a frame is not one of ours")
        mro = [[str(m), str(q)] for m, q in tree["mro"]]
        if tree["kind"] == "class" and ["builtins", "BaseException"] in mro:
            return self._exception_class(tree["id"], str(tree["name"]), mro)
        if tree["id"] not in self.proxies:
            clean = {**tree, "mro": mro, "dunders": [str(d) for d in tree["dunders"]]}
            self.proxies[tree["id"]] = remote(self, clean)
        return self.proxies[tree["id"]]

    def _exception_class(self, number: int, name: str, mro) -> type:
        if number not in self.exceptions:
            named = (getattr(builtins, q, None) for m, q in mro if m == "builtins")
            base = next((c for c in named if isinstance(c, type) and issubclass(c, Exception)),
                        Exception)
            name = name if name.isidentifier() else "LearnerError"
            self.exceptions[number] = type(name, (base,), {"_learner_class": number})
        return self.exceptions[number]

    def _exception(self, told) -> Exception:
        """What was raised over there, as an Exception here; SystemExit and its kin never unwind us."""
        told = told if isinstance(told, dict) else {}
        name, text = str(told.get("name", "Error"))[:200], str(told.get("text", ""))[:2000]
        kind = getattr(builtins, name, None) if told.get("module") == "builtins" else None
        if type(told.get("class")) is int:
            mro = [[str(m), str(q)] for m, q in told.get("mro") or []]
            kind = self._exception_class(told["class"], name, mro)
        if not (isinstance(kind, type) and issubclass(kind, Exception)):
            kind, text = LearnerError, f"{name}: {text}"
        try:
            error = kind(text)
        except Exception:  # UnicodeDecodeError and others want more arguments
            error = LearnerError(f"{name}: {text}")
        attributes = told.get("attributes")
        for key, value in (attributes if isinstance(attributes, dict) else {}).items():
            if isinstance(value, (bool, int, float, str, type(None))):
                with contextlib.suppress(Exception):
                    setattr(error, str(key), value)
        line = told.get("line")
        error.learner_line = str(line)[:500] if isinstance(line, str) else ""
        return error

    # --- running cells ------------------------------------------------------------------

    def helper(self, source: str, name: str = "helper") -> str:
        """Run a locked helper cell here too; gives "" or what went wrong."""
        self.names.in_locked = True
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                exec(_compiled(source, name), self.names)
        except Exception as error:
            return f"{type(error).__name__}: {error}"
        finally:
            self.names.in_locked = False
        return ""

    def check(self, source: str, exercise: str, part: str, sock, name: str = "check") -> dict:
        """Run a check cell against the kernel at the other end of `sock`.

        {"passed", "state", "message", "out", "seconds", "calls"}; never raises for what the
        other side does.
        """
        self.sock, self.read, self.calls, self.lost = sock, reader(sock), 0, ""
        started = time.monotonic()
        self.deadline = started + self.seconds
        checkcell.forget()
        # the kernel numbers its objects anew for each check: old stand-ins would be mistaken
        self.proxies, self.callbacks, self.exceptions = {}, [], {}
        self.names.fresh()
        _mirror_seeds(self)  # again: the lesson's cells have imported more since
        out, state, message = io.StringIO(), "solved", ""
        try:
            with contextlib.redirect_stdout(out), self._acting():
                exec(_compiled(source, name), self.names)
        except checkcell.CheckFailed as error:
            state = "not solved yet" if isinstance(error, checkcell.NotSolvedYet) else "not yet"
            message = str(error)
        except BaseException as error:
            state, message = "not yet", f"the check ended with {type(error).__name__}: {error}"
        passed = state == "solved" and checkcell.passed(exercise, part)
        if state == "solved" and not passed:
            state, message = "not yet", "the check cell ended without a verdict"
        if self.lost and not passed:  # whatever the check made of it
            state, message = "not reached", self.lost
        self._part(exercise, part, passed)
        return {"passed": passed, "state": state, "message": message[:4000],
                "out": out.getvalue()[:100_000], "calls": self.calls,
                "seconds": round(time.monotonic() - started, 4)}

    @contextlib.contextmanager
    def _acting(self):
        """Checks raise and `in_kernel` asks the kernel, in whatever process this is."""
        before = os.environ.get("COURSE_STRICT")
        os.environ["COURSE_STRICT"], values.kernel_eval = "1", self._eval
        try:
            yield
        finally:
            values.kernel_eval = None
            os.environ.pop("COURSE_STRICT")
            if before is not None:
                os.environ["COURSE_STRICT"] = before

    def _part(self, exercise: str, part: str, passed: bool) -> None:
        """Tell the kernel the verdict (so that `result` can choose), then hang up."""
        self.deadline = time.monotonic() + 1
        with contextlib.suppress(Exception):
            self.ask("verdict", exercise=exercise, part=part, passed=passed)
        with contextlib.suppress(Exception):
            self._send({"op": "done"}, Blobs())
        self.sock.close()
        self.sock = self.read = None


def copy_back(mine, changed) -> None:
    """Give a list, set, dict, array, tensor or frame the content it got over there."""
    kind = type(mine).__name__
    if type(mine) is list and type(changed) is list:
        mine[:] = changed
    elif type(mine) in (dict, set) and type(changed) is type(mine):
        mine.clear()
        mine.update(changed)
    elif kind == "ndarray" and getattr(changed, "shape", None) == mine.shape:
        mine[...] = changed
    elif kind == "Tensor" and getattr(changed, "shape", None) == mine.shape:
        mine.data.copy_(changed.detach())
    elif kind == "DataFrame" and type(changed) is type(mine):
        for column in [c for c in mine.columns if c not in changed.columns]:
            del mine[column]
        for column in changed.columns:
            mine[column] = changed[column]


def _compiled(source: str, name: str):
    from IPython.core.inputtransformer2 import TransformerManager
    code = TransformerManager().transform_cell(source)
    filename = f"<cell {name}>"
    linecache.cache[filename] = (len(code), None, code.splitlines(True), filename)
    return compile(code, filename, "exec")


def _mirror_seeds(judge: Judge) -> None:
    """A seed set by a check is set in the learner's kernel too."""
    import random
    import sys
    for module, name in ((random, "seed"), (getattr(sys.modules.get("numpy"), "random", None), "seed"),
                         (sys.modules.get("torch"), "manual_seed")):
        if module is None:
            continue
        original = getattr(module, name)
        original = getattr(original, "_original", original)

        def seeded(seed=None, *arguments, _original=original, **named):
            value = _original(seed, *arguments, **named)
            if judge.connected and isinstance(seed, int):
                judge.ask("seed", value=int(seed))
            return value
        seeded._original = original
        setattr(module, name, seeded)


def listen(path: str) -> socket.socket:
    """A Unix socket that one kernel may connect to."""
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    server.listen(1)
    return server
