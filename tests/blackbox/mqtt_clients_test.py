"""MQTT clients that nobody here wrote: mosquitto's and paho, in 3.1, 3.1.1 and 5, without TLS and with it."""

import hashlib
import subprocess
import threading
import unittest

from keel_process import Node
from mqtt_foreign import PacketTypes, paho

SECONDS = 20


class Mosquitto:
    def __init__(self, node):
        self.words = ["-h", "127.0.0.1", "-p", str(node.mqtt_port), "-u", "keel", "-P", password_of(node)]

    def publish(self, *words):
        return subprocess.run(["mosquitto_pub", *self.words, *words], capture_output=True, text=True,
                              timeout=SECONDS, check=False)

    def subscribe(self, *words):
        """What it prints until it ends."""
        done = subprocess.run(["mosquitto_sub", *self.words, "-W", str(SECONDS), *words], capture_output=True,
                              text=True, timeout=2 * SECONDS, check=False)
        return done.stdout.splitlines()


def password_of(node):
    return (node.directory / "data" / "mqtt_password").read_text().strip()


class Paho:
    """One client, its session and what came to it. `heard` grows on the client's own thread."""

    def __init__(self, node, name, protocol=paho.MQTTv311, clean=True, expiry=0):
        options = {} if protocol == paho.MQTTv5 else {"clean_session": clean}
        self.client = paho.Client(name, protocol=protocol, **options)
        self.client.username_pw_set("keel", password_of(node))
        self.node = node
        self.heard = []
        self.changed = threading.Condition()
        self.flags = None
        self.acknowledged = set()
        self.client.on_message = lambda _c, _u, message: self.note(
            lambda: self.heard.append((message.topic, message.payload.decode(), message.qos, bool(message.retain))))
        self.client.on_publish = lambda _c, _u, mid: self.note(lambda: self.acknowledged.add(mid))
        self.client.on_subscribe = lambda _c, _u, mid, *_: self.note(lambda: self.acknowledged.add(mid))
        self.client.on_connect = lambda _c, _u, flags, *_: self.note(lambda: setattr(self, "flags", flags))
        self.keywords = {}
        if protocol == paho.MQTTv5:
            properties = paho.Properties(PacketTypes.CONNECT)
            properties.SessionExpiryInterval = expiry
            self.keywords = {"clean_start": clean, "properties": properties}

    def note(self, change):
        with self.changed:
            change()
            self.changed.notify_all()

    def wait(self, condition):
        with self.changed:
            if not self.changed.wait_for(condition, SECONDS):
                raise AssertionError(f"did not happen: {self.heard}")

    def connect(self, port=None):
        self.flags = None
        self.client.connect("127.0.0.1", port or self.node.mqtt_port, **self.keywords)
        self.client.loop_start()
        self.wait(lambda: self.flags is not None)
        return self

    def subscribe(self, topic, qos):
        _, mid = self.client.subscribe(topic, qos)
        self.wait(lambda: mid in self.acknowledged)

    def publish(self, topic, payload, qos, **more):
        self.client.publish(topic, payload, qos, **more).wait_for_publish(SECONDS)

    def leave(self):
        self.client.disconnect()
        self.client.loop_stop()


