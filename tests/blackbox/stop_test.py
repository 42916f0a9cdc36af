"""How a node stops: what is under way is answered, within a bound, and a second signal ends it at once; and what it
tells its operator meanwhile."""

import json
import signal
import socket
import tempfile
import time
import unittest
import urllib.parse

from keel_process import Node, open_books, transfer

OK, FAILED = 0, 1
START_LINES = 10


def connect(node):
    url = urllib.parse.urlsplit(node.url)
    return socket.create_connection((url.hostname, url.port), timeout=30)


def half_sent(node):
    """A connection whose request does not end; the node has read its beginning."""
    before = node.metric("keel_http_received_bytes_total")
    connection = connect(node)
    connection.sendall(b"POST /v1/transfers HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\n{")
    while node.metric("keel_http_received_bytes_total") - before < 60:
        time.sleep(0.01)
    return connection


def until(condition, seconds=30):
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "it did not happen in time"
        time.sleep(0.01)


class DrainTest(unittest.TestCase):
    def test_while_the_grace_time_runs_it_is_not_ready_and_goes_on_serving(self):
        with Node(stop__grace_ms=1500) as node:
            client = node.client()
            open_books(client)
            self.assertEqual(client.get("/readyz").status, 200)
            node.process.send_signal(signal.SIGTERM)
            until(lambda: "node.draining" in node.events())
            not_ready = client.get("/readyz")
            self.assertEqual(not_ready.status, 503)
            self.assertEqual(not_ready.json["code"], "api.not_ready")
            newcomer = node.client()
            self.assertEqual(newcomer.get("/readyz").status, 503)
            moved = newcomer.post("/v1/transfers", {"transfers": [transfer(1)]})
            self.assertEqual(moved.json["results"][0]["code"], "created")
            self.assertEqual(node.process.wait(30), OK)
            with self.assertRaises(OSError):
                connect(node)

    def test_a_stream_ends_with_a_last_event_that_says_where_to_go_on(self):
        with Node() as node:
            open_books(node.client())
            with connect(node) as stream:
                stream.sendall(f"GET /v1/events?after=start HTTP/1.1\r\nHost: h\r\n"
                               f"Authorization: Bearer {node.token}\r\n\r\n".encode())
                said = b""
                while b"event: caught_up" not in said:
                    said += stream.recv(65536)
                node.process.send_signal(signal.SIGTERM)
                while piece := stream.recv(65536):
                    said += piece
            self.assertEqual(node.process.wait(30), OK)
            self.assertTrue(said.endswith(b"0\r\n\r\n"), said[-200:])
            last = said.rsplit(b"event: end\ndata: ", 1)[1].split(b"\n")[0]
            self.assertEqual(json.loads(last)["reason"], "draining")
            self.assertGreater(int(json.loads(last)["position"]), 0)

    def test_a_request_that_does_not_end_holds_it_up_only_for_the_drain_timeout(self):
        with Node(http__drain_timeout_ms=500) as node:
            connection = half_sent(node)
            began = time.monotonic()
            self.assertEqual(node.stop(), OK)
            self.assertLess(time.monotonic() - began, 5)
            connection.close()

    def test_a_second_signal_ends_it_at_once_and_nothing_is_lost(self):
        with Node(http__drain_timeout_ms=60_000) as node:
            client = node.client()
            open_books(client)
            self.assertEqual(client.post("/v1/transfers", {"transfers": [transfer(1)]}).status, 200)
            client.close()
            connection = half_sent(node)
            node.process.send_signal(signal.SIGTERM)
            until(lambda: "node.draining" in node.events())
            began = time.monotonic()
            self.assertEqual(node.stop(), FAILED)
            self.assertLess(time.monotonic() - began, 5)
            self.assertIn("node.stopped_at_once", node.events())
            connection.close()
            node.start()
            self.assertEqual(node.client().get("/v1/transfers/1").status, 200)

    def test_the_deadline_of_a_stop_ends_it_whatever_hangs(self):
        with Node(http__drain_timeout_ms=60_000, stop__deadline_ms=500) as node:
            connection = half_sent(node)
            began = time.monotonic()
            self.assertEqual(node.stop(), FAILED)
            self.assertLess(time.monotonic() - began, 5)
            self.assertIn("stop.deadline_ms", node.said())
            connection.close()

    def test_a_snapshot_at_the_stop_leaves_nothing_to_replay(self):
        with Node(snapshots__at_stop="true") as node:
            open_books(node.client())
            self.assertEqual(node.stop(), OK)
            node.start()
            opened = [line for line in node.said().splitlines() if "journal.opened" in line][-1]
            self.assertIn("records=0 ", opened)
            self.assertEqual(node.client().get("/v1/accounts/1").status, 200)


class LogTest(unittest.TestCase):
    def test_a_start_is_a_few_lines_and_a_node_at_rest_says_nothing(self):
        with Node() as node:
            self.assertEqual(node.events(), ["node.starting", "world.chosen", "token.made", "journal.opened",
                                             "node.ready"])
            self.assertLessEqual(len(node.said().splitlines()), START_LINES)
            client = node.client()
            for _ in range(20):
                client.get("/healthz")
            client.close()
            time.sleep(2.5)  # the node looks at itself once a second
            self.assertEqual(node.events()[-1], "node.ready")

    def test_json_lines_are_json_and_the_level_is_kept(self):
        with Node(log__format="json", disk="lossy") as node:
            self.assertEqual(node.stop(), OK)
            lines = [json.loads(line) for line in node.said().splitlines()]
            self.assertIn("node.unsafe", [line["event"] for line in lines])
            self.assertTrue(all({"time", "level", "event"} <= line.keys() for line in lines))
        with Node(log__level="warn", disk="lossy") as node:
            self.assertEqual(node.stop(), OK)
            self.assertEqual(node.events(), ["node.unsafe"])

    def test_connections_over_the_limit_are_told_once_a_look_and_not_once_each(self):
        with Node(http__max_connections=5) as node:
            held = [connect(node) for _ in range(5)]
            for _ in range(100):
                connect(node).close()
            until(lambda: "http.connections_refused" in node.events())
            self.assertLessEqual(node.events().count("http.connections_refused"), 10)
            for connection in held:
                connection.close()

    def test_a_service_manager_is_told(self):
        with tempfile.TemporaryDirectory() as directory:
            manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            manager.bind(f"{directory}/notify")
            manager.settimeout(30)
            with Node(environment={"NOTIFY_SOCKET": f"{directory}/notify"}) as node:
                self.assertEqual(manager.recv(1000).decode(), f"READY=1\nSTATUS={node.url}")
                self.assertEqual(node.stop(), OK)
                self.assertTrue(manager.recv(1000).startswith(b"STOPPING=1\n"))
            manager.close()


if __name__ == "__main__":
    unittest.main(verbosity=2)
