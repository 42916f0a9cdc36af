"""MQTT as bytes: the sequences of other brokers' tests, played over a socket.

The form of a sequence is in ../shared/conformance/mqtt/README.md beside the repository.
"""

import json
import pathlib
import socket
import time

STEP_SECONDS = 5


def folder():
    """The folder of sequences beside the repository, or beside one of the folders that it lies in; or None."""
    for here in pathlib.Path(__file__).resolve().parents:
        found = here / "shared" / "conformance" / "mqtt"
        if found.is_dir():
            return found
    return None


def sequences(path):
    """(group, sequence) of every sequence of a file that is to be played."""
    for group in json.loads(path.read_text()):
        if group.get("disable"):
            continue
        for sequence in group["tests"]:
            yield group["group"], sequence


def text(value):
    encoded = value.encode()
    return len(encoded).to_bytes(2, "big") + encoded


def packet(first, body):
    length, size = b"", len(body)
    while True:
        size, digit = divmod(size, 128)
        length += bytes([digit | (0x80 if size else 0)])
        if not size:
            return bytes([first]) + length + body


def connect(version, client):
    name = "MQIsdp" if version == 3 else "MQTT"
    properties = b"\0" if version == 5 else b""
    return packet(0x10, text(name) + bytes([version, 2, 0, 60]) + properties + text(client))


def publish(topic, payload, qos):
    identifier = b"\0\1" if qos else b""
    return packet(0x30 | qos << 1, text(topic) + identifier + payload)


class Connection:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=STEP_SECONDS)
        self.kept = b""
        self.ended = False

    def send(self, data):
        try:
            self.socket.sendall(data)
        except OSError:
            self.ended = True

    def more(self):
        """Waits for bytes, or the end."""
        try:
            got = self.socket.recv(65536)
        except TimeoutError:
            return False
        except OSError:
            got = b""
        if not got:
            self.ended = True
        self.kept += got
        return bool(got)

    def take(self, count):
        while len(self.kept) < count and not self.ended and self.more():
            pass
        taken, self.kept = self.kept[:count], self.kept[count:]
        return taken

    def take_packet(self):
        """The next packet, or what came of it before the end; a peer that says nothing is a TimeoutError."""
        head = self.take_or_raise(2)
        while len(head) > 1 and head[-1] & 0x80 and not self.ended:
            head += self.take_or_raise(1)
        size = sum((byte & 0x7F) << 7 * place for place, byte in enumerate(head[1:]))
        return head + self.take_or_raise(size)

    def take_or_raise(self, count):
        taken = self.take(count)
        if len(taken) < count and not self.ended:
            raise TimeoutError(f"{len(taken)} of {count} bytes came in {self.socket.gettimeout()} s")
        return taken

    def closes(self):
        """The peer ends the connection; what it says first, a DISCONNECT, may stand before the end."""
        until = time.monotonic() + STEP_SECONDS
        while not self.ended and time.monotonic() < until:
            self.more()
        said = self.kept
        return self.ended and (said == b"" or said[0] == 0xE0)

    def answers_ping(self):
        self.send(b"\xc0\0")
        return self.take(2) == b"\xd0\0" and self.kept == b""

    def close(self):
        self.socket.close()


def without_packet_size(connack):
    """A CONNACK of version 5 without the property Maximum Packet Size at its end, which a server may announce: the
    broker that the sequences come from does not."""
    if len(connack) < 10 or connack[-5] != 0x27:
        return connack
    properties = connack[5:-5]
    return packet(0x20, connack[2:4] + bytes([len(properties)]) + properties)


def play(port, sequence):
    """What was wrong; empty when nothing was."""
    version = sequence.get("ver", 4)
    connection = Connection(port)
    try:
        if sequence.get("connect", True):
            connection.send(connect(version, sequence["name"][:23]))
            connack = connection.take_packet()
            if connack[:1] != b"\x20" or connack[3:4] != b"\0":
                return f"not let in: {connack.hex()}"
        for message in sequence["msgs"]:
            if message["type"] == "send":
                connection.send(bytes.fromhex(message["payload"].replace(" ", "")))
            elif message["type"] == "recv":
                wanted = bytes.fromhex(message["payload"].replace(" ", ""))
                is_connack = wanted[:1] == b"\x20" and len(wanted) > 4
                got = without_packet_size(connection.take_packet()) if is_connack else connection.take(len(wanted))
                if got != wanted:
                    return f"got {got.hex()}, wanted {wanted.hex()}"
            elif message["type"] == "publish":
                other = Connection(port)
                other.send(connect(4, "publisher"))
                other.take_packet()
                other.send(publish(message["topic"], message.get("payload", "").encode(), message.get("qos", 0)))
                other.close()
            else:
                return f"cannot be judged: {message['type']}"
        if sequence.get("expect_disconnect", True):
            return "" if connection.closes() else f"still open, or said {connection.kept.hex()}"
        return "" if connection.answers_ping() else f"no answer to PINGREQ: {connection.kept.hex()}"
    except TimeoutError as silence:
        return str(silence)
    finally:
        connection.close()
