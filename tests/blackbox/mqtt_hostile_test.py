"""MQTT clients that are slow, silent, half there, or too many; while they are at it, an honest one goes on being served.

Each case prints what it cost: how many were cut and when, memory, the node's CPU, and the honest client's slowest round trip of
a message of QoS 1.
"""

import os
import socket
import threading
import time
import unittest

import mqtt_wire
from keel_process import Node

USERS = '[anonymous]\nallow = "everything"\nany_name = true\n'
LIMIT_SECONDS = 2
PATIENCE_SECONDS = 60  # of a loaded machine
# An honest client's slowest round trip: it goes on being served, however slowly; no measure of how fast.
SERVED_SECONDS = 10


def connect_packet(client, keep_alive=60):
    return mqtt_wire.packet(0x10, mqtt_wire.text("MQTT") + bytes([4, 2]) + keep_alive.to_bytes(2, "big") + mqtt_wire.text(client))


def subscribe_packet(name, qos):
    return mqtt_wire.packet(0x82, b"\0\1" + mqtt_wire.text(name) + bytes([qos]))


class Honest(threading.Thread):
    """Publishes to itself at QoS 1, one message after the other."""

    def __init__(self, node):
        super().__init__(daemon=True)
        self.connection = mqtt_wire.Connection(node.mqtt_port)
        self.connection.socket.settimeout(PATIENCE_SECONDS)
        self.connection.send(connect_packet("honest") + subscribe_packet("honest", 1))
        assert self.connection.take_packet()[:1] == b"\x20" and self.connection.take_packet()[:1] == b"\x90"
        self.over, self.slowest, self.rounds, self.wrong = threading.Event(), 0.0, 0, None
        self.start()

    def run(self):
        try:
            self.talk()
        except OSError as error:  # silence too
            self.wrong = str(error)

    def talk(self):
        while not self.over.wait(0.02):
            began = time.monotonic()
            self.connection.send(mqtt_wire.publish("honest", b"now", 1))
            came = sorted(self.connection.take_packet() for _ in range(2))
            if [packet[:1] for packet in came] != [b"\x32", b"\x40"]:
                self.wrong = came
                return
            identifier = came[0][10:12]  # behind the head and the topic
            self.connection.send(b"\x40\x02" + identifier)
            self.slowest = max(self.slowest, time.monotonic() - began)
            self.rounds += 1

    def end(self):
        """Whether it came to its end."""
        self.over.set()
        self.join(2 * PATIENCE_SECONDS)
        self.connection.close()
        return not self.is_alive()


