"""One contract for running strangers' code, three ways to keep it (Linux).

contract.py says what is promised, detect.py which level this machine can give and why not more;
namespaces.py and landlock.py shut in a forked child, bubblewrap.py a new process; seccomp.py and
linux.py are the system calls they share.
"""
