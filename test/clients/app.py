#!/usr/bin/env python3
"""A phone app's side of the LAN wire, for tests: discovery, provisioning, login, ping, read and write.

Needs Python 3.9 and the package `cryptography` (Debian: python3-cryptography). One JSON object a line on standard
output; exit status 0 on success, 1 when the device answers otherwise, 2 for wrong usage.
"""

import argparse
import base64
import hashlib
import json
import socket
import sys
import time

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from wire import FrameReader, Raw, WireError, decode_ttlv, encode_frame, encode_ttlv

PORT_UDP, PORT_TCP = 6606, 6607
READ, READ_ANSWER, WRITE, REPORT = 0x0011, 0x0012, 0x0013, 0x0014
PROVISION, PROVISION_ANSWER, SCAN, SCAN_ANSWER, IN_CLOUD = 0x7010, 0x7011, 0x7012, 0x7013, 0x7014
DISCOVER, DISCOVER_ANSWER = 0x7030, 0x7031
RANDOM, RANDOM_ANSWER, LOGIN, LOGIN_ANSWER = 0x7032, 0x7033, 0x7034, 0x7035
WRITE_ANSWER, PING, PONG, HEARTBEAT = 0x7036, 0x7037, 0x7038, 0x7039
CLEAR = (RANDOM, RANDOM_ANSWER, LOGIN, LOGIN_ANSWER)


class Refused(Exception):
    """The device answers otherwise than an app needs it to."""


def discover(host, seconds):
    """Asks once a second; the first good answer as a dict."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind(("127.0.0.1", 0))
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            udp.sendto(encode_frame(1000, DISCOVER), (host, PORT_UDP))
            udp.settimeout(min(1, max(0.05, end - time.monotonic())))
            try:
                piece, sender = udp.recvfrom(2048)
            except (TimeoutError, socket.timeout, ConnectionRefusedError):
                continue
            for package_id, command, data in FrameReader().push(piece):
                values = decode_ttlv(data)
                if command == DISCOVER_ANSWER and values.get(5) and values.get(6):
                    keys = {3: "pk", 4: "dk", 5: "ip", 6: "port", 7: "version"}
                    return {**{name: values.get(key) for key, name in keys.items()}, "id": package_id, "from": sender[0]}
    raise Refused(f"no device answers discovery at {host}")


class Session:
    """One connection to a device."""

    def __init__(self, host, port=PORT_TCP, patience=10):
        self.socket = socket.create_connection((host, port), timeout=5)
        self.socket.settimeout(0.2)
        self.patience = patience
        self.reader = FrameReader()
        self.frames = []
        self.cipher = None
        self.package_id = 1000
        self.pings = 0

    def close(self):
        self.socket.close()

    def send(self, command, data=b""):
        """Sends a frame under the next package id, sealed once the session is logged in. Returns the id."""
        self.package_id = self.package_id % 65534 + 1
        self._write(self.package_id, command, data)
        return self.package_id

    def _write(self, package_id, command, data):
        if self.cipher and data and command not in CLEAR:
            padder, encryptor = PKCS7(128).padder(), self.cipher.encryptor()
            data = encryptor.update(padder.update(data) + padder.finalize()) + encryptor.finalize()
        self.socket.sendall(encode_frame(package_id, command, data))

    def _open(self, command, data):
        if not self.cipher or not data or command in CLEAR:
            return data
        if len(data) % 16:
            raise WireError("a sealed frame that is no multiple of 16")
        unpadder, decryptor = PKCS7(128).unpadder(), self.cipher.decryptor()
        plain = decryptor.update(data) + decryptor.finalize()
        return unpadder.update(plain) + unpadder.finalize()

    def next(self, wanted, seconds=None):
        """The next frame with one of these commands; pings of the device are answered meanwhile."""
        end = time.monotonic() + (seconds or self.patience)
        while True:
            while self.frames:
                package_id, command, data = self.frames.pop(0)
                data = self._open(command, data)
                if command == PING:
                    self.pings += 1
                    self._write(package_id, PONG, b"")
                if command in wanted:
                    return package_id, command, data
            if time.monotonic() > end:
                raise Refused("no answer to " + ", ".join(f"{one:04X}" for one in wanted))
            try:
                piece = self.socket.recv(4096)
            except (TimeoutError, socket.timeout):
                continue
            if not piece:
                raise Refused("the device has closed the connection")
            self.frames += self.reader.push(piece)

    def ask(self, command, data, wanted, seconds=None):
        """Sends a request; the values of its answer, whose package id must be the request's."""
        asked = self.send(command, data)
        package_id, _, answer = self.next((wanted,), seconds)
        if package_id != asked:
            raise Refused(f"{wanted:04X} has package id {package_id}, not {asked}")
        return decode_ttlv(answer)

    def login(self, auth_key):
        random = self.ask(RANDOM, b"", RANDOM_ANSWER).get(1)
        if not isinstance(random, str) or len(random) != 16 or not all(" " < one <= "~" for one in random):
            raise Refused("7033 has no random of 16 printable characters")
        digest = hashlib.sha256(f"{auth_key.hex()};{random}".encode()).hexdigest()
        result = self.ask(LOGIN, encode_ttlv([(2, digest)]), LOGIN_ANSWER).get(3)
        if result == 0:
            self.cipher = Cipher(algorithms.AES(auth_key), modes.CBC(random.encode()))
        return result

    def provision(self, ssid, password, server):
        nodes = [(1, ssid), (2, password), (11, 120)]
        if server:
            nodes.append((13, server))
        nodes.append((12, 255))
        return self.ask(PROVISION, encode_ttlv(nodes), PROVISION_ANSWER)

    def write(self, nodes):
        result = self.ask(WRITE, encode_ttlv(nodes), WRITE_ANSWER)
        return result.get(1)

    def read(self, ids):
        self.send(READ, b"".join(one.to_bytes(2, "big") for one in ids))
        package_id, command, data = self.next((REPORT, READ_ANSWER))
        return {"command": f"{command:04X}", "id": package_id, "values": decode_ttlv(data)}


