"""Section 9: the report on one class of a journal."""

import os
from dataclasses import dataclass, field

from verifier.cut import read_checkpoint, read_cut
from verifier.headers import GroupHeader
from verifier.heads import Heads
from verifier.layout import CLASSES, Identity
from verifier.segment import list_segments
from verifier.walk import Walk


@dataclass
class Summary:
    """What section 9 asks a report to have."""
    class_name: str
    segments: int = 0
    groups: int = 0
    seals: int = 0
    records: int = 0
    first_sequence: int = 0
    last_sequence: int = 0
    size_bytes: int = 0
    heads: int = 0
    identity: Identity = None
    last: GroupHeader = None
    tail: dict = None
    cut: dict = None
    problems: list = field(default_factory=list)

    def count(self, header):
        """Takes in a valid group."""
        self.groups += 1
        self.seals += header.seal
        self.records += header.record_count
        self.size_bytes += header.occupied
        self.last = header
        if header.record_count:
            self.first_sequence = self.first_sequence or header.first_sequence
            self.last_sequence = header.first_sequence + header.record_count - 1

    def report(self):
        identity = self.identity or Identity(bytes(16), 0, 0)
        return {
            "ok": not self.problems,
            "journal_id": identity.journal_id.hex(),
            "cell": identity.cell,
            "class": self.class_name,
            "segments": self.segments,
            "groups": self.groups,
            "seals": self.seals,
            "records": self.records,
            "first_sequence": self.first_sequence,
            "last_sequence": self.last_sequence,
            "last_time": self.last.last_time if self.last else 0,
            "epoch": self.last.epoch if self.last else 0,
            "bytes": self.size_bytes,
            "head": (self.last.hash if self.last else bytes(32)).hex(),
            "heads": self.heads,
            "tail": None if self.problems else self.tail,
            "cut": self.cut,
            "problems": self.problems,
        }


def verify(directory, class_name="main", key=None):
    """The report on one class of the journal in a directory. OSError if it cannot be read."""
    paths = list_segments(directory, class_name)
    if not paths:
        raise FileNotFoundError(f"no segment of class {class_name} in {directory}")
    summary = Summary(class_name)
    heads = Heads(os.path.join(directory, f"{class_name}.heads"), CLASSES[class_name], summary.problems, key)
    walk = Walk(paths, read_cut(directory, class_name), read_checkpoint(directory, class_name), class_name, heads,
                summary)
    walk.run()
    if not any(problem["problem"] == "newer_format" for problem in summary.problems):
        heads.finish(walk.last_group())
        walk.finish_checkpoint()
    summary.heads = heads.valid
    return summary.report()


def print_report(report):
    """The report for people: the fields of the JSON, a line each."""
    for name, value in report.items():
        if name not in ("ok", "problems", "tail"):
            print(f"{name:<15}{value}")
    tail = report["tail"]
    if tail:
        print(f"incomplete last write: {tail['file']} at {tail['offset']}, {tail['extent_bytes']} bytes, group "
              f"{tail['group_number']}: {tail['reason']}; an opening drops it")
    for problem in report["problems"]:
        print(f"{problem['problem']}: {problem['file']} at {problem['offset']}: expected {problem['expected']}")
    print("ok" if report["ok"] else "corrupt")
