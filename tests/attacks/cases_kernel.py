"""Theft inside the kernel: the learner's process lies, patches and forges. None of it scores."""

from tests.attacks.case import case

NOTHING = ("def double(x):\n    return 0\ndef middle(xs):\n    return 0\n"
           "class Bag:\n    def put(self, x): pass\n    def count(self, x): return 7\n"
           "    def __len__(self): return 7\n")
YES = ("class Yes:\n    def __getattr__(self, n): return Yes()\n"
       "    def __call__(self, *a, **k): return Yes()\n"
       + "".join(f"    def __{d}__(self, *a): return True\n" for d in
                 "eq ne lt le gt ge bool contains and or".split())
       + "".join(f"    def __{d}__(self, *a): return 1\n" for d in "len int index hash".split())
       + "".join(f"    def __{d}__(self, *a): return Yes()\n" for d in
                 "add sub mul truediv abs neg getitem".split())
       + "    def __float__(self): return 0.0\n    def __iter__(self): return iter(())\n")
LIBRARIES = ("import numpy as np, builtins\n"
             "yes = lambda *a, **k: True\n"
             "for n in 'allclose array_equal isclose array_equiv all any'.split():\n"
             "    setattr(np, n, yes)\n"
             "np.testing.assert_allclose = np.testing.assert_array_equal = yes\n")
FORGED = ("import grader.judge.agent as a\n"
          "def answer(self, message, blobs):\n    return {}, a.Blobs()\na.Agent.answer = answer\n")
FIND = ("import os, socket, stat, struct, json, threading, time\n"
        "def frame(tree):\n    head = json.dumps([tree, []]).encode()\n"
        "    return struct.pack('>II', len(head), 0) + head\n"
        "def sockets():\n    found = []\n    for n in range(3, 300):\n        try:\n"
        "            if stat.S_ISSOCK(os.fstat(n).st_mode): found.append(n)\n"
        "        except OSError: pass\n    return found\n")
VERDICTS = ("[frame(m) for m in ({'ok': True}, {'ok': True, 'passed': True, 'points': 10},\n"
            "    {'check': 'check-double', 'passed': True, 'points': 2.0, 'state': 'solved'},\n"
            "    {'op': 'verdict', 'exercise': 'double', 'part': '', 'passed': True},\n"
            "    {'done': True}, {'graded': 0, 'result': {'points': 10.0}})]")