def plain(value):
    """What JSON can hold."""
    if isinstance(value, Raw):
        return {"hex": value.hex()}
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, list) else value


def tell(event, **fields):
    print(json.dumps({"event": event, **{key: plain(value) for key, value in fields.items()}}), flush=True)


def run_provision(options):
    session = Session(options.host)
    try:
        if options.scan:
            tell("scan", names=session.ask(SCAN, b"", SCAN_ANSWER).get(51, []))
        answer = session.provision(options.ssid, options.password, options.server)
        tell("provision", values=answer)
        if not answer.get(9):
            raise Refused("7011 has no bindingCode")
        if options.wait:
            package_id, _, data = session.next((IN_CLOUD,), options.wait)
            tell("in-cloud", id=package_id, values=decode_ttlv(data))
    finally:
        session.close()


def run_login(options):
    key = base64.b64decode(options.auth_key, validate=True)
    if len(key) != 16:
        raise Refused("the authKey is not 16 bytes")
    session = Session(options.host)
    try:
        result = session.login(key)
        tell("login", result=result)
        if result != 0:
            raise Refused(f"7035 says {result}")
        session.send(HEARTBEAT, encode_ttlv([(1, 30), (2, 1)]))
        session.ask(PING, b"", PONG)
        tell("pong")
        if options.write is not None:
            nodes = [(int(key), value) for key, value in json.loads(options.write).items()]
            tell("write", result=session.write(nodes))
        if options.read is not None:
            tell("read", **session.read([int(one) for one in options.read.split(",") if one]))
        end = time.monotonic() + options.stay
        while time.monotonic() < end:
            try:
                package_id, command, data = session.next((REPORT,), end - time.monotonic())
                tell("report", id=package_id, values=decode_ttlv(data))
            except Refused as reason:
                if "closed" in str(reason):
                    raise
        tell("end", pings=session.pings)
    finally:
        session.close()


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("discover", "provision", "login"):
        command = commands.add_parser(name)
        command.add_argument("--host", required=True)
        if name == "discover":
            command.add_argument("--seconds", type=float, default=5)
        if name == "provision":
            command.add_argument("--ssid", required=True)
            command.add_argument("--password", default="")
            command.add_argument("--server", default="")
            command.add_argument("--scan", action="store_true")
            command.add_argument("--wait", type=float, default=0, help="seconds to wait for 7014")
        if name == "login":
            command.add_argument("--auth-key", required=True, help="base64 of 16 bytes")
            command.add_argument("--read", help="ids, with commas; empty for all")
            command.add_argument("--write", help='a JSON object, {"1": true}')
            command.add_argument("--stay", type=float, default=0, help="seconds to stay and hear reports")
    return parser.parse_args()


def main():
    options = parse()
    try:
        if options.command == "discover":
            tell("device", **discover(options.host, options.seconds))
        elif options.command == "provision":
            run_provision(options)
        else:
            run_login(options)
    except (Refused, WireError, OSError, ValueError) as reason:
        print(f"{options.command}: {reason}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
