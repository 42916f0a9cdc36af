"""kill -9 of the broker under load of QoS 1 and 2, on a disk that forgets what was not synced.

Whatever a publisher was told of is delivered; what was sent at QoS 2 is delivered exactly once. The clients are paho,
in processes' memory that is not killed. KEEL_KILLS sets the number of kills (6).
"""

import os
import random
import threading
import time
import unittest
from collections import Counter

from keel_process import Node, fixed_port
from mqtt_clients_test import Paho

KILLS = int(os.environ.get("KEEL_KILLS", "6"))
LAST_SECONDS = 90
UNDER_WAY = 15
# Below what the broker lets wait for one client (docs/mqtt.md): what is above that is dropped, and counted.
BEHIND = 600


class Publisher:
    """Publishes numbered messages, a few under way at once, until it is told to stop; paho sends again by itself."""

    everything = 0  # sent by all of them

    def __init__(self, node, name, qos, sink):
        self.sink = sink
        self.own = Paho(node, name, clean=False)
        self.own.client.reconnect_delay_set(min_delay=1, max_delay=1)
        self.name = name
        self.qos = qos
        self.sent = []
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.stopping = threading.Event()

    def run(self):
        while not self.stopping.is_set():
            with self.own.changed:
                ready = self.own.changed.wait_for(
                    lambda: len(self.sent) - self.done() < UNDER_WAY or self.stopping.is_set(), 1)
            if Publisher.everything - len(self.sink.heard) > BEHIND:
                with self.sink.changed:
                    self.sink.changed.wait(0.1)
            elif ready and not self.stopping.is_set():
                Publisher.everything += 1
                payload = f"{self.name} {len(self.sent)}"
                self.sent.append((payload, self.own.client.publish("load", payload, self.qos)))

    def done(self):
        return len(self.own.acknowledged)

    def acknowledged(self):
        return [payload for payload, info in self.sent if info.mid in self.own.acknowledged]


class Kill(unittest.TestCase):
    def test_nothing_acknowledged_is_lost_and_qos_2_is_exactly_once(self):
        chance = random.Random(5)
        with Node(mqtt__enabled="true", mqtt__port=fixed_port(), disk="lossy") as node:
            sink = Paho(node, "sink", clean=False)
            sink.client.reconnect_delay_set(min_delay=1, max_delay=1)
            sink.connect()
            sink.subscribe("load", 2)
            publishers = [Publisher(node, f"p{number}", 1 + number % 2, sink) for number in range(4)]
            for publisher in publishers:
                publisher.own.connect()
                publisher.thread.start()
            for _ in range(KILLS):
                time.sleep(chance.uniform(0.5, 1.5))  # the load, not a wait for anything
                node.kill()
                node.start()
            for publisher in publishers:
                publisher.stopping.set()
                publisher.thread.join()
            everything = {payload for publisher in publishers for payload, _ in publisher.sent}
            until = time.monotonic() + LAST_SECONDS
            for publisher in publishers:
                with publisher.own.changed:
                    publisher.own.changed.wait_for(
                        lambda of=publisher: of.done() == len(of.sent), max(0, until - time.monotonic()))
                self.assertEqual(len(publisher.acknowledged()), len(publisher.sent), publisher.name)
            with sink.changed:
                sink.changed.wait_for(lambda: {heard[1] for heard in sink.heard} >= everything,
                                      max(0, until - time.monotonic()))
            heard = Counter(payload for _, payload, _, _ in sink.heard)
            dropped = node.metric("keel_mqtt_messages_dropped_total")
            self.assertEqual((len(everything - set(heard)), dropped), (0, 0))
            twice = [payload for payload, times in heard.items() if times > 1 and payload[1] in "13"]
            self.assertEqual(twice, [])
            print(f"{KILLS} kills, {len(everything)} messages, {sum(heard.values()) - len(heard)} of QoS 1 twice")
            for publisher in publishers:
                publisher.own.leave()
            sink.leave()


if __name__ == "__main__":
    unittest.main()