def cpu_seconds(node):
    with open(f"/proc/{node.process.pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class MqttHostileTest(unittest.TestCase):
    def setUp(self):
        node = Node(mqtt__enabled="true", mqtt__port=0, mqtt__connect_timeout_ms=LIMIT_SECONDS * 1000,
                    mqtt__send_timeout_ms=LIMIT_SECONDS * 1000)
        (node.directory / "data").mkdir(parents=True)
        (node.directory / "data" / "mqtt_users.toml").write_text(USERS)
        self.node = node.__enter__()
        self.addCleanup(node.__exit__, None, None, None)
        self.honest = Honest(self.node)
        self.memory, self.cpu, self.began = self.node.resident_bytes(), cpu_seconds(self.node), time.monotonic()

    def open(self, count, first=b""):
        """So many connections that each say `first`."""
        made = []
        for _ in range(count):
            made.append(socket.create_connection(("127.0.0.1", self.node.mqtt_port), timeout=PATIENCE_SECONDS))
            self.addCleanup(made[-1].close)
            if first:
                made[-1].sendall(first)
        return made

    def ended(self, why):
        client = self.node.client()
        lines = client.get("/metrics").body.decode().splitlines()
        client.close()
        return next(int(line.rsplit(" ", 1)[1]) for line in lines
                    if line.startswith("keel_mqtt_connections_ended_total{") and f'why="{why}"' in line)

    def until_ended(self, why, count):
        until = time.monotonic() + PATIENCE_SECONDS
        while self.ended(why) < count:
            self.assertLess(time.monotonic(), until, f"{self.ended(why)} of {count} ended by {why}")
            time.sleep(0.1)

    def report(self, case, most_mib):
        """What it cost; the honest client was served throughout, and memory stayed within a bound."""
        took = time.monotonic() - self.began
        grown = (self.node.peak_bytes() - self.memory) / (1 << 20)
        cpu = cpu_seconds(self.node) - self.cpu
        has_ended = self.honest.end()
        print(f"  {case}: {took:.1f} s, {grown:.1f} MiB at most, {cpu:.2f} CPU-s; honest: {self.honest.rounds} messages, "
              f"slowest {1000 * self.honest.slowest:.0f} ms")
        self.assertIsNone(self.honest.wrong)
        self.assertTrue(has_ended, "the honest client still waits")
        self.assertGreater(self.honest.rounds, 0)
        self.assertLess(self.honest.slowest, SERVED_SECONDS)
        self.assertLess(grown, most_mib)
        self.assertEqual(self.node.stop(), 0)

    def test_who_says_nothing_is_cut(self):
        silent = self.open(900)  # of 1,000 that may be there before CONNECT
        self.until_ended("connect_timeout", 900)
        self.assertEqual(silent[0].recv(1), b"")
        self.report("900 that say nothing", 40)

    def test_who_says_connect_byte_by_byte_is_cut(self):
        packet = connect_packet("slow" * 50)
        slow = self.open(300)
        alive = set(slow)
        for at in range(len(packet)):
            for connection in list(alive):
                try:
                    connection.sendall(packet[at:at + 1])
                except OSError:
                    alive.discard(connection)
            if not alive:
                break
            time.sleep(0.1)
        self.until_ended("connect_timeout", 300)
        self.report("300 that say CONNECT byte by byte", 40)

    def test_who_is_half_gone_is_cut_by_its_keep_alive(self):
        for number in range(500):
            self.open(1, connect_packet(f"half-{number}", keep_alive=1))
        self.until_ended("keep_alive", 500)
        self.report("500 that are let in and say nothing more, keep-alive 1 s", 40)

    def test_who_does_not_read_is_cut(self):
        readers = self.open(50)
        for number, reader in enumerate(readers):
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            reader.sendall(connect_packet(f"reader-{number}") + subscribe_packet("flood", 0))
        writer = mqtt_wire.Connection(self.node.mqtt_port)
        writer.send(connect_packet("writer"))
        writer.take_packet()
        message = mqtt_wire.publish("flood", bytes(10_000), 0)
        until = time.monotonic() + PATIENCE_SECONDS
        while self.ended("slow") < 50 and time.monotonic() < until:
            for _ in range(50):
                writer.send(message)
        self.assertEqual(self.ended("slow"), 50)
        self.assertGreater(self.node.metric("keel_mqtt_messages_dropped_total"), 0)
        writer.close()
        # 1 MiB of output each, and as much on its way.
        self.report("50 that subscribe and do not read, 10 kB messages", 160)

    def test_who_floods_is_held_by_its_own_connection(self):
        floods = self.open(8)
        burst = b"".join(mqtt_wire.packet(0x32, mqtt_wire.text("nobody") + number.to_bytes(2, "big") + bytes(1_000))
                         for number in range(1, 1_001))
        over = threading.Event()
        sent = [0] * len(floods)

        def flood(number, connection):
            """Sends for as long as it is read, and never reads an acknowledgement."""
            connection.settimeout(1)
            while not over.is_set():
                try:
                    sent[number] += connection.send(memoryview(burst)[sent[number] % len(burst):])
                except TimeoutError:
                    continue  # it is not read just now
                except OSError:
                    return  # cut

        threads = []
        for number, connection in enumerate(floods):
            connection.sendall(connect_packet(f"flood-{number}"))
            self.assertEqual(connection.recv(4), b"\x20\x02\0\0")
            threads.append(threading.Thread(target=flood, args=(number, connection), daemon=True))
        for thread in threads:
            thread.start()
        time.sleep(5)
        over.set()
        for thread in threads:
            thread.join(PATIENCE_SECONDS)
        self.assertGreater(sum(sent), 10 * len(burst), "that was no flood")
        self.report("8 that flood QoS 1 for 5 s and read no acknowledgement", 200)


if __name__ == "__main__":
    unittest.main()
