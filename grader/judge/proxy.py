"""Stand-ins for the learner's objects inside the judge, and the namespace that makes them.

A proxy may be called, indexed, iterated and asked for attributes. It may be compared or used
in arithmetic only where the *reference* class defines that: a learner's __eq__ that always says
yes is never asked.
"""

import builtins
import inspect
import sys
import types

LIBRARIES = {"numpy", "torch", "pandas", "matplotlib", "sklearn", "transformers", "builtins",
             "collections", "tokenizers", "tiktoken"}
FREE = {"call", "len", "iter", "next", "getitem", "setitem", "delitem", "enter",
        "exit", "index", "int", "float", "bool"}
GUARDED = {"add", "radd", "sub", "rsub", "mul", "rmul", "matmul", "truediv", "floordiv", "mod",
           "pow", "neg", "abs", "eq", "ne", "lt", "le", "gt", "ge", "and", "or", "xor", "invert",
           "iadd", "contains"}  # `in` asks elements one by one unless the reference defines it
COMPARED = {"eq", "ne", "lt", "le", "gt", "ge"}
ASKED = {"__name__", "__doc__", "__dict__", "__annotations__", "__qualname__", "__wrapped__",
         "__closure__", "__defaults__"}
OWN = {"_judge", "_handle", "__class__", "__bases__", "__signature__"}


class Remote:
    """One object in the learner's kernel."""

    def __init__(self, judge, handle: dict):
        object.__setattr__(self, "_judge", judge)
        object.__setattr__(self, "_handle", handle)

    @property
    def __class__(self):
        handle = object.__getattribute__(self, "_handle")
        if handle["kind"] == "class":
            return type
        if handle["kind"] == "function":
            return types.FunctionType
        return library_base(handle["mro"]) or Remote

    @property
    def __bases__(self):
        if self._handle["kind"] != "class":
            raise AttributeError("__bases__")
        base = library_base(self._handle["mro"])
        return (base or object,)

    @property
    def __signature__(self):
        kinds = {kind.name: kind for kind in inspect._ParameterKind}
        try:
            return inspect.Signature([
                inspect.Parameter(str(name), kinds[kind],
                                  default=None if default else inspect.Parameter.empty)
                for name, kind, default in self._handle["parameters"]])
        except (KeyError, TypeError, ValueError):
            return inspect.Signature()

    def __getattribute__(self, name):
        private = name.startswith("__") and name.endswith("__") and name not in ASKED
        if name in OWN or private:
            return object.__getattribute__(self, name)
        handle = object.__getattribute__(self, "_handle")
        if name == "__doc__":
            return handle.get("doc")
        if name in ("__name__", "__qualname__") and isinstance(handle.get("name"), str):
            return handle["name"]
        return object.__getattribute__(self, "_judge").ask("getattr", id=handle["id"], name=name)

    def __setattr__(self, name, value):
        self._judge.ask("setattr", id=self._handle["id"], name=name, _value=value)

    def __dir__(self):
        return [str(name) for name in self._judge.ask("dir", id=self._handle["id"])]

    def __repr__(self):
        return str(self._judge.ask("repr", id=self._handle["id"]))

    def __str__(self):
        return str(self._judge.ask("str", id=self._handle["id"]))

    def __eq__(self, other):
        return self is other or (is_remote(other) and self._judge.ask(
            "same", id=self._handle["id"], of=other._handle["id"]) is True)

    def __hash__(self):
        return object.__getattribute__(self, "_handle")["id"]

    def __instancecheck__(self, other):
        return is_remote(other) and self._judge.ask(
            "isinstance", id=other._handle["id"], of=self._handle["id"]) is True

    def __subclasscheck__(self, other):
        return is_remote(other) and self._judge.ask(
            "issubclass", id=other._handle["id"], of=self._handle["id"]) is True


def is_remote(value) -> bool:
    """Asked of the real type: a proxy's __class__ says what the learner's object claims."""
    return issubclass(type(value), Remote)


