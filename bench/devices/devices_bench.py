#!/usr/bin/env python3
"""The server's CPU-µs for a durable reported twin patch, and for a method call that is answered.

    python3 bench/devices/devices_bench.py build/release/bin/keel [--devices 20] [--seconds 8]
"""

import argparse
import collections
import json
import os
import pathlib
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "blackbox"))
TOKEN = "dG9rZW4gb2YgdGhlIGZhbi4uLg"
PATIENCE = 60


def cpu_seconds(pid):
    """User and system time of a process."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Device:
    """Reports one patch after the other while `reports` is set; answers every call."""

    def __init__(self, paho, node, name):
        self.topics = f"$keel/devices/{name}/"
        self.reports = threading.Event()
        self.done = 0
        ready = threading.Event()
        self.paho = paho.Client(client_id=name, clean_session=False)
        self.paho.username_pw_set(name, TOKEN)
        self.paho.on_subscribe = lambda *_: ready.set()
        self.paho.on_publish = self.published
        self.paho.on_message = self.call
        self.paho.connect("127.0.0.1", node.mqtt_port, keepalive=60)
        self.paho.loop_start()
        self.paho.subscribe(self.topics + "methods/+/request", qos=1)
        if not ready.wait(PATIENCE):
            sys.exit(f"{name} could not subscribe")

    def report(self):
        body = {"state": {"reported": {"level": self.done, "lamp": {"on": self.done % 2 == 0}}}}
        self.paho.publish(self.topics + "twin/update", json.dumps(body), qos=1)

    def published(self, *_):
        self.done += 1
        if self.reports.is_set():
            self.report()

    def call(self, _client, _data, message):
        number = message.topic.split("/")[-2]
        self.paho.publish(f"{self.topics}methods/{number}/response", '{"status":200}', qos=1)


def twins(node, devices, seconds):
    for device in devices:
        device.reports.set()
        device.report()
    time.sleep(1)
    before, cpu, begun = sum(d.done for d in devices), cpu_seconds(node.process.pid), time.monotonic()
    time.sleep(seconds)
    patches = sum(d.done for d in devices) - before
    spent, wall = cpu_seconds(node.process.pid) - cpu, time.monotonic() - begun
    for device in devices:
        device.reports.clear()
    time.sleep(1)
    return patches, spent, wall


def methods(node, client, devices, seconds):
    calls = []
    before = sum(d.done for d in devices)
    cpu, begun = cpu_seconds(node.process.pid), time.monotonic()
    while time.monotonic() - begun < seconds:
        device = devices[len(calls) % len(devices)].topics.split("/")[2]
        answer = client.post(f"/v1/devices/{device}/methods?method=blink&timeout_s=60", {})
        calls.append(answer.json["called"]["call"])
    until = time.monotonic() + PATIENCE
    # Each answer is acknowledged when it is durable: seen by the devices, which costs the server nothing.
    while sum(d.done for d in devices) - before < len(calls) and time.monotonic() < until:
        time.sleep(0.05)
    spent, wall = cpu_seconds(node.process.pid) - cpu, time.monotonic() - begun
    results = collections.Counter(client.get(f"/v1/methods/{call}").json["result"] for call in calls)
    if results["answered"] != len(calls):
        print(f"of {len(calls)} calls: {dict(results)}")
    return results["answered"], spent, wall


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("keel")
    parser.add_argument("--devices", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=8)
    arguments = parser.parse_args()
    os.environ["KEEL_BIN"] = str(pathlib.Path(arguments.keel).resolve())
    from keel_process import Client, Node
    from mqtt_foreign import paho

    with tempfile.TemporaryDirectory(prefix="keel-bench-devices-") as place:
        node = Node(place, mqtt__enabled="true", mqtt__port=0).start()
        try:
            client = Client(node)
            devices = []
            for number in range(arguments.devices):
                client.post("/v1/devices", {"device": f"d{number}"})
                client.post(f"/v1/devices/d{number}/credentials", {"token": TOKEN})
                devices.append(Device(paho, node, f"d{number}"))
            for name, (count, cpu, wall) in (
                ("reported patches", twins(node, devices, arguments.seconds)),
                ("method calls, answered", methods(node, client, devices, arguments.seconds)),
            ):
                print(f"{arguments.devices} devices: {count} {name} in {wall:.1f} s, {cpu * 1e6 / count:.0f} CPU-us each")
        finally:
            node.kill()


if __name__ == "__main__":
    main()
