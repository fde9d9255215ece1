#!/usr/bin/env python3
"""Checks this codec against vectors that other clients made: python3 vectors.py < ../vectors/wire.json"""

import base64
import hashlib
import json
import sys

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from wire import FrameReader, WireError, decode_ttlv, encode_frame


def check_frame(row):
    data = bytes.fromhex(row.get("data", ""))
    assert encode_frame(row["packageId"], int(row["cmd"], 16), data).hex() == row["frame"]


def check_stream(row):
    reader, frames = FrameReader(), []
    for chunk in row["chunks"]:
        frames += [[one, f"{command:04X}", data.hex()] for one, command, data in reader.push(bytes.fromhex(chunk))]
    wanted = [[one, command.upper(), data] for one, command, data in row["frames"]]
    assert frames == wanted, frames


def check_token(row):
    key = base64.b64decode(row["authKey"])
    assert hashlib.sha256(f"{key.hex()};{row['random']}".encode()).hexdigest() == row["token"]


def check_sealed(row):
    padder = PKCS7(128).padder()
    plain = padder.update(bytes.fromhex(row["plain"])) + padder.finalize()
    seal = Cipher(algorithms.AES(base64.b64decode(row["authKey"])), modes.CBC(row["random"].encode())).encryptor()
    assert (seal.update(plain) + seal.finalize()).hex() == row["data"]


def check_refused(row):
    try:
        decode_ttlv(bytes.fromhex(row["data"]))
    except WireError:
        return
    raise AssertionError("not refused")


CHECKS = {
    ("frame", "expect"): check_frame,
    ("stuffing", "expect"): check_frame,
    ("stream", "expect"): check_stream,
    ("token", "expect"): check_token,
    ("encrypted", "expect"): check_sealed,
    ("ttlv-decode", "refuse"): check_refused,
}


def main():
    passed = failed = 0
    for row in json.load(sys.stdin)["rows"]:
        check = CHECKS.get((row["group"], row["use"]))
        if not check or check is check_sealed and not row.get("plain"):
            continue
        try:
            check(row)
            passed += 1
        except Exception as reason:  # Every kind of failure is one of the row's.
            failed += 1
            print(f"{row['id']} ({row['what']}): {type(reason).__name__} {reason}", file=sys.stderr)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
