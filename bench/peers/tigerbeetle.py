"""TigerBeetle under its own `benchmark` command, where a binary of it is found on PATH.

No package registry has one, so these lines have met no TigerBeetle yet: what its output lacks is an error, not a zero.
"""

import pathlib
import re
import shutil
import subprocess

import processes
from case import Case, Figures, Peer


class TigerBeetle(Peer):
    name = "TigerBeetle"

    def __init__(self):
        self.server = None
        self.port = 0

    def missing(self):
        return "" if shutil.which("tigerbeetle") else "tigerbeetle"

    def version(self):
        return subprocess.run(["tigerbeetle", "version"], capture_output=True, text=True, check=True).stdout.strip()

    def settings(self):
        return "one replica, its own benchmark command"

    def start(self, place):
        file = pathlib.Path(place) / "0_0.tigerbeetle"
        subprocess.run(["tigerbeetle", "format", "--cluster=0", "--replica=0", "--replica-count=1", str(file)], check=True,
                       capture_output=True)
        self.port = processes.free_port()
        self.server = processes.Server(["tigerbeetle", "start", f"--addresses=127.0.0.1:{self.port}", file],
                                       pathlib.Path(place) / "log").wait_for_port(self.port)

    def measure(self, clients, batch, transfers):
        before = self.server.cpu_seconds()
        said = subprocess.run(["tigerbeetle", "benchmark", f"--addresses=127.0.0.1:{self.port}", f"--clients={clients}",
                               f"--transfer-batch-size={batch}", f"--transfer-count={transfers}"],
                              capture_output=True, text=True, check=True)
        cpu = self.server.cpu_seconds() - before
        text = said.stdout + said.stderr
        rate = re.search(r"load accepted = (\d+)", text)
        if rate is None:
            raise RuntimeError(f"tigerbeetle benchmark said: {text[-500:]}")
        at = {of: float(value) * 1e3 for of, value in re.findall(r"latency p(50|99) += +(\d+) ?ms", text)}
        return Figures(transfers, transfers / float(rate.group(1)), cpu, at.get("50"), at.get("99"))

    def cases(self):
        return [
            Case("single", self.name, lambda seconds: self.measure(32, 1, max(100, round(300 * seconds)))),
            Case("batch", self.name, lambda seconds: self.measure(1, 8_189, 8_189 * max(2, round(15 * seconds)))),
        ]

    def stop(self):
        if self.server is not None:
            self.server.stop()
