"""Messages between session and runner: the codec's frames over a socket pair, and one file descriptor."""

import socket
import time

from grader.judge.codec import Blobs, CodecError, pack, reader, unpack


class Silent(Exception):
    """The other side did not answer in time, hung up, or sent what is not a frame."""


def send(sock, message: dict, descriptor: int | None = None) -> None:
    """Send a message (JSON values only), with an open file descriptor behind it."""
    try:
        sock.sendall(pack(message, Blobs()))
        if descriptor is not None:
            socket.send_fds(sock, [b"."], [descriptor])
    except OSError as error:
        raise Silent(str(error)) from None


def receive(sock, seconds: float | None = None) -> dict:
    """The next message, within `seconds`; Silent otherwise."""
    deadline = None if seconds is None else time.monotonic() + seconds

    class Timed:
        def recv(self, count):
            if deadline is not None:
                sock.settimeout(max(deadline - time.monotonic(), 0.001))
            return sock.recv(count)

    try:
        message, _ = unpack(reader(Timed()))
    except (OSError, EOFError, CodecError, MemoryError) as error:
        raise Silent(f"{type(error).__name__}: {error}") from None
    finally:
        if deadline is not None:
            sock.settimeout(None)
    if not isinstance(message, dict):
        raise Silent("not a message")
    return message


def receive_descriptor(sock) -> socket.socket:
    """The socket whose descriptor follows the last message."""
    _, descriptors, _, _ = socket.recv_fds(sock, 1, 1)
    return socket.socket(fileno=descriptors[0])
