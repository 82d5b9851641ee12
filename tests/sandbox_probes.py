"""What a hostile cell tries: one probe a promise. A probe prints each thing that worked but must not.

WORLD (a dict) is put before each: paths, ports and process ids of the host to aim at.
"""

BEGIN = '''
import ctypes, errno, os, socket, subprocess, sys, time
libc = ctypes.CDLL(None, use_errno=True)
def must_fail(what, call, *arguments, **named):
    try:
        value = call(*arguments, **named)
    except (OSError, MemoryError, ValueError):
        return
    print("WORKED:", what, repr(value)[:80])
def must_refuse(what, number, *arguments):
    value = libc.syscall(ctypes.c_long(number), *(ctypes.c_long(a) for a in arguments))
    if value != -1:
        print("WORKED:", what, value)
'''

# ---- these leave the runner alive, so they share one
MILD = {}

MILD["reads_no_secret"] = '''
def read(path):
    with open(path, "rb") as file:
        return file.read(50)
for path in WORLD["secrets"]:
    must_fail("read " + path, read, path)
    for way in ("/proc/1/root", "/proc/self/root", "/proc/self/cwd/../..", "/box/..", "/tmp/.."):
        must_fail("read " + way + path, read, way + path)
    must_fail("hard link", os.link, path, "taken")
    if not os.path.islink("way"):
        os.symlink(path, "way")
    must_fail("read through a link", read, "way")
    os.remove("way")
for folder in WORLD["folders"]:
    must_fail("list " + folder, os.listdir, folder)
try:
    found = os.listdir("/root")
except OSError:
    found = []
if set(found) - {".pyenv", ".venv", ".local"}:
    print("WORKED: list /root", found)
'''

MILD["environment_is_clean"] = '''
home = os.environ["HOME"]
expected = {k: v.replace("/tmp", home, 1) if v.startswith("/tmp") else v
            for k, v in WORLD["environment"].items()}
extra = {k: v for k, v in os.environ.items() if expected.get(k) != v and k not in
         ("PWD", "LC_CTYPE", "PYTHONPATH", "KMP_INIT_AT_FORK", "KMP_DUPLICATE_LIB_OK")}
if extra or set(expected) - set(os.environ):
    print("WORKED: environment", extra, set(expected) - set(os.environ))
for name in ("/proc/self/environ", "/proc/1/environ", "/proc/%d/environ" % WORLD["driver"]):
    try:
        text = open(name, "rb").read()
    except OSError:
        continue
    if WORLD["marker"].encode() in text:
        print("WORKED: marker in", name)
'''

MILD["sees_no_other_process"] = '''
names = []
try:
    names = [p for p in os.listdir("/proc") if p.isdigit()]
except OSError:
    pass
for pid in names:
    try:
        line = open(f"/proc/{pid}/cmdline").read().replace("\\0", " ")
    except OSError:
        continue
    if "pytest" in line or "sandbox_driver" in line or "init" in line.split("/")[-1]:
        print("WORKED: sees", pid, line[:80])
for pid in WORLD["pids"]:
    for file in ("environ", "maps", "mem", "cmdline", "root/etc/passwd"):
        must_fail("read %s of %d" % (file, pid), lambda: open(f"/proc/{pid}/{file}", "rb").read(9))
'''

MILD["writes_nowhere_else"] = '''
for folder in WORLD["readonly"] + ["/", "/usr", "/etc", "/dev", "/proc", "/var/tmp", "/run", "reference",
                                   os.path.dirname(os.__file__)]:
    for name in ("planted.py", ".planted"):
        must_fail("write in " + folder, lambda: open(os.path.join(folder, name), "x"))
    must_fail("folder in " + folder, os.mkdir, os.path.join(folder, "planted"))
for path in WORLD["secrets"] + WORLD["code"]:
    must_fail("append " + path, lambda: open(path, "ab"))
    must_fail("truncate " + path, os.truncate, path, 0)
    must_fail("remove " + path, os.unlink, path)
    must_fail("rename " + path, os.rename, path, path + "x")
    for call, arguments in ((os.chmod, (0o777,)), (os.utime, ((1, 1),)), (os.chown, (1, 1)),
                            (os.setxattr, ("user.x", b"x"))):
        try:
            call(path, *arguments)  # may seem to work: the host looks whether it did
        except OSError:
            pass
'''

