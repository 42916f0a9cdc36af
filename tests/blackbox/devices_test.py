"""Devices: a registry over HTTP, twins and methods over MQTT with Debian's paho and mosquitto's clients; a device that
sleeps through changes, a kill and a restart gets every one of them, in order."""

import json
import pathlib
import queue
import shutil
import subprocess
import tempfile
import time
import unittest

from keel_process import Client, Node
from mqtt_foreign import paho
from tls_test import Authority

SECONDS = 60
TOKEN = "dG9rZW4gb2YgdGhlIGZhbi4uLg"


class Device:
    """A device: paho, QoS 1, a session that is kept. What it hears is in `heard`: (topic behind its own, JSON).
    `told` has all of it, read or not."""

    def __init__(self, node, device, secret):
        self.topics = f"$keel/devices/{device}/"
        self.heard = queue.Queue()
        self.told = []
        self.connected = queue.Queue()
        self.subscribed = queue.Queue()
        self.paho = paho.Client(client_id=device, clean_session=False)
        self.paho.username_pw_set(device, secret)
        self.paho.on_connect = lambda *words: self.connected.put(words[3])
        self.paho.on_subscribe = lambda *words: self.subscribed.put(words[3])
        self.paho.on_message = self.hear
        self.paho.connect("127.0.0.1", node.mqtt_port, keepalive=60)
        self.paho.loop_start()
        self.code = self.connected.get(timeout=SECONDS)

    def hear(self, _client, _data, message):
        self.told.append((message.topic.removeprefix(self.topics), json.loads(message.payload)))
        self.heard.put(self.told[-1])

    def subscribe(self, topic):
        self.paho.subscribe(topic, qos=1)
        return self.subscribed.get(timeout=SECONDS)[0]

    def say(self, rest, body):
        self.paho.publish(self.topics + rest, json.dumps(body), qos=1).wait_for_publish(SECONDS)

    def expect(self, rest):
        """The next message with this topic; others are passed over."""
        until = time.monotonic() + SECONDS
        while True:
            topic, body = self.heard.get(timeout=max(0.1, until - time.monotonic()))
            if topic == rest:
                return body

    def leave(self):
        self.paho.disconnect()
        self.paho.loop_stop()


