#!/usr/bin/env python3
"""Restart of a broker that has much to remember: retained messages, and sessions with queued messages of QoS 2.

    bench/mqtt_restart/run.py [--retained 100000] [--sessions 10000] [--queued 5] [--json OUT]

One node is given all of that over MQTT 3.1.1 and killed (kill -9), then stopped as an operator would stop it. After each it is
started again: the time until it is ready, its processor time and resident memory then, and the time until a client is let in.
At the end every retained message is read, and every session is taken up again and reads its queue: nothing may be missing, and
nothing may come twice.
"""

import argparse
import json
import pathlib
import shutil
import socket
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench" / "measuring"))

import machine  # noqa: E402
import processes  # noqa: E402

WINDOW = 20  # messages that a broker takes at once from a client
SENDERS = 50
SESSIONS_AT_ONCE = 250


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--retained", type=int, default=100_000)
    parser.add_argument("--sessions", type=int, default=10_000)
    parser.add_argument("--queued", type=int, default=5, help="messages for each session")
    parser.add_argument("--keel", default=str(ROOT / "build" / "release" / "bin" / "keel"))
    parser.add_argument("--directory", default=str(ROOT / "build"), help="on the disk that is measured")
    parser.add_argument("--json", metavar="OUT", help="keep the result here")
    return parser.parse_args()


def text(value):
    return len(value).to_bytes(2, "big") + value.encode()


def packet(first, body):
    length, size = b"", len(body)
    while True:
        size, digit = divmod(size, 128)
        length += bytes([digit | (0x80 if size else 0)])
        if not size:
            return bytes([first]) + length + body


class Client:
    def __init__(self, place, name, clean):
        self.socket = socket.create_connection(("127.0.0.1", place.port), timeout=60)
        self.kept = bytearray()
        flags = 0xC0 | (2 if clean else 0)
        body = text("MQTT") + bytes([4, flags, 0, 0]) + text(name) + text("keel") + text(place.password)
        self.socket.sendall(packet(0x10, body))

    def send(self, data):
        self.socket.sendall(data)

    def take(self):
        """The next packet: its first byte, and its body."""
        while True:
            size, at = 0, 1
            while at < len(self.kept):
                size |= (self.kept[at] & 0x7F) << 7 * (at - 1)
                at += 1
                if not self.kept[at - 1] & 0x80:
                    if len(self.kept) >= at + size:
                        first, body = self.kept[0], bytes(self.kept[at:at + size])
                        del self.kept[:at + size]
                        return first, body
                    break
            got = self.socket.recv(1 << 16)
            if not got:
                raise RuntimeError("the broker ended the connection")
            self.kept += got

    def expect(self, first):
        kind, body = self.take()
        if kind != first:
            raise RuntimeError(f"expected a packet {first:#x}, got {kind:#x} {body.hex()}")
        return body

    def let_in(self):
        """Whether its session was there."""
        flags, code = self.expect(0x20)
        if code:
            raise RuntimeError(f"not let in: {code}")
        return bool(flags & 1)

    def leave(self):
        self.send(b"\xe0\0")
        self.socket.close()


class Place:
    """A node over one data directory."""

    def __init__(self, keel, directory):
        self.directory = pathlib.Path(directory)
        self.ready = self.directory / "ready"
        self.words = [keel, "serve", f"--ready-file={self.ready}", "--set", f"data_directory={directory}/data", "--set", "http.port=0",
                      "--set", "mqtt.enabled=true", "--set", "mqtt.port=0"]
        self.server = None
        self.port = None
        self.password = None

    def start(self):
        self.ready.unlink(missing_ok=True)
        began = time.monotonic()
        self.server = processes.Server(self.words, self.directory / "log")
        self.server.wait_until(lambda: self.ready.exists() and self.ready.read_text().endswith("\n"), seconds=900)
        took = time.monotonic() - began
        cpu = self.server.cpu_seconds()
        urls = self.ready.read_text().split()
        self.port = next(int(url.rsplit(":", 1)[1]) for url in urls if url.startswith("mqtt:"))
        self.password = (self.directory / "data" / "mqtt_password").read_text().strip()
        first = Client(self, "first", True)
        first.let_in()
        let_in = time.monotonic() - began
        first.leave()
        return {"ready_s": took, "cpu_s": cpu, "first_client_s": let_in, "resident_bytes": processes.resident_bytes(self.server.pid)}

    def kill(self):
        if self.server is not None and self.server.process.poll() is None:
            self.server.process.kill()
            self.server.process.wait()


def in_groups(count, size):
    for begin in range(0, count, size):
        yield range(begin, min(begin + size, count))


