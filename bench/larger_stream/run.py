#!/usr/bin/env python3
"""A stream many times larger than the memory of its node: written, read from its start to its end, fetched.

    bench/larger_stream/run.py [--stream-mib 1280] [--limit-mib N] [--json OUT]

Messages of 64 KiB of chance are appended over HTTP to a node with small budgets of memory; then all are read by sequence and compared, a consumer fetches and acknowledges the
first and the last of them, and the node is killed, started again, and read again. At the end the stream is purged, and written to until
the archive's files have gone. With a limit the node is in a memory control group of its own (root only): what it needs beyond that ends it.
"""

import argparse
import base64
import contextlib
import hashlib
import json
import os
import pathlib
import shutil
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "blackbox"))

import keel_process  # noqa: E402

MESSAGE_BYTES = 64 << 10
PURGE_MIB = 600  # written after the purge, at most
A_REQUEST = 12  # messages: base64 of them stays below the server's bound on a body


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stream-mib", type=int, default=1280, help="of payloads")
    parser.add_argument("--limit-mib", type=int, help="of the node's memory, the kernel's pages for it among them; default: none")
    parser.add_argument("--keel", default=str(ROOT / "build" / "release" / "bin" / "keel"))
    parser.add_argument("--directory", default=str(ROOT / "build"), help="on the disk that is measured")
    parser.add_argument("--json", metavar="OUT", help="keep the result here")
    return parser.parse_args()


def payload_of(sequence):
    """Bytes that follow from the sequence, and that nothing makes smaller."""
    return hashlib.shake_128(sequence.to_bytes(8, "big")).digest(MESSAGE_BYTES)


class MemoryLimit:
    """A memory control group (cgroups(7), of either version) that goes with this object."""

    def __init__(self, mib):
        root = pathlib.Path("/sys/fs/cgroup")
        is_v1 = (root / "memory").is_dir()
        self.group = (root / "memory" if is_v1 else root) / f"keel-larger-stream-{os.getpid()}"
        self.group.mkdir()
        (self.group / ("memory.limit_in_bytes" if is_v1 else "memory.max")).write_text(str(mib << 20))

    def take(self, pid):
        (self.group / "cgroup.procs").write_text(str(pid))

    def remove(self):
        self.group.rmdir()


class LimitedNode(keel_process.Node):
    limit = None

    def launch(self):
        super().launch()
        if self.limit:
            self.limit.take(self.process.pid)


class Run:
    def __init__(self, given, place):
        self.messages = (given.stream_mib << 20) // MESSAGE_BYTES
        self.node = LimitedNode(place, streams__enabled="true", archive__hot_bytes=8 << 20,
                                      archive__cache_bytes=16 << 20, streams__segment_bytes=16 << 20,
                                      snapshots__every_records=2_000)
        self.node.limit = MemoryLimit(given.limit_mib) if given.limit_mib else None
        self.result = {"stream_mib": given.stream_mib, "limit_mib": given.limit_mib, "messages": self.messages,
                       "message_bytes": MESSAGE_BYTES}

    def start(self):
        self.node.start()
        self.http = keel_process.Client(self.node, timeout=300)

    def ask(self, method, target, body=None):
        answer = self.http.ask(method, "/v1/streams" + target, body)
        if answer.status != 200:
            raise SystemExit(f"{method} {target}: {answer.status} {answer.body[:300]}")
        return answer.json

    def files(self, what="*"):
        total = 0
        for file in (self.node.directory / "data" / "streams").rglob(what):
            with contextlib.suppress(FileNotFoundError):  # it goes while we look
                total += file.stat().st_blocks * 512 if file.is_file() else 0
        return total

    def note(self, what, began):
        files = self.files()
        self.result[what] = {"seconds": round(time.monotonic() - began, 1),
                             "resident_mib": round(self.node.resident_bytes() / 2**20, 1),
                             "peak_mib": round(self.node.peak_bytes() / 2**20, 1),
                             "files_mib": round(files / 2**20)}
        print(what, self.result[what], flush=True)

    def append(self):
        began = time.monotonic()
        for first in range(1, self.messages + 1, A_REQUEST):
            last = min(first + A_REQUEST, self.messages + 1)
            sent = {"messages": [{"payload": base64.b64encode(payload_of(n)).decode()} for n in range(first, last)]}
            while True:
                answer = self.http.post("/v1/streams/large/messages", sent)
                if answer.status != 503:
                    break
                time.sleep(0.2)
            if answer.status != 200:
                raise SystemExit(f"append: {answer.status} {answer.body[:300]}")
            told = [int(one["sequence"]) for one in answer.json["messages"]]
            if told != list(range(first, last)):
                raise SystemExit(f"appended at {told}")
        self.note("written", began)

    def read(self, what):
        began, at, seen = time.monotonic(), 1, 0
        while at <= self.messages:
            page = self.ask("GET", f"/large/messages?from={at}")
            for message in page["messages"]:
                if base64.b64decode(message["payload"]) != payload_of(int(message["sequence"])):
                    raise SystemExit(f"message {message['sequence']} is not what it was")
                seen += 1
            at = int(page["next"])
        if seen != self.messages:
            raise SystemExit(f"{seen} of {self.messages} messages")
        self.note(what, began)

    def consume(self):
        began = time.monotonic()
        for name, terms in [("first", {}), ("late", {"start": "sequence", "start_sequence": self.messages - 9})]:
            self.ask("PUT", f"/large/consumers/{name}", terms)
            given = self.ask("POST", f"/large/consumers/{name}/fetch", {"max_messages": 10})["messages"]
            acks = [{"sequence": one["message"]["sequence"]} for one in given]
            if len(acks) != 10 or self.ask("POST", f"/large/consumers/{name}/acks", {"acks": acks})["result"]["outcome"] != "done":
                raise SystemExit(f"fetched {given}")
        self.note("consumed", began)

    def purge(self):
        began = time.monotonic()
        self.ask("POST", "/large/purge", {})
        # More messages, so that rows move and files go: those that nobody wants any more, two moves later.
        before, more = self.files("archive/*"), 0
        while self.files("archive/*") > before // 2 and more < PURGE_MIB << 20:
            self.ask("POST", "/large/messages", {"messages": [{"payload": base64.b64encode(payload_of(n)).decode()}
                                                             for n in range(A_REQUEST)]})
            more += A_REQUEST * MESSAGE_BYTES
        self.note(f"purged, and {more >> 20} MiB more written", began)


def main():
    given = arguments()
    keel_process.BINARY = given.keel
    place = tempfile.mkdtemp(prefix="keel-larger-stream-", dir=given.directory)
    run = Run(given, place)
    try:
        run.start()
        began = time.monotonic()
        run.ask("PUT", "/large", {})
        run.note("empty", began)
        run.append()
        run.read("read")
        run.consume()
        run.node.kill()
        began = time.monotonic()
        run.start()
        run.note("started again", began)
        run.read("read again")
        run.purge()
    finally:
        run.node.__exit__()
        if run.node.limit:
            run.node.limit.remove()
        shutil.rmtree(place, ignore_errors=True)
    print(json.dumps(run.result))
    if given.json:
        pathlib.Path(given.json).write_text(json.dumps(run.result, indent=1) + "\n")


if __name__ == "__main__":
    main()
