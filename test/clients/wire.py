"""Frames and TTLV of the LAN wire: a second implementation, in Python, that shares no code with the project.

A frame: AA AA, length (2), checksum (1), package id (2), command (2), data. The length counts from the checksum to the
end of the data. Behind the header a 55 follows each AA that comes before an AA or a 55. Numbers are big-endian.
"""

import struct


class WireError(Exception):
    """Bytes that are no frame or no TTLV."""


class Raw(bytes):
    """A TTLV value of type 5: bytes, kept apart from text."""


def encode_frame(package_id, command, data=b""):
    body = struct.pack(">HH", package_id, command) + data
    plain = struct.pack(">HB", len(body) + 1, sum(body) & 0xFF) + body
    out = bytearray(b"\xaa\xaa")
    for i, byte in enumerate(plain):
        out.append(byte)
        if byte == 0xAA and plain[i + 1 : i + 2] in (b"\xaa", b"\x55"):
            out.append(0x55)
    return bytes(out)


class FrameReader:
    """Takes the bytes of a stream in any pieces; gives whole frames as (package id, command, data)."""

    def __init__(self):
        self.pending = b""

    def push(self, piece):
        self.pending += piece
        frames = []
        while True:
            start = self.pending.find(b"\xaa\xaa")
            if start < 0:
                self.pending = self.pending[-1:]
                return frames
            self.pending = self.pending[start:]
            found = self._take()
            if found is None:
                return frames
            if found:
                frames.append(found)

    def _take(self):
        """A frame; () for one that is broken and dropped; None when more bytes are needed."""
        plain = bytearray()
        at, need = 2, 2
        while at < len(self.pending):
            byte = self.pending[at]
            at += 1
            if byte == 0x55 and self.pending[at - 2] == 0xAA and at > 3:
                continue
            plain.append(byte)
            if len(plain) == 2:
                need = 2 + struct.unpack(">H", plain)[0]
            if len(plain) == need and need > 2:
                break
        if len(plain) < max(need, 3):
            return None
        # A 55 behind a last AA belongs to this frame.
        if plain[-1] == 0xAA and self.pending[at : at + 1] == b"\x55":
            at += 1
        self.pending = self.pending[at:]
        body = bytes(plain[3:])
        if need < 7 or sum(body) & 0xFF != plain[2]:
            return ()
        package_id, command = struct.unpack(">HH", body[:4])
        return package_id, command, body[4:]


def _number(value):
    exponent = 0
    if isinstance(value, float):
        text = repr(value)
        whole, _, part = text.partition(".")
        exponent, value = len(part), int(whole + part)
    magnitude = abs(value).to_bytes(max(1, (abs(value).bit_length() + 7) // 8), "big")
    flag = (0x80 if value < 0 else 0) | exponent << 3 | len(magnitude) - 1
    return bytes([flag]) + magnitude


def encode_ttlv(nodes):
    """nodes: a list of (id, value); a value is a bool, int, float, str, Raw, a dict (struct) or a list (array)."""
    out = b""
    for key, value in nodes:
        if isinstance(value, bool):
            out += struct.pack(">H", key << 3 | int(value))
        elif isinstance(value, (int, float)):
            out += struct.pack(">H", key << 3 | 2) + _number(value)
        elif isinstance(value, (str, Raw)):
            content = value if isinstance(value, Raw) else value.encode()
            kind = 5 if isinstance(value, Raw) else 3
            out += struct.pack(">HH", key << 3 | kind, len(content)) + content
        else:
            children = list(value.items()) if isinstance(value, dict) else [(0, one) for one in value]
            out += struct.pack(">HH", key << 3 | 4, len(children)) + encode_ttlv(children)
    return out


def _take(data, at, count):
    if at + count > len(data):
        raise WireError("TTLV ends too early")
    return data[at : at + count], at + count


def _decode_one(data, at):
    tag, at = _take(data, at, 2)
    tag = struct.unpack(">H", tag)[0]
    key, kind = tag >> 3, tag & 7
    if kind < 2:
        return (key, kind == 1), at
    if kind == 2:
        flag, at = _take(data, at, 1)
        magnitude, at = _take(data, at, (flag[0] & 7) + 1)
        value = int.from_bytes(magnitude, "big") * (-1 if flag[0] & 0x80 else 1)
        exponent = flag[0] >> 3 & 15
        return (key, value / 10**exponent if exponent else value), at
    if kind > 5:
        raise WireError(f"TTLV type {kind}")
    count, at = _take(data, at, 2)
    count = struct.unpack(">H", count)[0]
    if kind != 4:
        content, at = _take(data, at, count)
        return (key, Raw(content) if kind == 5 else content.decode("utf-8", "surrogateescape")), at
    children = []
    for _ in range(count):
        child, at = _decode_one(data, at)
        children.append(child)
    is_array = bool(children) and all(child[0] == 0 for child in children)
    return (key, [child[1] for child in children] if is_array else dict(children)), at


def decode_ttlv(data):
    """All values by id. An id that comes twice keeps its first value."""
    at, values = 0, {}
    while at < len(data):
        (key, value), at = _decode_one(data, at)
        values.setdefault(key, value)
    return values
