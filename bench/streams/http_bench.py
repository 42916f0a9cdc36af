#!/usr/bin/env python3
"""The server's CPU-µs for a message of a named stream over HTTP: appended, read, fetched with its acknowledgement.

    python3 bench/streams/http_bench.py build/release/bin/keel [--messages 100000] [--batch 256]
"""

import argparse
import json
import os
import pathlib
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "blackbox"))
PAYLOAD = "x" * 128


def cpu_seconds(pid):
    """User and system time of a process."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def ask(client, method, target, body=None):
    answer = client.ask(method, f"/v1/streams{target}", body)
    if answer.status != 200:
        sys.exit(f"{method} {target}: {answer.status} {answer.body[:200]}")
    return answer.json


def append(client, messages, batch):
    body = {"messages": [{"topic": "plant/1/meter", "text": PAYLOAD}] * batch}
    for _ in range(messages // batch):
        ask(client, "POST", "/s/messages", body)
    return messages


def read(client, messages, batch):
    seen = at = 0
    while at <= messages:
        page = ask(client, "GET", f"/s/messages?from={max(at, 1)}&limit={batch}")
        seen, at = seen + len(page["messages"]), int(page["next"])
    return seen


def consume(client, messages, batch):
    done = 0
    while done < messages:
        given = ask(client, "POST", "/s/consumers/c/fetch", {"max_messages": batch})["messages"]
        if not given:
            sys.exit(f"{done} of {messages} messages were given")
        acks = [{"sequence": one["message"]["sequence"]} for one in given]
        ask(client, "POST", "/s/consumers/c/acks", {"acks": acks})
        done += len(given)
    return done


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("keel")
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--batch", type=int, default=256)
    given = parser.parse_args()
    given.messages -= given.messages % given.batch
    os.environ["KEEL_BIN"] = str(pathlib.Path(given.keel).resolve())
    from keel_process import Client, Node

    with tempfile.TemporaryDirectory(prefix="keel-bench-streams-") as place:
        node = Node(place, streams__enabled="true").start()
        try:
            client = Client(node)
            ask(client, "PUT", "/s", {})
            ask(client, "PUT", "/s/consumers/c", {})
            result = {}
            for name, step in (("appended", append), ("read", read), ("fetched and acknowledged", consume)):
                cpu, begun = cpu_seconds(node.process.pid), time.monotonic()
                count = step(client, given.messages, given.batch)
                spent, wall = cpu_seconds(node.process.pid) - cpu, time.monotonic() - begun
                result[name] = {"messages": count, "per_second": round(count / wall), "cpu_us": round(spent * 1e6 / count, 2)}
                print(f"{name}: {count} messages in requests of {given.batch}, {count / wall:.0f}/s, {spent * 1e6 / count:.1f} CPU-us each")
            print(json.dumps(result))
        finally:
            node.kill()


if __name__ == "__main__":
    main()