def make_sessions(place, count):
    for group in in_groups(count, SESSIONS_AT_ONCE):
        clients = [Client(place, f"session-{number}", False) for number in group]
        for number, client in zip(group, clients):
            client.let_in()
            client.send(packet(0x82, b"\0\1" + text(f"queue/{number}") + b"\2"))
        for client in clients:
            client.expect(0x90)
            client.leave()


def publish(place, messages, qos, retain):
    """(topic, payload) of all, through some clients at once, a window each at a time."""
    clients = [Client(place, f"sender-{number}", True) for number in range(SENDERS)]
    for client in clients:
        client.let_in()
    first = 0x30 | qos << 1 | (1 if retain else 0)
    for turn in in_groups(len(messages), SENDERS * WINDOW):
        shares = [turn[number::SENDERS] for number in range(SENDERS)]
        for client, share in zip(clients, shares):
            client.send(b"".join(packet(first, text(messages[at][0]) + (place_in + 1).to_bytes(2, "big") + messages[at][1].encode())
                                 for place_in, at in enumerate(share)))
        for client, share in zip(clients, shares):
            answers = [client.expect(0x40 if qos == 1 else 0x50) for _ in share]
            if qos == 2:
                client.send(b"".join(packet(0x62, answer[:2]) for answer in answers))
        if qos == 2:
            for client, share in zip(clients, shares):
                for _ in share:
                    client.expect(0x70)
    for client in clients:
        client.leave()


def read_retained(place, count):
    """What of the retained messages is missing or wrong."""
    client = Client(place, "reader", True)
    client.let_in()
    client.send(packet(0x82, b"\0\1" + text("retained/#") + b"\0"))
    client.expect(0x90)
    found = {}
    for _ in range(count):
        first, body = client.take()
        size = int.from_bytes(body[:2], "big")
        assert first & 0xF1 == 0x31, first
        found[body[2:2 + size].decode()] = body[2 + size:].decode()
    client.leave()
    return count - sum(found.get(f"retained/{number}") == f"value {number}" for number in range(count))


def read_queues(place, count, queued):
    """(missing, came twice) over the queues of all sessions, each read to its end by the handshake of QoS 2."""
    missing = twice = 0
    for group in in_groups(count, SESSIONS_AT_ONCE):
        clients = [Client(place, f"session-{number}", False) for number in group]
        # Step by step for all of them: what a delivery has come to is noted with the next batch, or after 100 ms.
        present = [(number, client) for number, client in zip(group, clients) if client.let_in()]
        missing += (len(clients) - len(present)) * queued
        heard = {number: [] for number, _ in present}
        answers = {number: [] for number, _ in present}
        for number, client in present:
            for _ in range(queued):
                first, body = client.take()
                assert first & 0xF6 == 0x34, first
                size = int.from_bytes(body[:2], "big")
                heard[number].append(body[4 + size:].decode())
                answers[number].append(packet(0x50, body[2 + size:4 + size]))
        for number, client in present:
            client.send(b"".join(answers[number]))
        for _, client in present:
            client.send(b"".join(packet(0x70, client.expect(0x62)) for _ in range(queued)))
        # Whatever else waits would come before the answer to a ping.
        for _, client in present:
            client.send(b"\xc0\0")
        for number, client in present:
            kind, _ = client.take()
            twice += kind != 0xD0
            wanted = {f"{number}/{place_in}" for place_in in range(queued)}
            missing += len(wanted - set(heard[number]))
            twice += len(heard[number]) - len(set(heard[number]))
        for client in clients:
            client.leave()
    return missing, twice


def main():
    options = arguments()
    directory = tempfile.mkdtemp(prefix="mqtt-restart-", dir=options.directory)
    place = Place(options.keel, directory)
    result = {"machine": machine.facts(options.directory), "retained": options.retained, "sessions": options.sessions, "queued": options.queued}
    try:
        result["empty"] = place.start()
        began = time.monotonic()
        make_sessions(place, options.sessions)
        publish(place, [(f"retained/{number}", f"value {number}") for number in range(options.retained)], 1, True)
        publish(place, [(f"queue/{number}", f"{number}/{place_in}") for place_in in range(options.queued)
                        for number in range(options.sessions)], 2, False)
        result["filled_s"] = time.monotonic() - began
        result["resident_when_full_bytes"] = processes.resident_bytes(place.server.pid)
        place.kill()
        result["after_kill"] = place.start()
        place.server.stop()
        result["after_stop"] = place.start()
        result["retained_missing"] = read_retained(place, options.retained)
        result["queued_missing"], result["queued_twice"] = read_queues(place, options.sessions, options.queued)
        place.server.stop()
    finally:
        place.kill()
        shutil.rmtree(directory, ignore_errors=True)
    print(json.dumps(result, indent=1))
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(result, indent=1) + "\n")
    return 1 if result["retained_missing"] or result["queued_missing"] or result["queued_twice"] else 0


if __name__ == "__main__":
    sys.exit(main())
