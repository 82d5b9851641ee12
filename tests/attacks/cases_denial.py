"""Denial: what never ends, eats the machine, or ends the process. It costs its own exercise only."""

from tests.attacks.case import case
from tests.attacks.lesson import HONEST

REST = {"middle": HONEST["middle"], "bag": HONEST["bag"]}
LOST = "def double(x):\n    return 2 * x\n"
FUNCTION = {
    "a loop": "while True:\n    pass",
    "a loop that swallows interrupts": (
        "while True:\n    try:\n        while True:\n            pass\n"
        "    except BaseException:\n        pass"),
    "a loop with all signals blocked": (
        "import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\n"
        "while True:\n    pass"),
    "a loop inside a C function": "return len(str(7 ** (10 ** 8)))",
    "a regular expression that explodes": "import re\nreturn re.match('(a+)+$', 'a' * 60 + 'b')",
    "sleep": "import time\ntime.sleep(1000)",
    "the process exits": "import os\nos._exit(0)",
    "the process kills itself": "import os\nos.kill(os.getpid(), 9)",
    "the process stops itself": "import os\nos.kill(os.getpid(), 19)",
    "a crash in C": "import ctypes\nctypes.string_at(0)",
    "recursion until the stack ends": (
        "import sys\nsys.setrecursionlimit(10 ** 8)\ndef g(n):\n    return g(n + 1)\nreturn g(0)"),
    "an endless text of an error": "raise ValueError('x' * 200_000_000)",
    "an error whose text never comes": (
        "class E(Exception):\n    def __str__(self):\n        while True:\n            pass\n"
        "raise E()"),
    "an object whose repr never comes": (
        "class R:\n    def __repr__(self):\n        while True:\n            pass\nreturn R()"),
    "a value of a gigabyte": "return bytes(10 ** 9)",
    "a list of ten million": "return list(range(10 ** 7))",
    "a million small values in a dict": "return {i: [i] for i in range(10 ** 6)}",
    "a nest ten thousand deep": "r = []\nfor _ in range(10_000):\n    r = [r]\nreturn r",
    "an integer of a million digits": "return 7 ** 3_000_000",
    "50 MB printed in a check": "print('x' * 50_000_000)\nreturn 0",
    "a thread for ever": (
        "import threading\nthreading.Thread(target=lambda: [0 for _ in iter(int, 1)]).start()\n"
        "return 0"),
}
for name, body in FUNCTION.items():
    inner = "\n".join(f"    {line}" for line in body.splitlines())
    case(f"{name} (in a function)", "denial", answers={**REST, "double": f"def double(x):\n{inner}"},
         points=8)

CELL = {
    "a loop": ("while True:\n    pass", 10),
    "exit()": ("exit()", 10),
    "the process ends": ("import os\nos._exit(1)", 10),
    "input()": ("name = input('your name? ')", 10),
    "a fork bomb": ("import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n"
                    "        pass", 10),
    "ten thousand threads": (
        "import threading, time\n"
        "try:\n    for _ in range(10_000):\n"
        "        threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()\n"
        "except RuntimeError:\n    pass", 10),
    "memory until it ends": ("hoard = []\nwhile True:\n    hoard.append(bytearray(50_000_000))", 10),
    "memory in many processes": (
        "import os, time\nfor _ in range(40):\n    if os.fork() == 0:\n"
        "        hoard = bytearray(b'x') * 400_000_000\n        time.sleep(1000)\ntime.sleep(1)", 10),
    "shared memory": (
        "import os\nfor i in range(400):\n    with open(f'/dev/shm/planted-97-{i}', 'wb') as f:\n"
        "        f.write(bytes(10_000_000))", 10),
    "300 MB of output": ("for _ in range(300):\n    print('x' * 1_000_000)", 10),
    "output of a child on all its descriptors": (
        "import subprocess\nsubprocess.run('yes | head -c 300000000 >&2', shell=True)\n"
        "subprocess.run('yes | head -c 300000000', shell=True)", 10),
    "a thousand figures": (
        "from IPython.display import display, Image\nfor _ in range(1000):\n"
        "    display(Image(bytes(300_000), format='png'))", 10),
    "a disk full of bytes": (
        "with open('fill', 'wb') as f:\n    while True:\n        f.write(bytes(10_000_000))", 10),
    "a disk full of files": (
        "for i in range(10 ** 6):\n    open(f'/tmp/planted-97-{i}', 'w').close()", 10),
    "a sparse file of a terabyte": (
        "import os\nwith open('big', 'wb') as f:\n    os.ftruncate(f.fileno(), 10 ** 12)", 10),
    "kill every process that can be reached": (
        "import os, signal\ntry:\n    os.kill(-1, signal.SIGKILL)\nexcept OSError:\n    pass", 10),
    "kill the parents": (
        "import os, signal\nfor pid in {os.getppid(), 1, 2, os.getpgid(0)}:\n"
        "    for number in (signal.SIGKILL, signal.SIGSTOP):\n        try:\n"
        "            pid != os.getpid() and os.kill(pid, number)\n        except OSError:\n"
        "            pass", 10),
    "close every open file": (
        "import os\nfor n in range(3, 4096):\n    try:\n        os.close(n)\n    except OSError:\n"
        "        pass", 10),
}
for name, (source, points) in CELL.items():
    case(f"{name} (in a cell of their own)", "denial", answers=HONEST, extra=(("double", source),),
         points=points, alone="output of a child" in name)


def many_cells(data):
    """5,000 cells of the learner's own, each quick."""
    cell = {"cell_type": "code", "metadata": {}, "source": "x = 1", "outputs": [],
            "execution_count": None}
    data["cells"] += [{**cell, "id": f"more-{i}"} for i in range(5000)]


case("five thousand cells", "denial", answers=HONEST, change=many_cells, points=10, told="first 100")
case("a minus sign, a hundred thousand times", "denial", points=8,
     answers={**REST, "double": f"def double(x):\n    return {'-' * 100_000}x"})
case("brackets, a hundred thousand deep", "denial", points=8,
     answers={**REST, "double": f"double = {'(' * 100_000}1{')' * 100_000}"})
case("a source of ten megabytes", "denial", points=8,
     answers={**REST, "double": "double = 0\n" * 1_000_000}, alone=True)
case("an endless iterator for an array", "denial", points=7, answers={
    **HONEST, "middle": "class Rows:\n    def __len__(self):\n        return 10 ** 9\n"
    "    def __getitem__(self, i):\n        return 2.0\ndef middle(xs):\n    return Rows()"})
