"""Writes a golden data directory with the program in KEEL_BIN: `make_golden.py tests/golden/node-vN`.

For upgrade_test.py: one is made when a format of the snapshots or of the settled rows is new (N is the snapshots' format),
and is never made again. It holds rows in the archive, a snapshot, a tail behind
it, and a signed head.
"""

import json
import pathlib
import sys
import tarfile
import tempfile

from keel_process import Node, open_books, transfer

SNAPSHOT_VERSION_OFFSET = 32  # docs/snapshot-format.md: in the payload of the first frame
LAST = 610


def fill(client, node):
    for first in range(1, 601, 100):
        answer = client.post("/v1/transfers", {"transfers": [transfer(number) for number in range(first, first + 100)]})
        assert answer.status == 200, answer.body
    client.close()
    assert node.stop() == 0
    node.settings["snapshots.at_stop"] = "false"
    node.start()
    client = node.client()
    for number in range(601, LAST + 1):
        assert client.post("/v1/transfers", {"transfers": [transfer(number)]}, key=f"golden-{number}").status == 200
    return client


def what_it_leads_to(client):
    paths = ("/v1/ledgers/1/trial-balance", "/v1/accounts/1", "/v1/accounts/2", "/v1/transfers/1", "/v1/transfers/127",
             f"/v1/transfers/{LAST}")
    return {path: client.get(path).json for path in paths}


def snapshot_format(data):
    newest = max((data / "snapshots").glob("*.keel"))
    return int.from_bytes(newest.read_bytes()[SNAPSHOT_VERSION_OFFSET:SNAPSHOT_VERSION_OFFSET + 4], "little")


def pack(data, to):
    """Everything but what is secret, and a segment that was not begun."""
    with tarfile.open(to, "w:xz") as tar:
        for path in sorted(data.rglob("*")):
            if path.name in ("token", "head.key", "lock"):
                continue
            if path.is_file() and path.suffix == ".segment" and not any(path.read_bytes()):
                continue
            entry = tar.gettarinfo(path, str(path.relative_to(data)))
            entry.uid = entry.gid = entry.mtime = 0
            entry.uname = entry.gname = ""
            tar.addfile(entry, open(path, "rb") if path.is_file() else None)


def main():
    to = pathlib.Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as directory, Node(
            directory, journal__segment_bytes=8 << 20, snapshots__every_records=1 << 20,
            snapshots__at_stop="true") as node:
        client = node.client()
        open_books(client)
        client = fill(client, node)
        client.get("/v1/head")
        expected = {"answers": what_it_leads_to(client)}
        client.close()
        assert node.stop() == 0
        data = node.directory / "data"
        report = node.verify()
        assert report.returncode == 0, report.stdout
        expected["head"] = json.loads(report.stdout)["head"]
        expected["snapshot_format"] = snapshot_format(data)
        to.mkdir(parents=True)
        pack(data, to / "keel_data.tar.xz")
        (to / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


if __name__ == "__main__":
    main()
