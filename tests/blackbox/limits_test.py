"""Ten times each bound that can be pushed from outside, under a memory limit: the node refuses, counts, and does not grow.

The limit is the kernel's (RLIMIT_DATA): an allocation beyond it ends the process, and so fails the test. At the end stands a
table: what was pushed against which bound, the refusals that clients saw and those that /metrics counted, and the peak of
resident memory (VmHWM) against that of a node that has been asked nothing. docs/limits.md lists every bound, these and
the others.
"""

import asyncio
import itertools
import pathlib
import resource
import socket
import struct
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.parse

from keel_process import Client, Node, open_books, transfer

MIB = 1 << 20
LIMIT = 384 * MIB  # of memory that can be written, whether it is resident or not
CEILING = 160 * MIB  # what a node may peak at, resident
MAX_BATCH_ROWS = 8189
# Small where an operator may have them small, so that the tables are not what is measured.
SETTINGS = {"archive__cache_bytes": 16 * MIB, "archive__hot_bytes": 4 * MIB}
rows = []


def limited_node(**settings):
    return Node(limit_data_bytes=LIMIT, **{**SETTINGS, **settings})


def connect(node, receive_bytes=None, url=None):
    parts = urllib.parse.urlsplit(url or node.url)
    connection = socket.socket()
    if receive_bytes is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    connection.settimeout(30)
    connection.connect((parts.hostname, parts.port))
    return connection


def everything(connection):
    """What the node says until it closes."""
    said = b""
    try:
        while piece := connection.recv(65536):
            said += piece
    except ConnectionResetError:
        pass
    return said


def status_of(said):
    return int(said.split(b" ", 2)[1])


def head(node, target, method="GET", more=""):
    return f"{method} {target} HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {node.token}\r\n{more}\r\n".encode()


def until(condition, seconds=60):
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "it did not happen in time"
        time.sleep(0.02)


def account(number):
    return {"id": number, "ledger": 1, "code": 1}


class LimitsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        with limited_node() as node:
            node.client().get("/healthz")
            cls.at_rest = node.peak_bytes()
        rows.append(("a node at rest", "", "", "", "", cls.at_rest))

    @classmethod
    def tearDownClass(cls):
        print(f"\nunder a limit of {LIMIT // MIB} MiB of writable memory:")
        line = "{:42} {:>9} {:>9} {:>9} {:>9} {:>10}"
        print(line.format("bound", "is", "pushed", "refused", "counted", "peak MiB"))
        for name, bound, pushed, refused, counted, peak in rows:
            print(line.format(name, bound, pushed, refused, counted, f"{peak / MIB:.1f}"))

    def conclude(self, node, name, bound, pushed, refused, counted, ceiling=CEILING):
        """A row of the table; and the node still serves, below its ceiling."""
        client = node.client()
        self.assertEqual(client.get("/healthz").status, 200)
        client.close()
        peak = node.peak_bytes()
        rows.append((name, bound, pushed, refused, counted, peak))
        self.assertGreaterEqual(pushed, 10 * bound)
        self.assertLess(peak, ceiling)

    def test_connections(self):
        with limited_node(http__max_connections=30) as node:
            held = [connect(node) for _ in range(30)]
            refused = 0
            for _ in range(270):
                with connect(node) as one_more:
                    refused += status_of(everything(one_more)) == 503
            for connection in held:
                connection.close()
            until(lambda: node.client().get("/metrics").status == 200)
            self.assertEqual(refused, 270)
            counted = int(node.metric("keel_http_connections_refused_total"))
            self.assertGreaterEqual(counted, refused)
            self.conclude(node, "connections", 30, 300, refused, counted)

    def test_every_part_of_a_request(self):
        length = "Content-Length: {}\r\n"
        chunked = b"POST /v1/transfers HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
        cases = [
            ("bytes of a request line", 8192, b"GET /" + b"a" * 81_920 + b" HTTP/1.1\r\nHost: h\r\n\r\n", 414),
            ("bytes of headers", 16_384, b"GET / HTTP/1.1\r\nHost: h\r\n" + b"X: " + b"a" * 163_840 + b"\r\n\r\n", 431),
            ("headers", 64, b"GET / HTTP/1.1\r\nHost: h\r\n" + b"X: a\r\n" * 640 + b"\r\n", 431),
            ("bytes of chunk extensions", 1024, chunked + b"1;" + b"a" * 10_240 + b"\r\na\r\n0\r\n\r\n", 400),
            ("bytes of trailers", 4096, chunked + b"1\r\na\r\n0\r\nX: " + b"a" * 40_960 + b"\r\n\r\n", 431),
        ]
        with limited_node() as node:
            for name, bound, request, status in cases:
                before = node.metric("keel_http_bad_requests_total")
                with connect(node) as connection:
                    try:
                        connection.sendall(request)
                    except OSError:
                        pass  # it was answered, and closed, before the end
                    self.assertEqual(status_of(everything(connection)), status, name)
                counted = int(node.metric("keel_http_bad_requests_total") - before)
                self.assertEqual(counted, 1)
                self.conclude(node, name, bound, 10 * bound, 1, counted)
        with limited_node(http__max_body_bytes=MIB) as node:
            with connect(node) as connection:
                connection.sendall(head(node, "/v1/transfers", "POST", length.format(10 * MIB)))
                self.assertEqual(status_of(everything(connection)), 413)
            with connect(node) as connection:
                try:
                    connection.sendall(chunked)
                    for _ in range(160):
                        connection.sendall(b"10000\r\n" + b" " * 65_536 + b"\r\n")
                except OSError:
                    pass
                said = everything(connection)
                self.assertIn(status_of(said) if said else 413, (401, 413))
            counted = int(node.metric("keel_http_bad_requests_total"))
            self.assertGreaterEqual(counted, 1)
            self.conclude(node, "bytes of a body (length, chunks)", MIB, 10 * MIB, 2, counted)

    def test_parameters_and_pages(self):
        with limited_node() as node:
            client = node.client()
            open_books(client)
            many = "&".join(f"p{number}=1" for number in range(160))
            self.assertEqual(client.get(f"/v1/accounts?ledger=1&{many}").status, 400)
            self.conclude(node, "parameters of a query", 16, 160, 1, "status")
            answer = client.get(f"/v1/accounts?ledger=1&limit={10 * MAX_BATCH_ROWS}")
            self.assertEqual(answer.status, 400)
            self.conclude(node, "rows of a page", MAX_BATCH_ROWS, 10 * MAX_BATCH_ROWS, 1, "status")

    def test_rows_of_a_batch(self):
        with limited_node(http__max_body_bytes=16 * MIB) as node:
            client = node.client()
            open_books(client)
            count = 10 * MAX_BATCH_ROWS
            packed = bytes(16) + b"".join(
                struct.pack("<QQQQQQ", number, 0, 1, 0, 2, 0) + bytes(80) for number in range(1, count + 1))
            answer = client.ask("POST", "/v1/transfers", packed, {"Content-Type": "application/vnd.keel.transfers"})
            self.assertEqual(answer.status, 400)
            answer = client.post("/v1/transfers", {"transfers": [transfer(1)] * count})
            self.assertEqual(answer.status, 400)
            self.conclude(node, "rows of a batch (packed, JSON)", MAX_BATCH_ROWS, count, 2, "status")

    def test_requests_waiting(self):
        bound = 16
        with limited_node(cell__max_waiting=bound, disk="lossy") as node:
            open_books(node.client())
            statuses = []

            def push(first):
                client = Client(node)
                for number in range(first, first + 10):
                    body = {"transfers": [transfer(number * 1000 + i) for i in range(100)]}
                    statuses.append(client.post("/v1/transfers", body).status)
                client.close()

            threads = [threading.Thread(target=push, args=(1 + index * 10,)) for index in range(10 * bound)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            refused = statuses.count(503)
            self.assertEqual(set(statuses) - {200, 503}, set())
            self.assertGreater(refused, 0)
            counted = int(node.metric("keel_requests_refused_total"))
            self.conclude(node, "requests waiting for the cell", bound, 10 * bound, refused, counted)

    def test_requests_that_are_sent_ahead_and_answers_that_are_not_read(self):
        count = 100
        with limited_node() as node:
            open_books(node.client())
            request = head(node, "/openapi.json")
            held = []
            for _ in range(10):
                connection = connect(node, receive_bytes=4096)
                connection.setblocking(False)
                try:
                    for _ in range(count):
                        connection.send(request)
                except BlockingIOError:
                    pass
                held.append(connection)
            client = node.client()
            taken = -1
            while taken != (taken := node.metric("keel_http_requests_total", client) - self.asked(client)):
                time.sleep(0.2)
            self.assertLess(taken, 10 * count)
            # One answer a connection is made ahead of its reader: the rest waits in the client.
            self.conclude(node, "answers ahead of their reader", 1, 10 * count, int(10 * count - taken), "not taken")
            for connection in held:
                connection.close()

    def asked(self, client):
        client.asked = getattr(client, "asked", 0) + 1
        return client.asked

    def test_command_ids(self):
        bound = 1000
        with limited_node(cell__max_command_ids=bound) as node:
            client = node.client()
            open_books(client)
            statuses = [client.post("/v1/transfers", {"transfers": [transfer(number)]}, key=str(number)).status
                        for number in range(1, 10 * bound + 1)]
            refused = statuses.count(503)
            self.assertGreaterEqual(refused, 9 * bound)
            self.assertEqual(set(statuses), {200, 503})
            counted = int(node.metric("keel_requests_refused_total"))
            self.assertEqual(counted, refused)
            # Those that were answered are answered again.
            self.assertEqual(client.post("/v1/transfers", {"transfers": [transfer(1)]}, key="1").status, 200)
            self.conclude(node, "command ids of a day", bound, 10 * bound, refused, counted)

    def test_tables_of_the_ledger(self):
        with limited_node(ledger__max_accounts=500, ledger__max_transfers=1000) as node:
            client = node.client()
            open_books(client)

            def push(path, name, batches):
                statuses = [client.post(path, {name: batch}).status for batch in batches]
                self.assertEqual(set(statuses), {200, 503})
                return statuses.count(503)

            before = node.metric("keel_requests_refused_total")
            refused = push("/v1/accounts", "accounts", [[account(100 + n * 50 + i) for i in range(50)] for n in range(100)])
            counted = int(node.metric("keel_requests_refused_total") - before)
            self.assertEqual(refused, counted)
            self.conclude(node, "accounts (batches of 50 refused)", 500, 5000, refused, counted)

            before = node.metric("keel_requests_refused_total")
            refused = push("/v1/transfers", "transfers", [[transfer(n * 100 + i + 1, flags=["pending"]) for i in range(100)]
                                                          for n in range(100)])
            counted = int(node.metric("keel_requests_refused_total") - before)
            self.assertEqual(refused, counted)
            self.conclude(node, "transfers (batches of 100 refused)", 1000, 10_000, refused, counted)

            before = node.metric("keel_requests_refused_total")
            books = [[{"id": 10 + n * 1000 + i, "currency": "EUR", "exponent": 2} for i in range(1000)] for n in range(100)]
            refused = push("/v1/ledgers", "ledgers", books)
            counted = int(node.metric("keel_requests_refused_total") - before)
            self.assertEqual(refused, counted)
            self.conclude(node, "ledgers (batches of 1000 refused)", 10_000, 100_000, refused, counted)

    def test_settled_rows_leave_memory(self):
        hot = MIB
        with limited_node(archive__hot_bytes=hot, disk="lossy") as node:
            client = node.client()
            open_books(client)
            numbers = itertools.count(1)
            rows_pushed = 10 * hot // 176
            for _ in range(0, rows_pushed, 1000):
                answer = client.post("/v1/transfers", {"transfers": [transfer(next(numbers)) for _ in range(1000)]})
                self.assertIn(answer.status, (200, 503))
            refused = int(node.metric("keel_requests_refused_total"))
            # At four times as much commands are refused; the last batch may be beyond.
            self.assertLess(node.metric("keel_rows_hot_bytes"), 5 * hot)
            self.conclude(node, "bytes of settled rows in memory", hot, 10 * hot + 1, "to disk", refused)

    def test_event_streams(self):
        bound = 1024
        with limited_node(http__max_connections=11_000) as node:
            client = node.client()
            open_books(client)
            kept, ended, refused = asyncio.run(self.subscribe(node, 10 * bound))
            self.assertEqual(kept + ended + refused, 10 * bound)
            # The node's own readers, of where bills are and of timelines, have two of the places while they wait, and none while they
            # read: on a busy machine one may be reading just now.
            self.assertIn(kept, range(bound - 2, bound + 1))
            self.conclude(node, "subscribers that wait", bound, 10 * bound, ended + refused, "said so", 256 * MIB)

    async def subscribe(self, node, count):
        """Opens so many streams, and holds them until all but some have been told to go: how many go on, were ended by an
        error event, and were refused with a status."""
        parts = urllib.parse.urlsplit(node.url)
        request = head(node, "/v1/events?after=end")
        room = asyncio.Semaphore(200)
        statuses, ended, writers = [], [], []

        async def one():
            async with room:
                reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
                writers.append(writer)
                writer.write(request)
                statuses.append(status_of(await reader.readuntil(b"\r\n\r\n")))
            if statuses[-1] == 200:
                ended.append(await reader.readuntil(b"engine.too_many_readers"))

        waiting = [asyncio.create_task(one()) for _ in range(count)]
        limit = time.monotonic() + 90
        while len(statuses) < count or statuses.count(200) - len(ended) > 1024:
            self.assertLess(time.monotonic(), limit, f"{len(statuses)} answered, {len(ended)} ended")
            await asyncio.sleep(0.05)
        kept = statuses.count(200) - len(ended)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        for writer in writers:
            writer.close()
        return kept, len(ended), count - statuses.count(200)

    def test_tls_handshakes(self):
        bound = 64 * 1024
        with tempfile.TemporaryDirectory() as directory:
            tls = pathlib.Path(directory)
            subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                            "-keyout", tls / "default.key", "-out", tls / "default.pem", "-days", "2", "-subj", "/CN=h",
                            "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
            (tls / "default.key").chmod(0o600)
            with limited_node(https__enabled="true", https__port=0, tls__directory=directory,
                              https__handshake_timeout_ms=1000) as node:
                # A handshake that does not end: records of the right form, without end.
                loud = [connect(node, url=node.https_url) for _ in range(50)]
                record = b"\x16\x03\x01\x40\x00\x01\x00\xff\xff" + bytes(16_380)
                for connection in loud:
                    try:
                        for _ in range(40):
                            connection.sendall(record)
                    except OSError:
                        pass
                silent = [connect(node, url=node.https_url) for _ in range(200)]
                for connection in loud + silent:
                    try:
                        everything(connection)
                    except OSError:
                        pass
                    connection.close()
                until(lambda: node.metric("keel_tls_handshakes_total") >= 250)
                counted = int(node.metric("keel_tls_handshakes_total"))
                self.conclude(node, "bytes and time of a TLS handshake", bound, 40 * 16_389, 250, counted)

    def test_lines_of_the_log(self):
        with limited_node(cell__max_waiting=1) as node:
            node.client().get("/healthz")
            bad = b"GET / HTTP/1.1\nHost: h\n\n"
            for _ in range(300):
                with connect(node) as connection:
                    connection.sendall(bad)
                    everything(connection)
            lines = [name for name in node.events()]
            most = max(lines.count(name) for name in set(lines))
            self.assertLessEqual(most, 10 * 6)  # ten in ten seconds, and the test is not longer than a minute
            counted = int(node.metric("keel_http_bad_requests_total"))
            self.assertEqual(counted, 300)
            self.conclude(node, "lines of one event in ten seconds", 10, 300, 300, counted)

    def test_an_import_goes_in_batches(self):
        count = 10 * MAX_BATCH_ROWS
        with limited_node() as node, tempfile.TemporaryDirectory() as directory:
            node.client().post("/v1/ledgers", {"ledgers": [{"id": 1, "currency": "EUR", "exponent": 2}]})
            day = "2026-01-{:02}T{:02}:{:02}:{:02}Z".format
            accounts = pathlib.Path(directory) / "accounts.csv"
            accounts.write_text(f"id,ledger,code,timestamp\n1,1,1,{day(1, 0, 0, 1)}\n2,1,1,{day(1, 0, 0, 2)}\n")
            file = pathlib.Path(directory) / "transfers.csv"
            with file.open("w") as out:
                out.write("id,debit_account_id,credit_account_id,amount,ledger,code,timestamp\n")
                for number in range(1, count + 1):
                    at = day(2 + number // 86_400, number // 3600 % 24, number // 60 % 60, number % 60)
                    out.write(f"{number},1,2,1,1,1,{at}\n")
            # The client is under the limit as well.
            for words in (("--accounts", accounts), (file,)):
                done = node.run("ledger", "--url", node.url, "import", *map(str, words), timeout=120,
                                limit_data_bytes=LIMIT // 2)
                self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(node.client().get(f"/v1/transfers/{count}").status, 200)
            self.conclude(node, "rows of an import", MAX_BATCH_ROWS, count, 0, "in batches")


if __name__ == "__main__":
    unittest.main(verbosity=2)
