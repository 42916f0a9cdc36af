"""Named streams: what mosquitto publishes is captured, consumers keep their places over HTTP, and a kill -9 under load, on
a disk that forgets what was not synced, loses nothing that was acknowledged and moves no consumer back."""

import base64
import http.client
import json
import random
import subprocess
import threading
import time
import unittest

from keel_process import Client, Node, fixed_port

SECONDS = 60
STREAMS = {"mqtt__enabled": "true", "mqtt__port": 0}


def text_of(message):
    return base64.b64decode(message.get("payload", "")).decode()


class Streams:
    """Short words for the API, on a connection of its own that is made again when the node cuts it."""

    def __init__(self, node):
        self.node = node
        self.http = Client(node, timeout=SECONDS)

    def ask(self, method, target, body=None, headers=None):
        answer = self.http.ask(method, f"/v1/streams{target}", body, headers)
        if answer.status != 200:
            raise AssertionError(f"{method} {target}: {answer.status} {answer.body}")
        return answer.json

    def put(self, target, **terms):
        made = self.ask("PUT", target, terms)
        if made["outcome"] != "done":
            raise AssertionError(f"{target}: {made}")
        return made

    def fetch(self, target, **asked):
        return self.ask("POST", f"{target}/fetch", asked).get("messages", [])

    def ack(self, target, *acks):
        return self.ask("POST", f"{target}/acks", {"acks": list(acks)})

    def all(self, name):
        """Every message, page by page."""
        found, at = [], 1
        while True:
            page = self.ask("GET", f"/{name}/messages?from={at}&limit=500")
            found += page.get("messages", [])
            at = int(page["next"])
            if at > int(page["last_sequence"]):
                return found


def sequence_of(delivered):
    return int(delivered["message"]["sequence"])