class Clients(unittest.TestCase):
    def test_mosquitto_of_every_version_and_quality(self):
        with Node(mqtt__enabled="true", mqtt__port=0) as node:
            mosquitto = Mosquitto(node)
            for version in ("mqttv31", "mqttv311", "mqttv5"):
                for qos in ("0", "1", "2"):
                    topic = f"{version}/{qos}"
                    done = mosquitto.publish("-V", version, "-t", topic, "-m", "kept", "-q", qos, "-r")
                    self.assertEqual((done.returncode, done.stderr), (0, ""))
                    got = mosquitto.subscribe("-V", version, "-t", f"{version}/#", "-q", qos, "-C", "1", "-v")
                    self.assertTrue(got[0].endswith(" kept"), got)
            wrong = subprocess.run(["mosquitto_pub", *mosquitto.words[:-1], "wrong", "-t", "x", "-m", "y"],
                                   capture_output=True, text=True, timeout=SECONDS, check=False)
            self.assertNotEqual(wrong.returncode, 0)
            self.assertGreater(node.metric("keel_mqtt_connections_ended_total"), 0)
            self.assertNotIn(password_of(node), node.said())
            self.assertEqual(node.stop(), 0)

    def test_paho_keeps_its_session_over_a_restart(self):
        for protocol in (paho.MQTTv311, paho.MQTTv5):
            with self.subTest(protocol=protocol), Node(mqtt__enabled="true", mqtt__port=0) as node:
                keeper = Paho(node, "keeper", protocol, clean=False, expiry=1000).connect()
                keeper.subscribe("a/#", 2)
                keeper.leave()
                sender = Paho(node, "sender", protocol).connect()
                for qos in (1, 2):
                    sender.publish("a/b", f"quality {qos}", qos)
                sender.publish("a/kept", "for later", 1, retain=True)
                sender.leave()
                self.assertEqual(node.stop(), 0)
                node.start()
                keeper.connect()
                keeper.wait(lambda own=keeper: len(own.heard) == 3)
                self.assertTrue(keeper.flags["session present"])
                # paho gives a message of QoS 2 when it is released.
                self.assertEqual(sorted(heard[1] for heard in keeper.heard), ["for later", "quality 1", "quality 2"])
                late = Paho(node, "late", protocol).connect()
                late.subscribe("#", 1)
                late.wait(lambda own=late: own.heard == [("a/kept", "for later", 1, True)])
                keeper.leave()
                late.leave()

    def test_rules_that_are_tightened_hold_for_a_session_that_was_kept(self):
        for protocol in (paho.MQTTv311, paho.MQTTv5):
            with self.subTest(protocol=protocol), Node(mqtt__enabled="true", mqtt__port=0) as node:
                keeper = Paho(node, "keeper", protocol, clean=False, expiry=1000).connect()
                for topic in ("mine/#", "theirs/#"):
                    keeper.subscribe(topic, 1)
                keeper.leave()
                sender = Paho(node, "sender", protocol).connect()
                for topic in ("theirs/queued", "mine/queued"):
                    sender.publish(topic, "before", 1)
                sender.leave()
                self.assertEqual(node.stop(), 0)
                proof = hashlib.sha256(password_of(node).encode()).hexdigest()
                (node.directory / "data" / "mqtt_users.toml").write_text(
                    f'[users.keel]\npassword = "sha256:{proof}"\nallow = ["publish #", "subscribe mine/#"]\n')
                node.start()
                keeper.connect()
                self.assertTrue(keeper.flags["session present"])
                sender = Paho(node, "sender", protocol).connect()
                for topic in ("theirs/now", "mine/now"):
                    sender.publish(topic, "after", 1)
                keeper.wait(lambda own=keeper: own.heard[-1:] == [("mine/now", "after", 1, False)])
                self.assertEqual([heard[0] for heard in keeper.heard], ["mine/queued", "mine/now"])
                self.assertEqual(node.metric("keel_mqtt_subscriptions_revoked_total"), 1)
                for client in (keeper, sender):
                    client.leave()

    def test_a_will_of_a_client_that_is_cut(self):
        with Node(mqtt__enabled="true", mqtt__port=0) as node:
            watcher = Paho(node, "watcher").connect()
            watcher.subscribe("gone", 1)
            doomed = Paho(node, "doomed")
            doomed.client.will_set("gone", "doomed", 1)
            doomed.connect()
            doomed.client.loop_stop()
            doomed.client.socket().close()
            watcher.wait(lambda: watcher.heard == [("gone", "doomed", 1, False)])
            watcher.leave()

    def test_over_tls(self):
        with Node(mqtts__enabled="true", mqtts__port=0) as node:
            certificate = node.directory / "data" / "tls" / "default.pem"
            client = Paho(node, "secure")
            client.client.tls_set(ca_certs=str(certificate))
            client.client.tls_insecure_set(True)
            client.connect(node.mqtts_port)
            client.subscribe("x", 1)
            client.publish("x", "sealed", 1)
            client.wait(lambda: client.heard == [("x", "sealed", 1, False)])
            client.leave()
            self.assertEqual(node.stop(), 0)


if __name__ == "__main__":
    unittest.main()
