"""What the disk gives without any of us: fio, and RocksDB's db_bench as another store with a synced log."""

import json
import pathlib
import re
import resource
import shutil
import subprocess

from case import Case, Figures, Peer

SIZES = {"4 KiB": 4 << 10, "16 KiB": 16 << 10, "256 KiB": 256 << 10, "1 MiB": 1 << 20}
LARGEST_FILE = 1 << 30


def count(size, seconds):
    """So many writes of this size that hardly a disk takes them in less time; the file stays below 1 GiB."""
    per_second = 12_000 / (1 + size / (256 << 10))
    return int(max(10, min(per_second * seconds, LARGEST_FILE // size)))


def child_cpu_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Fio(Peer):
    name = "fio"

    def __init__(self):
        self.file = None

    def missing(self):
        return "" if shutil.which("fio") else "fio"

    def version(self):
        return subprocess.run(["fio", "--version"], capture_output=True, text=True, check=True).stdout.strip()

    def settings(self):
        return "psync, one job, O_DIRECT and O_DSYNC into a file that was written before"

    def start(self, place):
        self.file = pathlib.Path(place) / "fio"

    def lay_out(self, size):
        if self.file.exists() and self.file.stat().st_size >= size:
            return
        with self.file.open("wb") as file:
            for _ in range(0, size, 1 << 20):
                file.write(bytes(1 << 20))
            file.flush()

    def measure(self, size, seconds):
        writes = count(size, seconds)
        self.lay_out(size * writes)
        words = ["fio", "--name=w", f"--filename={self.file}", "--rw=write", f"--bs={size}", f"--size={size * writes}",
                 "--direct=1", "--sync=dsync", "--ioengine=psync", "--overwrite=1", "--thread", f"--runtime={max(1, round(seconds))}",
                 "--output-format=json"]
        text = subprocess.run(words, check=True, capture_output=True, text=True).stdout
        job = json.loads(text[text.index("{"):])["jobs"][0]
        took = job["write"]["runtime"] / 1e3
        at = job["write"]["clat_ns"]["percentile"]
        return Figures(job["write"]["total_ios"], took, (job["usr_cpu"] + job["sys_cpu"]) / 100 * took, at["50.000000"] / 1e3,
                       at["99.000000"] / 1e3)

    def cases(self):
        return [Case(f"appends {label}", self.name, lambda seconds, size=size: self.measure(size, seconds))
                for label, size in SIZES.items()]


class RocksDb(Peer):
    """Puts without any logic, store and load in one process: what a key-value store gives at best."""

    name = "RocksDB, puts"

    def __init__(self):
        self.place = None

    def missing(self):
        return "" if shutil.which("db_bench") else "db_bench"

    def version(self):
        said = subprocess.run(["dpkg-query", "-W", "-f", "db_bench of rocksdb-tools ${Version}", "rocksdb-tools"],
                              capture_output=True, text=True, check=False).stdout
        return said or "db_bench"

    def settings(self):
        return "db_bench fillrandom, sync=1, 32 threads, keys of 16 and values of 128 bytes, no compression"

    def start(self, place):
        self.place = pathlib.Path(place)

    def measure(self, seconds):
        directory = self.place / "db"
        shutil.rmtree(directory, ignore_errors=True)
        words = ["db_bench", "--benchmarks=fillrandom", f"--db={directory}", "--sync=1", "--threads=32",
                 "--num=100000000", f"--duration={max(1, round(seconds))}", "--key_size=16", "--value_size=128",
                 "--compression_type=none", "--histogram=1"]
        before = child_cpu_seconds()
        said = subprocess.run(words, capture_output=True, text=True, check=True).stdout
        cpu = child_cpu_seconds() - before
        rate = re.search(r"fillrandom +: +[\d.]+ micros/op (\d+) ops/sec ([\d.]+) seconds (\d+) operations", said)
        at = re.search(r"P50: ([\d.]+) P75: [\d.]+ P99: ([\d.]+)", said)
        if rate is None or at is None:
            raise RuntimeError(f"db_bench said: {said[-500:]}")
        return Figures(int(rate.group(3)), float(rate.group(2)), cpu, float(at.group(1)), float(at.group(2)))

    def cases(self):
        return [Case("single", self.name, self.measure, "no ledger: a key and a value each, store and load in one process")]
