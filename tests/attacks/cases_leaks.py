"""Leaks and tampering: files, neighbours, the environment, other processes, the network.

@WORLD@ is a folder with a gradebook, sources and a neighbour's work; @STORE@ the grading folder;
@ROOT@ the course. Every secret looks like canary-word-123456; a leak is one in an output.
"""

from tests.attacks.case import case
from tests.attacks.lesson import FULL, HONEST, LESSON

HUNT = r'''
import os, re, sys, glob
FOUND = set()
def hunt(*texts):
    for t in texts:
        t = t if isinstance(t, str) else t.decode("latin-1") if isinstance(t, bytes) else repr(t)
        FOUND.update(re.findall("canary-" + "[a-z]+-[0-9]{6}", t))
def look(path, most=3_000_000):
    try:
        with open(path, "rb") as f:
            hunt(f.read(most))
    except (OSError, ValueError, MemoryError):
        pass
def under(top):
    try:
        for folder, _, names in os.walk(top):
            for n in names:
                look(os.path.join(folder, n))
    except OSError:
        pass
'''
TELL = "\nprint('FOUND', len(FOUND), *FOUND)\n"
LEAKS = {
    "the sources of the lesson": "under('@WORLD@/solutions'); under('@ROOT@/solutions')",
    "the gradebook": "look('@WORLD@/gradebook.db'); look('@ROOT@/gradebook.db')",
    "the ledger and the quarantine": "under('@STORE@')",
    "a neighbour's submission": "under('@WORLD@/submitted')",
    "folders above the working folder": (
        "for up in ('.', '..', '../..', '../../..'):\n    try:\n"
        "        for n in os.listdir(up):\n            look(os.path.join(up, n))\n"
        "    except OSError:\n        pass"),
    "the home folder of the grader": (
        "under('/root'); under('/home'); under(os.path.expanduser('~'))"),
    "temporary folders": "under('/tmp'); under('/var/tmp'); under('/dev/shm'); under('/run')",
    "the environment": (
        "hunt(dict(os.environ))\nimport ctypes\nhunt(os.popen('env; set').read())"),
    "environments and memory of other processes": (
        "for p in glob.glob('/proc/[0-9]*'):\n    for n in ('environ', 'cmdline', 'maps'):\n"
        "        look(f'{p}/{n}')\n    for d in glob.glob(f'{p}/fd/*') + [f'{p}/root', f'{p}/cwd']:\n"
        "        try:\n            under(d) if os.path.isdir(d) else look(d, 10000)\n"
        "        except OSError:\n            pass"),
    "own memory": (
        "for line in open('/proc/self/maps'):\n    a, b = line.split()[0].split('-')\n"
        "    if ' rw' not in line or int(b, 16) - int(a, 16) > 50_000_000:\n        continue\n"
        "    try:\n        with open('/proc/self/mem', 'rb') as f:\n"
        "            f.seek(int(a, 16)); data = f.read(int(b, 16) - int(a, 16))\n"
        "            FOUND.update(m.decode() for m in re.findall(\n"
        "                b'canary-' + b'hidden-[0-9]{6}', data))\n"
        "    except (OSError, ValueError, OverflowError):\n        pass"),
    "hidden tests by frames": (
        "import gc, linecache\ndef double(x):\n    f = sys._getframe()\n    while f:\n"
        "        hunt(f.f_globals, f.f_locals, f.f_code.co_consts)\n        f = f.f_back\n"
        "    hunt(linecache.cache, sys.modules.get('IPython') and get_ipython().user_ns)\n"
        "    for o in gc.get_objects():\n        if type(o) is dict and len(o) < 2000:\n"
        "            hunt(*[v for v in o.values() if type(v) is str])\n    return 2 * x"),
    "hidden tests on the wire": (
        "import grader.judge.agent as a\nreal = a.Agent.answer\n"
        "def answer(self, m, b):\n    hunt(m, b.parts); return real(self, m, b)\n"
        "a.Agent.answer = answer"),
    "links to secrets": (
        "for i, t in enumerate(['@WORLD@/gradebook.db', '@WORLD@', '/proc/1/root@WORLD@',\n"
        "                       '@STORE@', '/proc/self/root/@ROOT@/solutions']):\n    try:\n"
        "        os.symlink(t, f'l{i}')\n    except OSError:\n        pass\n"
        "    look(f'l{i}'); under(f'l{i}/')"),
    "a debugger on the parent": (
        "import ctypes\nc = ctypes.CDLL(None)\nfor p in (1, os.getppid()):\n"
        "    hunt(str(c.ptrace(16, p, 0, 0)))\n    look(f'/proc/{p}/environ')\n"
        "    buf = ctypes.create_string_buffer(100)"),
    "a file system of their own": (
        "import ctypes\nc = ctypes.CDLL(None)\n"
        "c.unshare(0x10000000 | 0x20000); os.makedirs('m', exist_ok=True)\n"
        "c.mount(b'/', b'm', None, 4096, None)\n"
        "c.mount(b'proc', b'm', b'proc', 0, None)\nunder('m')\n"
        "try:\n    os.chroot('..')\nexcept OSError:\n    pass\nunder('@WORLD@')"),
    "the network and local services": (
        "import socket\nfor family, where in ((socket.AF_INET, ('127.0.0.1', @PORT@)),\n"
        "        (socket.AF_UNIX, '@WORLD@/service'), (socket.AF_UNIX, '\\0canary-@PORT@')):\n"
        "    try:\n        s = socket.socket(family); s.settimeout(1); s.connect(where)\n"
        "        s.sendall(b'reached'); hunt(s.recv(100))\n    except OSError:\n        pass\n"
        "try:\n    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
        "    s.sendto(b'reached', ('127.0.0.1', @PORT@))\nexcept OSError:\n    pass"),
    "stored values of other lessons and the catalogue of answers": (
        "for t in ('@ROOT@/tests', '@ROOT@/solutions', '@ROOT@/.git', '@ROOT@/grader/../tests'):\n"
        "    under(t)"),
}
for name, source in LEAKS.items():
    text = HUNT + source
    answers = dict(HONEST)
    if "def double" in source:
        answers["double"] = text
        case(name, "leaks", answers=answers, extra=(("bag", "pass"), ("check-bag", TELL)),
             points=FULL)
    else:
        case(name, "leaks", answers=answers, extra=(
            ("double", text), ("check-bag", "print('FOUND', len(FOUND), *FOUND)")), points=FULL)

