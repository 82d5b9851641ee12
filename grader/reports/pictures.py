"""Pictures of a submission: only PNG, checked to the last byte and packed anew, or dropped.

A chunk that is not needed to show the picture (text, time, profiles, anything after the end) is
left out; the pixels are unpacked within bounds and compressed again.
"""

import base64
import binascii
import struct
import zlib

MARK = b"\x89PNG\r\n\x1a\n"
PIXELS = 8_000_000
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # colour type -> samples a pixel
DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
KEPT = (b"PLTE", b"tRNS")


def clean(encoded: str) -> str | None:
    """A base64 PNG made anew from the pixels of another; None for anything odd."""
    try:
        data = base64.b64decode(encoded, validate=False)
        return base64.b64encode(_again(data)).decode()
    except (ValueError, struct.error, zlib.error, binascii.Error, KeyError):
        return None


def _again(data: bytes) -> bytes:
    if not data.startswith(MARK):
        raise ValueError("not a PNG")
    head, kept, packed = b"", [], []
    for kind, body in _chunks(data):
        if kind == b"IHDR" and not head:
            head = body
        elif kind in KEPT and head and len(body) <= 768:
            kept.append((kind, body))
        elif kind == b"IDAT":
            packed.append(body)
    rows, wide = _shape(head)
    unpack = zlib.decompressobj()
    pixels = unpack.decompress(b"".join(packed), rows * wide + 1)
    if len(pixels) != rows * wide or any(pixels[i] > 4 for i in range(0, len(pixels), wide)):
        raise ValueError("the pixels do not fit the header")
    made = [(b"IHDR", head), *kept, (b"IDAT", zlib.compress(pixels, 6)), (b"IEND", b"")]
    return MARK + b"".join(_chunk(*one) for one in made)


def _shape(head: bytes) -> tuple[int, int]:
    """(rows, bytes a row with its filter byte); ValueError for what is not allowed here."""
    width, height, depth, colour, packing, filtering, lacing = struct.unpack(">IIBBBBB", head)
    if not 0 < width * height <= PIXELS or depth not in DEPTHS[colour]:
        raise ValueError("odd size or colours")
    if packing or filtering or lacing:
        raise ValueError("interlaced or packed in another way")
    return height, 1 + (width * depth * CHANNELS[colour] + 7) // 8


def _chunks(data: bytes):
    at = len(MARK)
    while at + 12 <= len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + size]
        (told,) = struct.unpack(">I", data[at + 8 + size:at + 12 + size])
        if len(body) != size or told != zlib.crc32(kind + body):
            raise ValueError("damaged")
        yield kind, body
        if kind == b"IEND":
            return
        at += 12 + size
    raise ValueError("it has no end")


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body), kind) + body + struct.pack(">I", zlib.crc32(kind + body))
