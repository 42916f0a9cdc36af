"""What connections cost, and what those cost that are held open in bad faith: figures, and bounds on each.

KEEL_CONNECTIONS sets the steps of the slope (1000,5000,10000); every connection is also one here, so this process and
the node each need as many open files.
"""

import os
import pathlib
import resource
import socket
import time
import unittest
import urllib.parse

from keel_process import Node, open_books, transfer

STEPS = [int(step) for step in os.environ.get("KEEL_CONNECTIONS", "1000,5000,10000").split(",")]
KIB, MIB = 1 << 10, 1 << 20
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


def connect(node, receive_bytes=None):
    url = urllib.parse.urlsplit(node.url)
    connection = socket.socket()
    if receive_bytes is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    connection.settimeout(30)
    connection.connect((url.hostname, url.port))
    return connection


def cpu_seconds(node):
    fields = pathlib.Path(f"/proc/{node.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS


def cpu_share(node, seconds=2.0):
    """What share of one CPU the node uses when nobody asks it anything."""
    before, began = cpu_seconds(node), time.monotonic()
    time.sleep(seconds)
    return (cpu_seconds(node) - before) / (time.monotonic() - began)


def until(condition, seconds=60):
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "it did not happen in time"
        time.sleep(0.02)


def head(node, target, method="GET", more=""):
    return f"{method} {target} HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {node.token}\r\n{more}\r\n".encode()


def close_all(connections):
    for connection in connections:
        connection.close()


class ConnectionsTest(unittest.TestCase):
    def setUp(self):
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        self.assertGreater(most, STEPS[-1] + 500, "raise the limit of open files (ulimit -n)")

    def honest(self, node, count=20):
        """An honest client is served meanwhile; its slowest answer in ms."""
        client = node.client()
        slowest = 0
        for _ in range(count):
            began = time.monotonic()
            self.assertEqual(client.get("/v1/accounts/1").status, 200)
            slowest = max(slowest, time.monotonic() - began)
        client.close()
        return 1000 * slowest

    def test_idle_connections_cost_memory_by_a_straight_line_and_no_cpu(self):
        with Node(http__max_connections=STEPS[-1] + 100, http__idle_timeout_ms=600_000) as node:
            open_books(node.client())
            self.honest(node)
            held, rows = [], []
            base, base_share = node.resident_bytes(), cpu_share(node)
            for step in STEPS:
                before = cpu_seconds(node)
                while len(held) < step:
                    held.append(connect(node))
                until(lambda: node.metric("keel_http_connections") >= step)
                accepting = cpu_seconds(node) - before
                rows.append((step, node.resident_bytes() - base, cpu_share(node), accepting, self.honest(node)))
            print(f"\nat rest: resident {base / MIB:.1f} MiB, {100 * base_share:.1f} % of a CPU")
            for step, grown, share, accepting, slowest in rows:
                print(f"{step:6} idle connections: {grown / MIB:6.1f} MiB more, {grown / step / KIB:5.2f} KiB each; "
                      f"{100 * share:.1f} % of a CPU; {accepting:.2f} CPU-s to accept; slowest honest answer {slowest:.1f} ms")
                self.assertLess(grown / step, 8 * KIB)
                self.assertLess(share, base_share + 0.05)
            close_all(held)
            until(lambda: node.metric("keel_http_connections") <= 2)
            self.assertLess(node.resident_bytes() - base, rows[-1][1] + 8 * MIB)

    def test_slow_loris_is_cut_and_costs_little(self):
        count = 2_000
        with Node(http__request_timeout_ms=3_000) as node:
            open_books(node.client())
            before = node.resident_bytes()
            slow = [connect(node) for _ in range(count)]
            began, peak, slowest = time.monotonic(), 0, 0
            for connection in slow:
                connection.sendall(b"GET / HTTP/1.1\r\nHost: h\r\n")
            alive = set(slow)
            while alive and time.monotonic() - began < 60:
                for connection in list(alive):
                    try:
                        connection.send(b"X")
                    except OSError:
                        alive.discard(connection)
                slowest = max(slowest, self.honest(node))
                peak = max(peak, node.resident_bytes())
                time.sleep(0.3)
            print(f"\n{count} clients that trickle: {(peak - before) / MIB:.1f} MiB more, all cut after "
                  f"{time.monotonic() - began:.0f} s (limit 3 s), slowest honest answer {slowest:.1f} ms")
            self.assertFalse(alive)
            self.assertGreaterEqual(node.metric("keel_http_timeouts_total"), count)
            self.assertLess(peak - before, 64 * MIB)
            close_all(slow)

    def test_half_sent_bodies_are_bounded_by_their_limit_and_cut(self):
        count, sent = 100, 512 * KIB
        with Node(http__request_timeout_ms=4_000, http__max_body_bytes=MIB) as node:
            open_books(node.client())
            before, peaks = node.resident_bytes(), []
            for wave in (1, 2, 3):
                held = []
                for _ in range(count):
                    connection = connect(node)
                    connection.sendall(head(node, "/v1/transfers", "POST", f"Content-Length: {MIB}\r\n") + b" " * sent)
                    held.append(connection)
                slowest = self.honest(node)
                peaks.append(node.resident_bytes() - before)
                until(lambda: node.metric("keel_http_timeouts_total") >= wave * count)
                close_all(held)
            print(f"\nthree waves of {count} bodies of {sent // KIB} of {MIB // KIB} KiB: "
                  f"{', '.join(f'{peak / MIB:.1f}' for peak in peaks)} MiB more, slowest honest answer {slowest:.1f} ms")
            self.assertLess(peaks[0], count * 2 * MIB)
            # What was freed is used again: a wave that was not would add all that it sent.
            self.assertLess(peaks[2], peaks[0] + count * sent // 2)

    def test_clients_that_never_read_their_answers_hold_one_answer_each(self):
        count = 100
        with Node() as node:
            open_books(node.client())
            before, peak = node.resident_bytes(), 0
            request = head(node, "/openapi.json")
            deaf = []
            for _ in range(count):
                connection = connect(node, receive_bytes=4 * KIB)
                connection.setblocking(False)
                try:
                    for _ in range(500):
                        connection.send(request)
                except BlockingIOError:
                    pass
                deaf.append(connection)
            until(lambda: self.settled(node))
            slowest = self.honest(node)
            peak = node.resident_bytes()
            answered = node.metric("keel_http_requests_total")
            print(f"\n{count} clients that send 500 requests and read nothing: {(peak - before) / MIB:.1f} MiB more, "
                  f"{answered:.0f} requests taken of {count * 500}; slowest honest answer {slowest:.1f} ms")
            self.assertLess(peak - before, 64 * MIB)
            close_all(deaf)

    def test_a_subscriber_that_never_reads_does_not_grow_and_does_not_hold_up_others(self):
        with Node() as node:
            client = node.client()
            open_books(client)
            deaf = []
            for _ in range(50):
                connection = connect(node, receive_bytes=4 * KIB)
                connection.sendall(head(node, "/v1/events?after=start"))
                deaf.append(connection)
            self.assertEqual(client.post("/v1/transfers", {"transfers": [transfer(1)]}).status, 200)
            before = node.resident_bytes()
            rows = 0
            for batch in range(1, 201):
                numbers = range(batch * 1000, batch * 1000 + 1000)
                answer = client.post("/v1/transfers", {"transfers": [transfer(number) for number in numbers]})
                self.assertEqual(answer.status, 200)
                rows += 1000
            grown = node.resident_bytes() - before
            slowest = self.honest(node)
            print(f"\n50 subscribers that never read, {rows} transfers meanwhile: {grown / MIB:.1f} MiB more, "
                  f"{grown / rows:.0f} bytes a transfer with the ledger's own; slowest honest answer {slowest:.1f} ms")
            self.assertLess(grown, rows * 400 + 64 * MIB)
            close_all(deaf)
            client.close()

    def settled(self, node):
        before = node.metric("keel_http_sent_bytes_total")
        time.sleep(0.3)
        return node.metric("keel_http_sent_bytes_total") - before < MIB


if __name__ == "__main__":
    unittest.main(verbosity=2)
