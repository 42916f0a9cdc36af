"""What a run is made of: cases that measure for some seconds and say what they saw, in groups that are compared."""

import dataclasses


@dataclasses.dataclass
class Figures:
    """One case in one round. Latencies in microseconds; None where the load does not tell."""

    operations: int
    seconds: float
    cpu_seconds: float  # of the server's processes; of the whole process where load and store are one
    p50_us: float | None = None
    p99_us: float | None = None
    more: dict = dataclasses.field(default_factory=dict)

    def row(self):
        return {
            "per_second": self.operations / self.seconds,
            "cpu_us": self.cpu_seconds * 1e6 / max(self.operations, 1),
            "p50_us": self.p50_us,
            "p99_us": self.p99_us,
            **self.more,
        }


@dataclasses.dataclass
class Case:
    group: str
    name: str
    measure: object  # (seconds) -> Figures
    note: str = ""


# The groups, in the order of the tables; ratios are against the first case, which is Keel's.
GROUPS = {
    "single": "Durable transfers, 32 clients, one each",
    "batch": "Durable transfers in batches of 8,189",
    "appends 4 KiB": "Durable appends of 4 KiB, one at a time",
    "appends 16 KiB": "Durable appends of 16 KiB, one at a time",
    "appends 256 KiB": "Durable appends of 256 KiB, one at a time",
    "appends 1 MiB": "Durable appends of 1 MiB, one at a time",
    "http": "Small JSON answers over HTTP/1.1, 32 connections kept alive",
}


class Peer:
    """Something that is measured. Started once, asked for its cases, and always stopped."""

    name = "?"

    def missing(self):
        """What is not there, or an empty text."""
        return ""

    def version(self):
        return ""

    def settings(self):
        """What decides how durable and how fast it is, in one sentence."""
        return ""

    def start(self, place):
        """Starts its servers in `place`, an empty directory on the disk that is measured."""

    def cases(self):
        return []

    def stop(self):
        """Stops what start() began; may be called twice."""