class DevicesTest(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory(prefix="keel-devices-")
        self.addCleanup(place.cleanup)
        self.place = place.name
        self.node = Node(place.name, mqtt__enabled="true", mqtt__port=0).start()
        self.addCleanup(self.node.kill)
        self.connect()
        self.made(self.http.post("/v1/devices", {
            "device": "lamp", "name": "The lamp", "groups": ["north"], "tags": [{"name": "site", "value": "gate"}]}))
        self.made(self.http.post("/v1/devices/lamp/credentials", {"password": "let there be light"}))
        self.made(self.http.post("/v1/devices", {"device": "fan", "groups": ["north"]}))
        self.made(self.http.post("/v1/devices/fan/credentials", {"token": TOKEN}))

    def connect(self):
        self.http = Client(self.node)
        self.addCleanup(self.http.close)

    def made(self, answer):
        self.assertEqual(answer.status, 200, answer.body)
        result = answer.json.get("result", answer.json)
        self.assertEqual(result["outcome"], "done", answer.body)
        return answer.json

    def lamp(self):
        lamp = Device(self.node, "lamp", "let there be light")
        self.addCleanup(lamp.leave)
        self.assertEqual(lamp.code, 0)
        return lamp

    def desire(self, patch):
        return self.made(self.http.post("/v1/devices/lamp/twin", patch))["updated"]

    def until(self, found):
        """Waits for what is recorded now and then."""
        until = time.monotonic() + SECONDS
        while not (seen := found()):
            self.assertLess(time.monotonic(), until)
            time.sleep(0.5)
        return seen

    def test_a_twin_is_read_and_changed_from_both_sides(self):
        lamp = self.lamp()
        self.assertEqual(lamp.subscribe("$keel/devices/lamp/#"), 1)
        self.assertEqual(self.desire({"on": True, "level": {"min": 1, "max": 1.50}})["desired_version"], "1")
        change = lamp.expect("twin/changes")
        self.assertEqual((change["version"], change["patch"]), (1, {"on": True, "level": {"min": 1, "max": 1.5}}))
        self.assertEqual(lamp.expect("twin/update/delta")["state"], {"on": True, "level": {"min": 1, "max": 1.5}})
        lamp.say("twin/update", {"state": {"reported": {"on": True, "level": {"min": 1}}}, "clientToken": "one"})
        accepted = lamp.expect("twin/update/accepted")
        self.assertEqual(accepted["clientToken"], "one")
        self.assertEqual(accepted["version"], {"desired": 1, "reported": 1})
        self.assertEqual(lamp.expect("twin/update/delta")["state"], {"level": {"max": 1.5}})
        lamp.say("twin/update", {"state": {"reported": {"on": False}}, "version": 7, "clientToken": "two"})
        rejected = lamp.expect("twin/update/rejected")
        self.assertEqual((rejected["code"], rejected["clientToken"]), (409, "two"))
        lamp.say("twin/update", {"state": {"desired": {}}})
        self.assertEqual(lamp.expect("twin/update/rejected")["code"], 400)
        lamp.say("twin/get", {})
        got = lamp.expect("twin/get/accepted")
        self.assertEqual(got["state"]["reported"], {"on": True, "level": {"min": 1}})
        self.assertEqual(got["metadata"]["desired"]["$version"], 1)
        self.assertIn("$updated", got["metadata"]["desired"]["level"]["max"])
        # What the operator has noted of a device is nowhere in what the device is told.
        lamp.say("twin/changes/get", {"after": 0})
        self.assertEqual([each["version"] for each in lamp.expect("twin/changes/get/accepted")["changes"]], [1])
        self.assertLessEqual({"twin/changes", "twin/update/delta", "twin/update/documents", "twin/update/accepted",
                              "twin/update/rejected", "twin/get/accepted"}, {topic for topic, _ in lamp.told})
        for word in ("tags", "site", "gate", "groups", "north", "The lamp"):
            self.assertNotIn(f'"{word}"', json.dumps(lamp.told))
        twin = self.http.get("/v1/devices/lamp/twin").json
        self.assertEqual(twin["reported"], got["state"]["reported"])
        self.assertEqual(twin["delta"], {"level": {"max": 1.5}})
        stale = self.http.post("/v1/devices/lamp/twin?expected_version=0", {"on": False})
        self.assertEqual(stale.json["result"]["outcome"], "version_conflict")
        self.assertEqual(self.http.post("/v1/devices/lamp/twin", "[1]").status, 400)

    def test_a_device_that_sleeps_gets_every_change_in_order_over_a_kill_and_a_restart(self):
        lamp = self.lamp()
        lamp.subscribe("$keel/devices/lamp/twin/changes")
        self.desire({"step": 1})
        lamp.expect("twin/changes")
        lamp.leave()
        for step in range(2, 8):
            self.desire({"step": step})
        self.node.kill()
        self.node.start()
        self.connect()
        for step in range(8, 11):
            self.desire({"step": step})
        self.node.stop()
        self.node.start()
        self.connect()
        lamp = self.lamp()
        steps = []
        while not steps or steps[-1] < 10:
            change = lamp.expect("twin/changes")
            self.assertEqual(change["patch"], {"step": change["version"]})
            if change["version"] not in steps:  # at least once
                steps.append(change["version"])
        self.assertEqual(steps, sorted(steps))
        self.assertLessEqual(set(range(2, 11)), set(steps))
        # The same without a session: what is kept is asked for.
        kept = self.http.get("/v1/devices/lamp/changes").json
        self.assertEqual([change["version"] for change in kept["changes"]], [str(step) for step in range(1, 11)])
        lamp.subscribe("$keel/devices/lamp/#")
        lamp.say("twin/changes/get", {"after": 8})
        self.assertEqual([each["version"] for each in lamp.expect("twin/changes/get/accepted")["changes"]], [9, 10])
        lamp.say("twin/changes/take", {"version": 10})
        lamp.expect("twin/changes/take/accepted")
        self.assertEqual(self.http.get("/v1/devices/lamp").json["kept_changes"], "0")

    def test_a_device_that_listens_takes_or_coalesces_or_its_operator_is_refused(self):
        self.node.stop()
        self.node.settings["devices.kept_changes"] = 3
        self.node.start()
        self.connect()
        lamp = self.lamp()
        lamp.subscribe("$keel/devices/lamp/#")
        for step in (1, 2, 3):
            self.desire({"step": step})
            self.assertEqual(lamp.expect("twin/changes")["version"], step)
        refused = self.http.post("/v1/devices/lamp/twin", {"step": 4}).json["result"]["outcome"]
        self.assertEqual(refused, "changes_full")  # it has heard them all, and taken none
        lamp.say("twin/changes/take", {"coalesce": True})
        lamp.expect("twin/changes/take/accepted")
        while not lamp.heard.empty():
            lamp.heard.get()
        for step in range(4, 9):
            self.desire({"step": step})
        # Nothing is kept; how it should be now it is told.
        while lamp.expect("twin/update/delta")["state"] != {"step": 8}:
            pass
        lamp.say("twin/changes/get", {"after": 0})
        self.assertEqual(lamp.expect("twin/changes/get/accepted")["changes"], [])
        self.assertEqual({body["version"] for topic, body in lamp.told if topic == "twin/changes"}, {1, 2, 3})
        row = self.http.get("/v1/devices/lamp").json
        self.assertEqual((row["coalesce"], row["kept_changes"]), (True, "0"))
        # And kept again, once it says so.
        lamp.say("twin/changes/take", {"coalesce": False})
        lamp.expect("twin/changes/take/accepted")
        self.desire({"step": 9})
        self.assertEqual(lamp.expect("twin/changes")["patch"], {"step": 9})

    def test_a_method_is_answered_or_was_not_sent(self):
        call = self.made(self.http.post("/v1/devices/lamp/methods?method=blink&timeout_s=50", {"times": 3}))["called"]["call"]
        self.until(lambda: self.http.get(f"/v1/methods/{call}").json["result"] == "not_sent")
        lamp = self.lamp()
        lamp.subscribe("$keel/devices/lamp/methods/+/request")
        call = self.made(self.http.post("/v1/devices/lamp/methods?method=blink&timeout_s=50", {"times": 3}))["called"]["call"]
        request = lamp.expect(f"methods/{call}/request")
        self.assertEqual((request["method"], request["payload"]), ("blink", {"times": 3}))
        lamp.say(f"methods/{call}/response", {"status": 200, "payload": {"blinked": 3}})
        answered = self.http.get(f"/v1/methods/{call}").json
        self.assertEqual((answered["result"], answered["status"]), ("answered", 200))
        self.assertEqual(json.loads(answered["answer"]), {"blinked": 3})
        late = self.made(self.http.post("/v1/devices/lamp/methods?method=sleep&timeout_s=1", ""))["called"]["call"]
        self.until(lambda: self.http.get(f"/v1/methods/{late}").json["result"] == "timed_out")

    def test_a_blocked_and_a_removed_device_are_cut_and_not_let_in_again(self):
        lamp = Device(self.node, "lamp", "let there be light")
        self.addCleanup(lamp.leave)
        ended = queue.Queue()
        lamp.paho.on_disconnect = lambda *words: ended.put(words[2])
        self.made(self.http.post("/v1/devices", {"device": "lamp", "blocked": True}))
        ended.get(timeout=SECONDS)
        lamp.leave()
        refused = Device(self.node, "lamp", "let there be light")
        self.addCleanup(refused.leave)
        self.assertNotEqual(refused.code, 0)
        fan = Device(self.node, "fan", TOKEN)
        self.addCleanup(fan.leave)
        self.assertEqual(fan.code, 0)
        fan.paho.on_disconnect = lambda *words: ended.put(words[2])
        self.made(self.http.post("/v1/devices/remove", {"device": "fan"}))
        ended.get(timeout=SECONDS)

    def test_a_device_is_known_by_what_it_proves_and_touches_its_own_alone(self):
        wrong = Device(self.node, "lamp", "let there be dark")
        self.addCleanup(wrong.leave)
        self.assertNotEqual(wrong.code, 0)
        lamp = self.lamp()
        self.assertEqual(lamp.subscribe("$keel/devices/fan/#"), 128)
        self.assertEqual(lamp.subscribe("$keel/devices/+/twin/changes"), 128)
        self.assertEqual(lamp.subscribe("#"), 128)
        lamp.paho.publish("$keel/devices/fan/twin/update", '{"state":{"reported":{"x":1}}}', qos=1).wait_for_publish(SECONDS)
        # The fan has a token, and mosquitto's clients.
        words = ["-h", "127.0.0.1", "-p", str(self.node.mqtt_port), "-u", "fan", "-P", TOKEN, "-q", "1"]
        ears = ["mosquitto_sub", *words, "-i", "fan-ears", "-c", "-t", "$keel/devices/fan/twin/update/accepted"]
        subprocess.run([*ears, "-E"], check=True, timeout=SECONDS)
        subprocess.run(["mosquitto_pub", *words, "-i", "fan", "-t", "$keel/devices/fan/twin/update",
                        "-m", '{"state":{"reported":{"speed":3}}}'], check=True, timeout=SECONDS)
        said = subprocess.run([*ears, "-C", "1", "-W", str(SECONDS)], check=True, timeout=2 * SECONDS,
                              stdout=subprocess.PIPE, text=True).stdout
        self.assertIn('{"state":{"reported":{"speed":3}}', said)
        self.assertEqual(self.http.get("/v1/devices/fan/twin").json["reported"], {"speed": 3})
        self.until(lambda: self.http.get("/v1/devices/lamp").json["connected"])
        north = self.http.get("/v1/devices?group=north&limit=1").json
        self.assertEqual([each["device"] for each in north["devices"]], ["fan"])
        north = self.http.get(f"/v1/devices?group=north&after={north['next']}").json
        self.assertEqual([each["device"] for each in north["devices"]], ["lamp"])
        gate = self.http.get("/v1/devices?tag=site=gate").json
        self.assertEqual([each["device"] for each in gate["devices"]], ["lamp"])
        lamp.leave()
        self.until(lambda: not self.http.get("/v1/devices/lamp").json["connected"])
        self.made(self.http.post("/v1/devices/remove", {"device": "lamp"}))
        self.assertEqual(self.http.get("/v1/devices/lamp").status, 404)

    def test_a_certificate_proves_who_a_device_is(self):
        self.node.stop()
        files = pathlib.Path(self.place) / "tls"
        files.mkdir()
        authority = Authority(self.place, "authority")
        authority.sign("default", "IP:127.0.0.1", into=files)
        shutil.copy(authority.certificate, files / "client_ca.pem")
        shown = {name: authority.sign(name, f"DNS:{name}.example") for name in ("lamp", "other")}
        self.node.settings.update({"mqtts.enabled": "true", "mqtts.port": 0, "tls.directory": str(files),
                                   "mqtts.client_certificates": "optional"})
        self.node.start()
        self.connect()
        self.made(self.http.post("/v1/devices/lamp/credentials", {"password": "", "certificate": "dns:lamp.example"}))
        for name, code in (("lamp", 0), ("other", 4)):  # 4: bad user name or password
            certificate, key = shown[name]
            # Without a user name: the client id says which device it is.
            words = ["-h", "127.0.0.1", "-p", str(self.node.mqtts_port), "--cafile", authority.certificate, "--cert",
                     certificate, "--key", key, "-i", "lamp", "-q", "1"]
            done = subprocess.run(["mosquitto_pub", *words, "-t", "$keel/devices/lamp/twin/update", "-m",
                                   json.dumps({"state": {"reported": {"by": name}}})], timeout=SECONDS, check=False,
                                  stderr=subprocess.PIPE)
            self.assertEqual(done.returncode, code, done.stderr)
        self.assertEqual(self.http.get("/v1/devices/lamp/twin").json["reported"], {"by": "lamp"})


if __name__ == "__main__":
    unittest.main()
