"""Refuse every connection that would leave the machine, in any Python started with this folder
on PYTHONPATH. Each attempt is also noted in the file named by COURSE_GUARD_LOG, so that a test
sees it even when the program swallows the error. Loopback and Unix sockets stay open.
"""

import errno
import ipaddress
import os
import socket

_CALLS = ("connect", "connect_ex", "sendto", "sendmsg")  # Windows has no sendmsg
_LOOKUPS = ("getaddrinfo", "gethostbyname", "gethostbyname_ex")
_real = {name: getattr(socket.socket, name) for name in _CALLS if hasattr(socket.socket, name)}


def _local(host) -> bool:
    if host in (None, "", b"", "localhost", b"localhost", socket.gethostname()):
        return True
    try:
        text = host.decode() if isinstance(host, bytes) else str(host)
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _refuse(host):
    log = os.environ.get("COURSE_GUARD_LOG")
    if log:
        with open(log, "a", encoding="utf-8") as file:
            file.write(f"{host}\n")
    raise OSError(errno.ENETUNREACH, f"the course works offline: a connection to {host} was refused")


def _guard(name):
    def call(self, *arguments):
        target = arguments[-1]
        if self.family in (socket.AF_INET, socket.AF_INET6) and isinstance(target, tuple):
            if not _local(target[0]):
                _refuse(target[0])
        return _real[name](self, *arguments)
    return call


def _lookup(real):
    def look_up(host, *arguments, **options):
        if not _local(host):
            _refuse(host)
        return real(host, *arguments, **options)
    return look_up


for _name in _real:
    setattr(socket.socket, _name, _guard(_name))
for _name in _LOOKUPS:
    setattr(socket, _name, _lookup(getattr(socket, _name)))