def library_base(mro):
    """The first class of a well-known library in a claimed mro that is really there."""
    for module, name in mro:
        if str(module).partition(".")[0] not in LIBRARIES or (module, name) == ("builtins", "object"):
            continue
        found = sys.modules.get(module)
        for part in str(name).split("."):
            found = getattr(found, part, None)
        if isinstance(found, type):
            return found
    return None


_classes: dict[frozenset, type] = {}


def remote(judge, handle: dict) -> Remote:
    """A proxy with the operators that its object has and that the reference allows."""
    allowed = set(judge.interface.get("classes", {}).get(str(handle["mro"][0][1]), ()))
    operators = frozenset(d for d in handle["dunders"] if d in FREE
                          or (d in GUARDED and f"__{d}__" in allowed))
    if operators not in _classes:
        body = {f"__{name}__": _operator(name) for name in operators}
        body["__hash__"] = Remote.__hash__
        _classes[operators] = type("Remote", (Remote,), body)
    return _classes[operators](judge, handle)


def _operator(name: str):
    """A learner's object is never asked whether it equals a plain value, nor for the plain
    result of arithmetic with one: any function could give back an object of a class that the
    reference lets compare, and say yes."""
    dunder = f"__{name}__"

    def call(self, *arguments, **named):
        alone = name in GUARDED - {"contains"} and bool(arguments) and not is_remote(arguments[0])
        if alone and name in COMPARED:
            return NotImplemented
        value = self._judge.call(self, arguments, named, None if name == "call" else dunder)
        if alone and not is_remote(value):
            return NotImplemented
        if name in ("bool", "contains"):
            return value is True
        return int(value) if name in ("len", "index") else value

    def leave(self, *_):
        """A learner's __exit__ swallows nothing: neither a failed assert nor what skips asserts."""
        self._judge.call(self, (None, None, None), {}, dunder)
        return False

    return leave if name == "exit" else call


class _Type(type):
    def __instancecheck__(cls, value):
        return isinstance(value, type)

    def __subclasscheck__(cls, value):
        return issubclass(value, type)

    def __call__(cls, *arguments):
        if len(arguments) == 1 and is_remote(arguments[0]):
            there = arguments[0]
            return there._judge.ask("getattr", id=there._handle["id"], name="__class__")
        return type(*arguments)


class Type(metaclass=_Type):
    """`type` in a check: of a learner's object it gives the learner's class."""


class Namespace(dict):
    """Globals of check cells: what is not here is asked of the learner's kernel."""

    def __init__(self, judge):
        super().__init__(__name__="__main__", __builtins__=builtins, type=Type)
        self.judge, self.asked = judge, set()
        self.locked, self.in_locked = {}, False

    def fresh(self) -> None:
        """Before each check: forget what was asked, the learner may have rebound it, and give
        the names of locked cells back what those gave them. All locked cells ran before all
        checks: where a check uses such a name for something of its own, the locked cell below
        it, which rebinds the name in a notebook, does not run again here."""
        theirs = set(self.judge.interface.get("names", ()))
        stale = {name for name, value in self.items() if is_remote(value)}
        for name in self.asked | stale | theirs:
            self.pop(name, None)
        self.update({name: value for name, value in self.locked.items() if name not in theirs})
        self.asked = set()

    def __setitem__(self, name, value):
        super().__setitem__(name, value)
        if self.in_locked:
            self.locked[name] = value
        if self.judge.connected and name in self.judge.interface.get("reads", ()):
            self.judge.offer(name, value)  # the learner's code reads this global too

    def __contains__(self, name):
        if super().__contains__(name):
            return True
        return bool(self.judge.connected and isinstance(name, str)
                    and self.judge.ask("has", name=name) is True)

    def __missing__(self, name):
        if hasattr(builtins, name):
            return getattr(builtins, name)
        if not self.judge.connected or name not in self.judge.interface.get("names", ()):
            # only what an answer cell makes is the learner's; all else must be trusted
            raise NameError(f"name {name!r} is not defined", name=name)
        value = self.judge.ask("get", name=name)
        self.asked.add(name)
        super().__setitem__(name, value)
        return value