class StreamsTest(unittest.TestCase):
    def setUp(self):
        self.node = Node(**STREAMS)
        self.node.start()
        self.addCleanup(self.node.__exit__)
        self.api = Streams(self.node)

    def mosquitto(self, topic, payload, *more):
        """Published at QoS 1; what mosquitto says."""
        password = (self.node.directory / "data" / "mqtt_password").read_text().strip()
        done = subprocess.run(["mosquitto_pub", "-h", "127.0.0.1", "-p", str(self.node.mqtt_port), "-u", "keel", "-P", password,
                               "-t", topic, "-m", payload, "-q", "1", *more],
                              capture_output=True, text=True, timeout=SECONDS, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout + done.stderr

    def test_what_mosquitto_publishes_is_captured_and_consumed(self):
        self.api.put("/meters", filters=["plant.*.meter.>"])
        self.api.put("/meters/consumers/billing", ack_wait_ms=600_000)
        self.mosquitto("plant/4/meter/17", "one")
        self.mosquitto("plant/4/door", "not for it")
        self.mosquitto("plant/4/meter", "two", "-r")
        given = self.api.fetch("/meters/consumers/billing")
        self.assertEqual([(sequence_of(one), one["message"]["topic"], text_of(one["message"])) for one in given],
                         [(1, "plant/4/meter/17", "one"), (2, "plant/4/meter", "two")])
        self.assertEqual(self.api.fetch("/meters/consumers/billing"), [])
        done = self.api.ack("/meters/consumers/billing", {"sequence": 1}, {"sequence": 2, "kind": "again"})
        self.assertEqual(int(done["acknowledged"]["taken"]), 2)
        again = self.api.fetch("/meters/consumers/billing")
        self.assertEqual([(sequence_of(one), one["delivery"]["deliveries"]) for one in again], [(2, 2)])
        view = self.api.ask("GET", "/meters/consumers/billing")
        self.assertEqual((view["ack_floor_sequence"], view["ack_pending"], view["redelivered"]), ("1", "1", "1"))
        # A publish for a stream that is full is refused as a whole; MQTT says so.
        self.api.put("/few", filters=["few"], max_messages=1, discard="newest")
        self.mosquitto("few", "x")
        self.assertIn("Quota", self.mosquitto("few", "y", "-V", "5"))
        self.assertEqual([text_of(one) for one in self.api.all("few")], ["x"])

    def test_messages_come_as_json_and_as_they_stand(self):
        self.api.put("/log")
        answer = self.api.ask("POST", "/log/messages", {"messages": [
            {"topic": "a.b", "text": "grüße"}, {"payload": base64.b64encode(b"\x00\xff").decode()},
            {"text": "late", "expected_last": 1}]})
        self.assertEqual([(one["outcome"], int(one["sequence"])) for one in answer["messages"]],
                         [("done", 1), ("done", 2), ("wrong_sequence", 0)])
        raw = self.api.ask("POST", "/log/messages?topic=raw%2Fone&expected_last=2", b"\x01" * 300_000,
                           {"Content-Type": "application/octet-stream"})
        self.assertEqual(raw["messages"][0]["sequence"], "3")
        stored = self.api.all("log")
        self.assertEqual([one["topic"] for one in stored], ["a/b", "log", "raw/one"])
        self.assertEqual(text_of(stored[0]), "grüße")
        self.assertEqual(base64.b64decode(stored[2]["payload"]), b"\x01" * 300_000)
        self.assertEqual(self.api.ask("POST", "/log/purge", {"keep": 1})["purged"], "2")
        self.assertEqual([one["sequence"] for one in self.api.all("log")], ["3"])
        repeated = [self.api.ask("POST", "/log/messages", {"messages": [{"text": "once"}]}, {
            "Content-Type": "application/json", "Idempotency-Key": "order-7"}) for _ in range(2)]
        self.assertEqual([one["messages"][0]["sequence"] for one in repeated], ["4", "4"])
        self.assertTrue(repeated[1]["repeated"])

    def test_refusals_say_what_would_be_right(self):
        self.api.put("/a", filters=["x/+"])
        self.assertEqual(self.api.ask("PUT", "/b", {"filters": ["x/#"]})["outcome"], "filters_overlap")
        self.assertEqual(self.api.ask("DELETE", "/nowhere")["outcome"], "stream_unknown")
        for method, target, body, status in [
                ("GET", "/nowhere", None, 404), ("PUT", "/with.dot", {}, 400), ("PUT", "/c", {"filters": ["a/#/b"]}, 400),
                ("PUT", "/c", {"max_msgs": 1}, 400), ("PUT", "/c", {"max_bytes": 127}, 400),
                ("POST", "/a/messages", {"messages": []}, 400),
                ("POST", "/a/messages", {"messages": [{"topic": "x/#", "text": ""}]}, 400),
                ("POST", "/a/messages", {"messages": [{"text": "no topic"}]}, 400), ("PATCH", "/a", {}, 405),
                ("GET", "/a/consumers/none", None, 404), ("GET", "/a/follow?from=middle", None, 400),
                ("POST", "/a/consumers/none/fetch", {"wait_ms": 60_001}, 400)]:
            answer = self.api.http.ask(method, f"/v1/streams{target}", body)
            self.assertEqual(answer.status, status, (method, target, answer.body))
            self.assertIn("code", answer.json)
        paths = self.api.http.get("/openapi.json").json["paths"]
        self.assertEqual(set(paths["/v1/streams/{stream}"]), {"get", "put", "delete"})

    def test_a_fetch_waits_and_a_follower_hears_what_comes(self):
        self.api.put("/s", filters=["t"])
        self.api.put("/s/consumers/c")
        self.mosquitto("t", "before")
        with self.subTest("follow"):
            follower = Client(self.node, timeout=SECONDS)
            follower.connection.request("GET", "/v1/streams/s/follow?from=1", headers={
                "Authorization": f"Bearer {self.node.token}"})
            events = follower.connection.getresponse()
            self.assertEqual(events.headers["Content-Type"], "text/event-stream")
            self.assertEqual(self.next_event(events), (1, "before"))
            self.mosquitto("t", "after")
            self.assertEqual(self.next_event(events), (2, "after"))
            follower.close()
        self.assertEqual([sequence_of(one) for one in self.api.fetch("/s/consumers/c")], [1, 2])
        heard = []
        waiting = threading.Thread(target=lambda: heard.extend(
            Streams(self.node).fetch("/s/consumers/c", wait_ms=50_000)), daemon=True)
        waiting.start()
        self.mosquitto("t", "waited for")
        waiting.join(SECONDS)
        self.assertEqual([text_of(one["message"]) for one in heard], ["waited for"])

    def test_a_fetch_passes_over_some_and_says_that_there_is_more(self):
        self.api.put("/s", filters=["#"])
        self.api.ask("POST", "/s/messages", {"messages": [{"topic": "usual", "text": ""}] * 3_000 + [{"topic": "rare", "text": "x"}]})
        self.api.put("/s/consumers/c", filter="rare")
        answer = self.api.ask("POST", "/s/consumers/c/fetch", {"max_messages": 1})
        self.assertEqual((answer.get("messages", []), answer["more"]), ([], True))
        self.assertLess(int(self.api.ask("GET", "/s/consumers/c")["delivered_sequence"]), 1_000)
        waited = self.api.fetch("/s/consumers/c", max_messages=1, wait_ms=50_000)
        self.assertEqual([sequence_of(one) for one in waited], [3_001])

    def follow(self, target, **headers):
        follower = Client(self.node, timeout=SECONDS)
        self.addCleanup(follower.close)
        follower.connection.request("GET", f"/v1/streams{target}", headers={"Authorization": f"Bearer {self.node.token}", **headers})
        return follower.connection.getresponse()

    def test_a_follower_is_told_that_its_stream_was_made_again(self):
        self.api.put("/s")
        self.api.ask("POST", "/s/messages", {"messages": [{"text": "old"}] * 3})
        events = self.follow("/s/follow?from=3")
        self.assertEqual(self.next_event(events), (3, "old"))
        self.api.ask("DELETE", "/s")
        self.api.put("/s")
        self.api.ask("POST", "/s/messages", {"messages": [{"text": "new"}] * 5})
        rest = events.read().decode()  # it ends
        self.assertIn('event: end\ndata: {"reason":"deleted"}', rest)
        self.assertNotIn("event: message", rest)
        self.assertEqual(self.follow("/s/follow", **{"Last-Event-ID": "5"}).status, 200)
        self.assertEqual(self.follow("/s/follow", **{"Last-Event-ID": "6"}).status, 400)

    @staticmethod
    def next_event(response):
        sequence = None
        while True:
            line = response.readline().decode()
            if line.startswith("id: "):
                sequence = int(line[4:])
            if line.startswith("data: "):
                return sequence, text_of(json.loads(line[6:]))


class Worker(threading.Thread):
    """Does its work again and again until it is told to stop; a node that is away is asked again."""

    def __init__(self, node, work):
        super().__init__(daemon=True)
        self.node, self.work, self.stopping, self.failed = node, work, threading.Event(), None

    def run(self):
        api = None
        while not self.stopping.is_set():
            try:
                api = api or Streams(self.node)
                self.work(api)
            except (OSError, http.client.HTTPException, ValueError):
                api = None
                self.stopping.wait(0.05)
            except AssertionError as error:
                if ": 503 " not in str(error) and ": 429 " not in str(error):
                    self.failed = error
                    return
                self.stopping.wait(0.05)


class Load:
    """What the world outside knows: which appends and which acknowledgements were answered."""

    def __init__(self):
        self.next = 0
        self.appended = {}  # sequence: text
        self.acked = set()
        self.asked = set()
        self.given = []
        self.after = []  # sequences that came again although their acknowledgement had been answered

    def append(self, api):
        texts = [f"message {self.next + i}" for i in range(20)]
        self.next += 20
        answer = api.ask("POST", "/load/messages", {"messages": [{"text": text} for text in texts]})
        for text, one in zip(texts, answer["messages"]):
            self.appended[int(one["sequence"])] = text

    def consume(self, api):
        acked = set(self.acked)
        given = [sequence_of(one) for one in api.fetch("/load/consumers/c", max_messages=50, wait_ms=200)]
        self.after += [sequence for sequence in given if sequence in acked]
        self.given += given
        done = [sequence for sequence in given if sequence % 10 != 0]  # each tenth is left to come again
        if done:
            self.asked |= set(done)
            api.ack("/load/consumers/c", *[{"sequence": sequence} for sequence in done])
            self.acked |= set(done)


class KillTest(unittest.TestCase):
    def test_nothing_acknowledged_is_lost_and_no_consumer_moves_back(self):
        chance = random.Random(7)
        load = Load()
        with Node(http__port=fixed_port(), disk="lossy", **STREAMS) as node:
            api = Streams(node)
            api.put("/load")
            api.put("/load/consumers/c", ack_wait_ms=2_000, max_ack_pending=5_000)
            workers = [Worker(node, load.append), Worker(node, load.consume)]
            for worker in workers:
                worker.start()
            for _ in range(4):
                time.sleep(chance.uniform(0.5, 1.5))
                node.kill()
                node.start()
            time.sleep(1)
            for worker in workers:
                worker.stopping.set()
                worker.join(SECONDS)
                self.assertIsNone(worker.failed)
            self.check(Streams(node), load)

    def check(self, api, load):
        stored = {int(one["sequence"]): text_of(one) for one in api.all("load")}
        self.assertGreater(len(load.appended), 100)
        for sequence, text in load.appended.items():
            self.assertEqual(stored.get(sequence), text, f"message {sequence} was acknowledged")
        self.assertEqual(sorted(stored), list(range(1, len(stored) + 1)))
        texts = list(stored.values())
        self.assertEqual(len(texts), len(set(texts)), "a message stands twice")
        self.assertGreater(len(load.acked), 100)
        self.assertEqual(load.after, [], "acknowledged, and yet delivered again")
        # What was given and not acknowledged comes again; what is acknowledged never does.
        until = time.monotonic() + SECONDS
        left = set(stored) - load.asked
        seen = set()
        while not left <= seen and time.monotonic() < until:
            given = [sequence_of(one) for one in api.fetch("/load/consumers/c", wait_ms=3_000)]
            self.assertFalse(set(given) & load.acked)
            seen |= set(given)
            if given:
                api.ack("/load/consumers/c", *[{"sequence": sequence} for sequence in given])
        self.assertLessEqual(left, seen)
        view = api.ask("GET", "/load/consumers/c")
        self.assertEqual(int(view["delivered_sequence"]), max(stored))


if __name__ == "__main__":
    unittest.main()