MILD["reaches_no_network"] = '''
def connect(family, kind, address):
    with socket.socket(family, kind) as sock:
        sock.settimeout(2)
        sock.connect(address)
        sock.sendall(b"x")
must_fail("tcp", connect, socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", WORLD["port"]))
must_fail("tcp 6", connect, socket.AF_INET6, socket.SOCK_STREAM, ("::1", WORLD["port"]))
def datagram():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.sendto(b"x", ("127.0.0.1", WORLD["port"]))
must_fail("udp", datagram)
must_fail("dns", socket.getaddrinfo, "example.org", 80)
must_fail("abstract socket", connect, socket.AF_UNIX, socket.SOCK_STREAM, "\\0" + WORLD["abstract"])
must_fail("socket in the file system", connect, socket.AF_UNIX, socket.SOCK_STREAM, WORLD["socket"])
for family in (16, 17, 40, 38, 30):  # netlink, packet, vsock, alg, tipc
    must_fail("family %d" % family, socket.socket, family, socket.SOCK_RAW)
def pair():
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    one.sendto(b"x", "\\0" + WORLD["abstract"] + "d")
must_fail("datagram from a pair", pair)
def log():
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.sendto(b"x", WORLD["socket"] + "d")
must_fail("datagram by path", log)
must_refuse("io_uring", 425, 8, 0)
'''

MILD["gains_no_right"] = '''
import resource
for command in (["su", "-c", "id -u"], ["unshare", "-rn", "true"], ["mount", "-t", "tmpfs", "x", "/tmp"]):
    done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL)
    if done.returncode == 0:
        print("WORKED:", command, done.stdout)
if os.uname().machine == "x86_64":
    for flag in (0x20000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000, 0x2000000):
        must_refuse("clone %x" % flag, 56, flag | 17, 0, 0, 0, 0)
        must_refuse("unshare %x" % flag, 272, flag)
    for what, number in (("ptrace", 101), ("bpf", 321), ("keyctl", 250), ("chroot", 161),
                         ("process_vm_readv", 310), ("perf", 298), ("userfaultfd", 323),
                         ("setns", 308), ("clone3", 435), ("x32 getpid", 0x40000000 + 39),
                         ("open_tree", 428), ("fsopen", 430), ("pidfd_getfd", 438), ("reboot", 169)):
        must_refuse(what, number, 0, 0, 0, 0, 0, 0)
must_fail("become root", os.setuid, 0)
must_fail("groups", os.setgroups, [0])
must_fail("a device", os.mknod, "device", 0o20666, os.makedev(1, 1))
for device in ("mem", "kmsg", "kvm", "fuse", "vda", "sda", "port", "net/tun"):
    must_fail("open " + device, os.open, "/dev/" + device, os.O_RDONLY)
must_fail("more processor", os.nice, -5)
must_fail("real time", os.sched_setscheduler, 0, os.SCHED_FIFO, os.sched_param(1))
for kind in (resource.RLIMIT_NPROC, resource.RLIMIT_DATA, resource.RLIMIT_FSIZE, resource.RLIMIT_CPU,
             resource.RLIMIT_NOFILE, resource.RLIMIT_MEMLOCK, resource.RLIMIT_CORE):
    soft, hard = resource.getrlimit(kind)
    must_fail("limit %d" % kind, resource.setrlimit, kind, (hard + 1, hard + 1))
status = dict(l.split(":", 1) for l in open("/proc/self/status").read().splitlines() if ":" in l)
for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
    if int(status[name], 16) and not (name == "CapBnd" and WORLD["uid"]):
        print("WORKED:", name, status[name])
if status["NoNewPrivs"].strip() != "1" or status["Seccomp"].strip() != "2":
    print("WORKED: new privileges", status["NoNewPrivs"], status["Seccomp"])
if os.getuid() == 0:
    print("WORKED: is root")
'''

MILD["outlives_nobody_and_signals_nobody"] = '''
if libc.prctl(1, 0, 0, 0, 0) != -1:
    print("WORKED: forgets its parent's death")
for pid in WORLD["pids"] + [os.getppid()] * (os.getppid() > 1):
    must_fail("signal %d" % pid, os.kill, pid, 0)
try:
    with open("/proc/self/oom_score_adj", "wb", buffering=0) as file:
        file.write(b"-500")
    print("WORKED: oom_score_adj")
except OSError:
    pass
'''

MILD["inherits_no_file"] = '''
kept = {}
for name in os.listdir("/proc/self/fd"):
    try:
        kept[int(name)] = os.readlink("/proc/self/fd/" + name)
    except OSError:
        pass
odd = {n: to for n, to in kept.items() if to != "/dev/null" and not to.endswith("/fd")}
if len(odd) != 1 or not all(to.startswith("socket:") for to in odd.values()):
    print("WORKED: open files", odd)
if any(kept.get(n) != "/dev/null" for n in (0, 1, 2)):
    print("WORKED: standard files", kept)
'''

MILD["shares_no_memory"] = '''
try:
    names = os.listdir("/dev/shm")
except OSError:
    names = []
if names:
    print("WORKED: sees", names)
must_fail("memory of the host", lambda: open("/dev/shm/" + WORLD["marker"], "rb"))
'''

MILD["floods_no_output"] = '''
for _ in range(200):
    print("x" * 100_000)
os.write(1, b"y" * 1_000_000)
'''

# ---- these may end the runner: each gets its own
HARSH = {}

