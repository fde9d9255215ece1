#!/usr/bin/env python3
"""Makes frames and TTLV with odd values from a seed, one JSON object a line: python3 rows.py SEED COUNT"""

import json
import random
import sys

from wire import Raw, encode_frame, encode_ttlv

LENGTHS = (0, 1, 2, 15, 16, 17, 160, 165, 166, 170, 255, 256, 257, 1000)
IDS = (1, 2, 31, 32, 255, 256, 4096, 8190, 8191)
NUMBERS = (0, 1, 127, 128, 255, 256, 65535, 65536, 2**31 - 1, 2**31, 2**32, 2**53 - 1, 0.1, 0.47, 99.99, 1234.5678)
COMMANDS = (0x0001, 0x0011, 0x0024, 0x00AA, 0x55AA, 0xAA55, 0xAAAA, 0x7010, 0xFFFE)
PACKAGE_IDS = (1, 0x55, 0xAA, 0x55AA, 0xAA55, 0xAAAA, 1000, 65533, 65534)


def content(source):
    """Bytes that are all there are, or those that stuffing is about."""
    alphabet = source.choice((bytes(range(256)), b"\xaa\x55", b"\xaa\x55\x00", b"\xaa"))
    return bytes(source.choice(alphabet) for _ in range(source.choice(LENGTHS)))


def value(source, depth=0):
    kind = source.randrange(6 if depth < 5 else 4)
    if kind == 0:
        return source.random() < 0.5
    if kind == 1:
        return source.choice(NUMBERS) * source.choice((1, -1))
    if kind == 2:
        return content(source)[:256].decode("latin1")
    if kind == 3:
        return Raw(content(source)[:256])
    children = [value(source, depth + 1) for _ in range(source.randrange(4))]
    return children if kind == 4 else dict(zip(source.sample(IDS, len(children)), children))


def plain(one):
    """What JSON holds: bytes and text as hexadecimal digits, children as pairs."""
    if isinstance(one, Raw):
        return {"bytes": one.hex()}
    if isinstance(one, str):
        return {"text": one.encode().hex()}
    if isinstance(one, dict):
        return [[key, plain(child)] for key, child in one.items()]
    return [[0, plain(child)] for child in one] if isinstance(one, list) else one


def main():
    source = random.Random(int(sys.argv[1]))
    for _ in range(int(sys.argv[2])):
        package_id, command, data = source.choice(PACKAGE_IDS), source.choice(COMMANDS), content(source)
        nodes = [(source.choice(IDS), value(source)) for _ in range(source.randrange(1, 4))]
        frame = encode_frame(package_id, command, data)
        ttlv = encode_ttlv(nodes)
        told = [[key, plain(one)] for key, one in nodes]
        made = {"id": package_id, "cmd": command, "data": data.hex(), "frame": frame.hex()}
        print(json.dumps({**made, "nodes": told, "ttlv": ttlv.hex()}))


if __name__ == "__main__":
    main()
