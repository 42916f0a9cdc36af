"""Clients that mean harm, or do not know better; while they are at it, an honest one goes on being served."""

import http.client
import random
import socket
import threading
import time
import unittest
import urllib.parse

from keel_process import Client, Node, open_books, transfer

# Each is a request that two readers could understand differently, or that nobody should send (RFC 9112).
SMUGGLED = {
    "two lengths": b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    "equal lengths in a list": b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3, 3\r\n\r\nabc",
    "length and chunked": b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunked twice": b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "chunked not last": b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
    "negative length": b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n",
    "plus in the length": b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +3\r\n\r\nabc",
    "huge length": b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\n",
    "bare line feed": b"GET / HTTP/1.1\nHost: h\n\n",
    "folded header": b"GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n",
    "space before colon": b"GET / HTTP/1.1\r\nHost : h\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "control character": b"GET / HTTP/1.1\r\nHost: h\r\nX: a\x00b\r\n\r\n",
    "bad chunk size": b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n\r\n",
    "chunk without end": b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n",
    "space in the target": b"GET /a b HTTP/1.1\r\nHost: h\r\n\r\n",
    "no such version": b"GET / HTTP/3.7\r\nHost: h\r\n\r\n",
    "garbage": bytes(range(256)),
}


def connect(node):
    url = urllib.parse.urlsplit(node.url)
    return socket.create_connection((url.hostname, url.port), timeout=30)


def everything(connection):
    """What the node says until it closes."""
    said = b""
    try:
        while piece := connection.recv(65536):
            said += piece
    except ConnectionResetError:
        pass
    return said


class HostileTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.seed = random.randrange(2**32)
        print(f"seed {cls.seed}", flush=True)

    def honest(self, node, count=20):
        """An honest client is served, whatever the others do."""
        client = node.client()
        for _ in range(count):
            self.assertEqual(client.get("/v1/accounts/1").status, 200)
        client.close()

    def test_what_could_be_read_in_two_ways_is_refused_and_ends_the_connection(self):
        with Node() as node:
            open_books(node.client())
            for name, request in SMUGGLED.items():
                with self.subTest(name=name), connect(node) as connection:
                    connection.sendall(request + b"GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n")
                    said = everything(connection)
                    status = int(said.split(b" ", 2)[1])
                    self.assertIn(status, (400, 413, 501, 505), said[:80])
                    self.assertNotIn(b"alive", said)
            self.honest(node)
            self.assertEqual(node.metric("keel_http_bad_requests_total"), len(SMUGGLED))

    def test_oversize_anything_is_refused(self):
        cases = {
            b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: h\r\n\r\n": 414,
            b"GET / HTTP/1.1\r\nHost: h\r\nX: " + b"a" * 40_000 + b"\r\n\r\n": 431,
            b"GET / HTTP/1.1\r\nHost: h\r\n" + b"X: a\r\n" * 200 + b"\r\n": 431,
            b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 50000000\r\n\r\n": 413,
        }
        with Node() as node:
            open_books(node.client())
            for request, status in cases.items():
                with connect(node) as connection:
                    connection.sendall(request)
                    self.assertEqual(int(everything(connection).split(b" ", 2)[1]), status)
            self.honest(node)

    def test_random_bytes_never_stop_the_node(self):
        draw = random.Random(self.seed)
        whole = b"POST /v1/transfers HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n" + b"{" * 20
        with Node() as node:
            open_books(node.client())
            for _ in range(300):
                request = bytearray(whole)
                for _ in range(draw.randrange(1, 6)):
                    request[draw.randrange(len(request))] = draw.randrange(256)
                with connect(node) as connection:
                    connection.sendall(bytes(request[:draw.randrange(1, len(request) + 1)]))
                    connection.shutdown(socket.SHUT_WR)
                    everything(connection)
            self.honest(node)
            self.assertEqual(node.stop(), 0)

    def test_a_client_that_trickles_and_one_that_does_not_read_are_cut(self):
        with Node(http__request_timeout_ms=700) as node:
            open_books(node.client())
            slow = connect(node)
            slow.sendall(b"POST /v1/transfers HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\n")
            half = connect(node)
            half.sendall(b"GET /heal")
            self.honest(node)
            for connection in (slow, half):
                self.assertIn(b" 408 ", everything(connection).split(b"\r\n")[0])
                connection.close()
            deaf = connect(node)
            request = b"GET /openapi.json HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer " + node.token.encode() + b"\r\n\r\n"
            deaf.setblocking(False)
            sent = 0
            try:
                for _ in range(2_000):
                    sent += deaf.send(request)
            except BlockingIOError:
                pass
            self.honest(node)
            print(f"a deaf client sent {sent} bytes; resident {node.resident_bytes() >> 20} MB")
            self.assertLess(node.resident_bytes(), 200 << 20)
            deaf.close()

    def test_a_thousand_idle_connections(self):
        with Node() as node:
            open_books(node.client())
            before = node.resident_bytes()
            idle = [connect(node) for _ in range(1_000)]
            self.honest(node)
            after = node.resident_bytes()
            print(f"an idle connection costs {(after - before) // 1000} bytes resident")
            self.assertLess(after - before, 40 << 20)
            for connection in idle:
                connection.close()
            client = node.client()
            until = time.monotonic() + 20
            while node.metric("keel_http_connections", client) > 2 and time.monotonic() < until:
                time.sleep(0.05)
            self.assertLessEqual(node.metric("keel_http_connections", client), 2)
            client.close()

    def test_one_connection_too_many_is_told_so(self):
        with Node(http__max_connections=20) as node:
            held = [connect(node) for _ in range(20)]
            with connect(node) as one_more:
                self.assertIn(b" 503 ", everything(one_more).split(b"\r\n")[0])
            for connection in held:
                connection.close()

    def test_ten_times_the_queue_is_shed_with_bounded_memory_and_nothing_acknowledged_is_lost(self):
        limit = 16
        clients = 10 * limit
        with Node(cell__max_waiting=limit, disk="lossy") as node:
            open_books(node.client(), 10)
            before = node.resident_bytes()
            outcomes = []
            lock = threading.Lock()

            def push(first):
                client = Client(node)
                for number in range(first, first + 20):
                    body = {"transfers": [transfer(number * 1000 + i, 1 + i % 9, 10) for i in range(100)]}
                    try:
                        answer = client.post("/v1/transfers", body)
                    except (OSError, http.client.HTTPException):
                        outcomes.append((number, 0))
                        return
                    with lock:
                        outcomes.append((number, answer.status))
                    if answer.status == 503:
                        assert answer.headers["Retry-After"]
                client.close()

            threads = [threading.Thread(target=push, args=(1 + index * 20,)) for index in range(clients)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            statuses = {status: sum(1 for _, each in outcomes if each == status) for status in {s for _, s in outcomes}}
            peak = node.resident_bytes()
            print(f"{clients} clients on a queue of {limit}: {statuses}; resident {before >> 20} -> {peak >> 20} MB")
            self.assertLessEqual(set(statuses), {200, 503})
            self.assertGreater(statuses[200], 0)
            self.assertLess(peak - before, 300 << 20)
            client = node.client()
            for number, status in outcomes[::7]:
                found = client.get(f"/v1/transfers/{number * 1000}").status
                self.assertEqual(found, 200 if status == 200 else 404)
            self.assertTrue(client.get("/v1/ledgers/1/trial-balance").json["balanced"])
            client.close()


if __name__ == "__main__":
    unittest.main(verbosity=2)