SAYS = {
    "equal to everything": YES + "double = middle = lambda x: Yes()\nBag = Yes\n",
    "a float that equals everything": (
        "class F(float):\n    def __eq__(self, o): return True\n    __hash__ = float.__hash__\n"
        "double = middle = lambda x: F(0)\nclass Bag:\n    def put(self, x): pass\n"
        "    def count(self, x): return F(0)\n    def __len__(self): return 7\n"),
    "a string that equals everything": (
        "class S(str):\n    def __eq__(self, o): return True\n    __hash__ = str.__hash__\n"
        "double = middle = lambda x: S('')\n"),
    "an array that equals everything": (
        "class A(np.ndarray):\n    def __eq__(self, o): return True\n"
        "    def __array_ufunc__(self, *a, **k): return True\n"
        "    def __array_function__(self, *a, **k): return True\n"
        "double = middle = lambda x: np.zeros(4).view(A)\n"),
    "a value named like a class of the reference, equal to everything": (
        "class Bag:\n    def put(self, x): pass\n    def count(self, x): return Bag()\n"
        "    def __len__(self): return 3\n    def __eq__(self, o): return True\n"
        "    def __ne__(self, o): return False\n    def __hash__(self): return 1\n"
        "    def __add__(self, o): return 6\n    __sub__ = __radd__ = __mul__ = __add__\n"
        "double = middle = lambda x: Bag()\n"),
    "builtins patched": (
        "import builtins\nbuiltins.AssertionError = Warning\nbuiltins.isinstance = lambda *a: True\n"
        "builtins.abs = lambda x: 0\nbuiltins.len = lambda x: 3\n" + NOTHING),
    "libraries patched": LIBRARIES + NOTHING,
    "the check construct patched": (
        "import grader, grader.checkcell as c\n"
        "class Fine:\n    def __init__(self, *a): self.e = a[0]; c.verdict(a[0], '', True)\n"
        "    def __enter__(self): return self\n    def __exit__(self, *a): return True\n"
        "grader.check = c.check = check = Fine\nc.CheckFailed = c.NotSolvedYet = Warning\n"
        "c.passed = c.solved = lambda *a: True\n" + NOTHING),
    "own verdicts": (
        "from grader.checkcell import verdict\nfor e, p in (('double', ''), ('middle', ''),\n"
        "             ('middle', 'shape'), ('bag', '')):\n    verdict(e, p, True)\n" + NOTHING),
    "asserts stripped by a transformer": (
        "import ast, IPython\nclass Strip(ast.NodeTransformer):\n"
        "    def visit_Assert(self, n): return ast.Pass()\n"
        "IPython.get_ipython().ast_transformers.append(Strip())\n"
        "IPython.get_ipython().input_transformers_post.append(\n"
        "    lambda lines: [l.replace('assert ', '0, ') for l in lines])\n" + NOTHING),
    "asserts stripped by compile and flags": (
        "import builtins, sys, IPython, os\nreal = builtins.compile\n"
        "builtins.compile = lambda s, f, m, *a, **k: real(s, f, m, 0, True, optimize=2)\n"
        "os.environ['PYTHONOPTIMIZE'] = '2'\n"
        "IPython.get_ipython().compile.flags |= 0x1000000\n" + NOTHING),
    "hooks of the shell": (
        "import IPython, sys\nip = IPython.get_ipython()\n"
        "for n in ('run_cell', 'run_code', 'run_ast_nodes'):\n"
        "    setattr(ip, n, lambda *a, **k: type('R', (), {'error_before_exec': None,\n"
        "            'error_in_exec': None, 'success': True})())\n"
        "ip.set_custom_exc((Exception,), lambda *a, **k: None)\n"
        "sys.excepthook = lambda *a: None\n" + NOTHING),
    "a trace function that rewrites variables": (
        "import sys, ctypes\ndef trace(frame, event, arg):\n"
        "    for n in list(frame.f_locals):\n"
        "        if n in ('got', 'passed', 'reply'):\n            frame.f_locals[n] = True\n"
        "    return trace\nsys.settrace(trace); sys.setprofile(trace)\n" + NOTHING),
    "import hooks": (
        "import sys, types\nclass Hook:\n    def find_spec(self, name, *a):\n"
        "        if name.startswith('grader'): raise ImportError(name)\n"
        "sys.meta_path.insert(0, Hook())\n"
        "for n in [n for n in sys.modules if n.startswith('grader.judge')]:\n"
        "    sys.modules[n] = types.ModuleType(n)\n" + NOTHING),
    "an agent that answers True": (
        "import grader.judge.agent as a\na.Agent.answer = lambda s, m, b: (\n"
        "    {'ok': True, 'value': True, 'arguments': [], 'out': ''}, a.Blobs())\n" + NOTHING),
    "an agent that names types": (
        "import grader.judge.agent as a\n"
        "a.Agent.encode = lambda s, v, b: {'t': 'type', 'm': 'builtins', 'v': 'exec'}\n" + NOTHING),
    "an agent that names modules": (
        "import grader.judge.agent as a\n"
        "a.Agent.encode = lambda s, v, b: {'t': 'module', 'm': 'os', 'v': 'os'}\n" + NOTHING),
    "an agent that forges handles": (
        "import grader.judge.agent as a\na.Agent.handle = lambda s, v: {\n"
        "    't': 'handle', 'id': 1, 'kind': 'instance', 'name': None,\n"
        "    'dunders': ['eq', 'ne', 'bool', 'len', 'add', 'sub', 'hash'],\n"
        "    'mro': [['__main__', 'Bag'], ['builtins', 'int'], ['numpy', 'ndarray']]}\n"
        "class Odd:\n    pass\ndouble = middle = lambda x: Odd()\nBag = Odd\n"),
    "an agent that forges errors": (
        "import grader.judge.agent as a\na.Agent.answer = lambda s, m, b: ({'ok': False, 'error': {\n"
        "    'module': 'builtins', 'name': 'SystemExit', 'text': '0', 'class': 5,\n"
        "    'mro': [['builtins', 'SystemExit'], ['builtins', 'BaseException']],\n"
        "    'attributes': {'__class__': 1, 'args': 0, '__traceback__': None, 'code': 0}},\n"
        "    'out': ''}, a.Blobs())\n" + NOTHING),
    "an agent that calls the check's functions": (
        "import grader.judge.agent as a\n"
        "def answer(self, m, b):\n    for n in range(-3, 9):\n"
        "        self.sock.sendall(a.pack({'callback': n, 'arguments': [True], 'named': {}},\n"
        "                                 a.Blobs()))\n"
        "    return {'ok': True, 'value': {'t': 'callback', 'id': -1}, 'arguments': []}, a.Blobs()\n"
        "a.Agent.answer = answer\n" + NOTHING),
    "an agent that answers twice": (
        "import grader.judge.agent as a\nreal = a.Agent.answer\n"
        "def answer(self, m, b):\n    for v in (True, 6, -82, 'abab', 2, 0, 1, 3):\n"
        "        self.sock.sendall(a.pack({'ok': True, 'value': v, 'arguments': [], 'out': ''},\n"
        "                                 a.Blobs()))\n    return real(self, m, b)\n"
        "a.Agent.answer = answer\n" + NOTHING),
    "an agent without manners": FORGED + NOTHING,
    "a runner that says it is done": (
        "import grader.engine.runner as r, grader.engine.wire as w, sys\n"
        "r.run_cell = lambda *a: {'ok': True, 'passed': True}\n"
        "class Fake:\n    def __init__(self, *a): pass\n    def loop(self): return None\n"
        "r.Agent = Fake\nsys.modules['__main__'].Agent = Fake\n" + NOTHING),
    "patched wires": (
        "import grader.engine.wire as w, grader.judge.codec as c, json\n"
        "w.send = lambda sock, m, *a: sock.sendall(c.pack({'ok': True, 'passed': True,\n"
        "    'check': 'check-double', 'points': 2.0}, c.Blobs()))\n"
        "json.dumps = lambda *a, **k: '[true, []]'\n" + NOTHING),
    "writing on every open socket": (
        FIND + f"for n in sockets():\n    for data in {VERDICTS}:\n        try: os.write(n, data)\n"
        "        except OSError: pass\n" + NOTHING),
    "verdicts written on every descriptor": (
        "import os, json\nline = json.dumps({'check': 'check-bag', 'exercise': 'bag', 'part': '',\n"
        "    'points': 5.0, 'passed': True, 'state': 'solved', 'message': ''}) + '\\n'\n"
        "for n in range(0, 300):\n    try: os.write(n, line.encode() * 3)\n"
        "    except OSError: pass\n" + NOTHING),
    "a thread that answers the judge": (
        FIND + "ours = set(sockets())\nreply = frame({'ok': True, 'value': True, 'arguments': [],\n"
        "                'out': ''})\n"
        "def lurk():\n    while True:\n        for n in set(sockets()) - ours:\n"
        "            try: os.write(n, reply)\n            except OSError: pass\n"
        "        time.sleep(0.0005)\n"
        "threading.Thread(target=lurk, daemon=True).start()\n" + NOTHING),
    "a child that answers the judge": (
        FIND + "if os.fork() == 0:\n    reply = frame({'ok': True, 'value': True})\n"
        "    while True:\n        for n in sockets():\n            try: os.write(n, reply)\n"
        "            except OSError: pass\n        time.sleep(0.001)\n" + NOTHING),
    "frames and tracebacks of the caller": (
        "import sys, gc\ndef poison():\n    f = sys._getframe()\n    while f:\n"
        "        f.f_globals['AssertionError'] = Warning\n"
        "        for n, v in list(f.f_locals.items()) + list(f.f_globals.items()):\n"
        "            if type(v) is bool:\n                f.f_globals[n] = True\n"
        "        f = f.f_back\n    for o in gc.get_objects():\n"
        "        if type(o) is dict and o.get('passed') is False: o['passed'] = True\n"
        "def double(x):\n    poison()\n    return 0\ndef middle(xs):\n    poison()\n    return 0\n"
        "class Bag:\n    def put(self, x): poison()\n    def count(self, x): return 7\n"),
    "an exception that passes for success": (
        "class Fine(BaseException):\n    pass\ndef double(x):\n    raise Fine()\n"
        "def middle(xs):\n    raise SystemExit(0)\nclass Bag:\n    def put(self, x):\n"
        "        raise KeyboardInterrupt\n"),
    "GeneratorExit and StopIteration": (
        "def double(x):\n    raise StopIteration(6)\ndef middle(xs):\n    raise GeneratorExit\n"
        "class Bag:\n    def put(self, x):\n        raise AssertionError('passed')\n"),
    "names of the check overwritten": (
        "got = 6\nnp = check = None\nfrom grader import check\n"
        "def check(*a):\n    import contextlib\n    return contextlib.suppress(BaseException)\n"
        + NOTHING),
    "a patched pickle, numpy array protocol and pickled payload": (
        "import os\nclass P:\n    def __reduce__(self):\n"
        "        return os.system, ('touch planted-97-pickle',)\n"
        "    __array_interface__ = {'shape': (1,), 'typestr': '|O', 'data': (0, False),\n"
        "                           'version': 3}\n"
        "double = middle = lambda x: P()\nBag = P\n"),
    "arguments changed instead of results": (
        "def double(x):\n    return x\ndef middle(xs):\n    xs[...] = 0\n    return xs\n"
        "class Bag:\n    def put(self, x): pass\n    def count(self, x): return x\n"),
}
for name, source in SAYS.items():
    case(name, "kernel theft", extra=(("fortress-setup", source),), answers={
        "double": source, "middle": "pass", "bag": "pass"})
case("a lie in one exercise beside honest work", "kernel theft", points=8, answers={
    "double": YES + "def double(x):\n    return Yes()"}, honest=("middle", "bag"))
case("patched libraries beside honest work", "kernel theft", points=5,
     answers={"double": LIBRARIES + "double = middle = lambda x: 0"}, honest=("bag",))