case("arguments of hidden tests logged and printed later", "leaks", answers={
    **HONEST, "double": HUNT + "SEEN = []\ndef double(x):\n    SEEN.append(x)\n    print(x)\n"
    "    hunt(x)\n    return 2 * x"}, extra=(("check-bag", "print(SEEN)" + TELL),), points=FULL)

WRITE = '''
import os
def plant(path, text="planted-97"):
    try:
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        with open(path, "a") as f:
            f.write(text)
    except OSError:
        pass
'''
TAMPER = {
    "the gradebook": (
        "import sqlite3\nfor p in ('@WORLD@/gradebook.db', '@ROOT@/gradebook.db',\n"
        "          '@STORE@/ledger.sqlite'):\n    plant(p)\n    try:\n"
        "        db = sqlite3.connect(p); db.execute('UPDATE results SET points = 10')\n"
        "        db.commit()\n    except Exception:\n        pass\n"
        "    try:\n        os.remove(p)\n    except OSError:\n        pass"),
    "the configuration": (
        "for p in ('@WORLD@/nbgrader_config.py', '@ROOT@/nbgrader_config.py',\n"
        "          os.path.expanduser('~/.jupyter/nbgrader_config.py')):\n    plant(p)"),
    "start-up files": (
        "import site, sys\nfor d in [*sys.path, site.getusersitepackages(),\n"
        "                         '@ROOT@', '/tmp', os.path.expanduser('~')]:\n"
        "    for n in ('usercustomize.py', 'sitecustomize.py', 'planted-97.pth'):\n"
        "        plant(os.path.join(d or '.', n), '\\nimport os # planted-97')\n"
        "for p in ('~/.ipython/profile_default/startup/planted-97.py', '~/.bashrc',\n"
        "          '~/.jupyter/custom/planted-97.js', '~/.config/planted-97'):\n"
        "    plant(os.path.expanduser(p))"),
    "modules that shadow others": (
        "for n in ('numpy', 'torch', 'json', 'grader', 'course', 'nbformat'):\n"
        "    for d in ('.', '..', '@ROOT@', '@WORLD@', os.path.expanduser('~')):\n"
        "        plant(f'{d}/{n}.py', 'raise SystemExit(\"planted-97\")')\n"
        "        plant(f'{d}/{n}/__init__.py', 'raise SystemExit(\"planted-97\")')"),
    "installed packages": (
        "import numpy, grader, course\nfor m in (numpy, grader, course):\n"
        "    plant(m.__file__, '\\n# planted-97')\n    plant(m.__file__ + '.planted-97')\n"
        "    try:\n        os.rename(m.__file__, m.__file__ + '.planted-97')\n"
        "    except OSError:\n        pass"),
    "neighbours": (
        f"for p in ('@WORLD@/submitted/zoe/{LESSON}/{LESSON}.ipynb',\n"
        "          '@STORE@/quarantine/planted-97'):\n    plant(p)\n    try:\n"
        "        os.remove(p)\n    except OSError:\n        pass\n"
        "for d, _, names in os.walk('@STORE@'):\n    for n in names:\n"
        "        plant(os.path.join(d, n))"),
    "the stored values of the lesson": (
        "plant('reference/planted-97.json')\nfor d, _, names in os.walk('reference'):\n"
        "    for n in names:\n        plant(os.path.join(d, n))"),
    "timestamps": (
        "for p in ('@WORLD@/gradebook.db', '@WORLD@/submitted/zoe/timestamp.txt', '@ROOT@/Makefile'):\n"
        "    try:\n        os.utime(p, (0, 0))\n    except OSError:\n        pass\n"
        "    try:\n        os.chmod(p, 0)\n    except OSError:\n        pass"),
    "a late daemon": (
        "import subprocess, sys\nsubprocess.Popen(['setsid', 'sleep', '97531'])\n"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(97531)'],\n"
        "                 start_new_session=True)\n"
        "if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n"
        "        os.execvp('sleep', ['sleep', '97531'])\n    os._exit(0)"),
    "jobs for later": (
        "for c in ('echo touch /tmp/planted-97 | at now', 'crontab -l | crontab -',\n"
        "          'nohup sleep 97531 &', 'systemd-run sleep 97531'):\n    os.system(c)\n"
        "plant('/etc/cron.d/planted-97'); plant('/var/spool/cron/crontabs/root')"),
    "the cache of bytecode and of fonts": (
        "import importlib.util, numpy, matplotlib\nfor m in (numpy, matplotlib):\n"
        "    plant(importlib.util.cache_from_source(m.__file__))\n"
        "plant(matplotlib.get_cachedir() + '/../../planted-97')"),
    "a queue of signals to the grader": (
        "import signal\nfor p in range(1, 32768):\n    try:\n        if p != os.getpid():\n"
        "            os.kill(p, signal.SIGTERM)\n    except OSError:\n        pass"),
}
for name, source in TAMPER.items():
    case(f"tampering with {name}" if not name.startswith("a ") else name, "tampering",
         answers=HONEST, extra=(("double", WRITE + source),), points=FULL,
         exact="signals" not in name, alone="signals" in name)