HARSH["forks_are_bounded"] = '''
count = 0
try:
    while count < 300:
        if os.fork() == 0:
            time.sleep(30)
            os._exit(0)
        count += 1
except OSError:
    pass
if count >= 300 or count < 3:
    print("WORKED: processes", count)
'''

HARSH["threads_are_bounded"] = '''
import threading
count = 0
try:
    while count < 300:
        threading.Thread(target=time.sleep, args=(30,), daemon=True).start()
        count += 1
except RuntimeError:
    pass
if count >= 300:
    print("WORKED: threads", count)
'''

HARSH["memory_is_bounded"] = '''
must_fail("2 GB", bytearray, 2 << 30)
parts = []
try:
    while len(parts) < 20:
        parts.append(bytearray(100 << 20))
    print("WORKED: 2 GB in parts")
except MemoryError:
    parts.clear()
'''

HARSH["disk_is_bounded"] = '''
total, error = 0, None
for folder in (os.environ["HOME"], os.getcwd()):
    try:
        for number in range(8):
            with open(f"{folder}/big{number}", "wb") as file:
                for _ in range(60):
                    file.write(b"x" * (1 << 20))
                    total += 1
    except OSError as problem:
        error = problem
        continue
if total > 2 * 130:
    time.sleep(3)
    print("WORKED: wrote MB", total)
'''

HARSH["files_are_bounded"] = '''
made = 0
for folder in (os.environ["HOME"], os.getcwd()):
    try:
        for number in range(9000):
            open(f"{folder}/n{number}", "x").close()
            made += 1
    except OSError:
        continue
if made > 2 * 4200:
    time.sleep(3)
    print("WORKED: files", made)
'''

HARSH["one_file_is_bounded"] = '''
def fill():
    with open(os.environ["HOME"] + "/one", "wb") as file:
        for _ in range(80):
            file.write(b"x" * (1 << 20))
must_fail("80 MB in a file", fill)
'''

# ---- these must end the runner; the code that the keeper tells
DEADLY = {
    "shared_memory_counts": ({251}, {"memory_mb": 700}, '''
import mmap
maps = []
for _ in range(60):
    maps.append(mmap.mmap(-1, 100 << 20))
    maps[-1].write(b"x" * (100 << 20))
    time.sleep(0.1)
print("WORKED")
'''),
    "memory_of_all_counts": ({251}, {"memory_mb": 700}, '''
for _ in range(12):
    if os.fork() == 0:
        much = b"x" * (250 << 20)
        time.sleep(60)
        os._exit(0)
    time.sleep(0.15)
time.sleep(20)
print("WORKED")
'''),
    "processor_is_bounded": ({-9 & 255, -24 & 255, 128 + 9, 128 + 24}, {"cpu_seconds": 1}, '''
import signal
signal.signal(signal.SIGXCPU, signal.SIG_IGN)
while True:
    pass
'''),
    "kills_only_itself": (None, {}, '''
import signal
if os.fork() == 0:
    for pid in (-1, *WORLD["pids"], os.getppid()):
        try:
            os.kill(pid, signal.SIGKILL)
        except OSError:
            pass
    os._exit(0)
time.sleep(1)
'''),
}

DAEMON = '''
code = "import sys, time, os, signal\\n" \\
       "[signal.signal(s, signal.SIG_IGN) for s in (1, 2, 15)]\\n" \\
       "time.sleep(300) # " + WORLD["marker"]
for _ in range(3):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.execv(sys.executable, [sys.executable, "-S", "-c", code])
        os._exit(0)
time.sleep(0.5)
'''

HONEST = '''
import tempfile, numpy as np, torch, matplotlib.pyplot as plt
from sklearn.linear_model import LogisticRegression
from sklearn.ensemble import HistGradientBoostingClassifier
layer = torch.nn.Linear(64, 64)
(layer(torch.randn(256, 64)) @ torch.randn(64, 64)).sum().backward()
x = np.random.rand(200, 5); y = x.sum(1) > 2.5
assert LogisticRegression().fit(x, y).score(x, y) > 0.8
HistGradientBoostingClassifier(max_iter=5).fit(x, y)
plt.plot([1, 2, 3]); plt.title("ünïcode $x^2$"); plt.savefig("figure.png")
with tempfile.TemporaryDirectory() as folder:
    open(folder + "/a", "w").write("a")
open("own.txt", "w").write("mine")
done = subprocess.run([sys.executable, "-c", "import course; print(6 * 7)"], capture_output=True, text=True)
assert done.stdout == "42\\n", done
child = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(60)"])
child.terminate()
assert child.wait(5) == -15
assert open("reference/stored.txt").read() == "stored"
import multiprocessing
with multiprocessing.get_context("fork").Pool(2) as pool:
    assert pool.map(abs, [-1, -2]) == [1, 2]
print("all well", os.path.getsize("figure.png") > 3000)
'''
