"""What stands beside every figure: the machine, its disk, its load, and what others used of it meanwhile."""

import os
import pathlib
import platform
import time

import processes


def _first(path, prefix):
    for line in pathlib.Path(path).read_text().splitlines():
        if line.startswith(prefix):
            return line.split(":", 1)[1].strip()
    return "?"


def disk_of(directory):
    """The device and file system that hold the directory: "/dev/vda, ext4 (rw,relatime)"."""
    place = pathlib.Path(directory).resolve()
    best = ("?", "", "?", "?")
    for line in pathlib.Path("/proc/mounts").read_text().splitlines():
        device, mount, kind, how = line.split()[:4]
        if (place == pathlib.Path(mount) or pathlib.Path(mount) in place.parents) and len(mount) >= len(best[1]):
            best = (device, mount, kind, how)
    return f"{best[0]}, {best[2]} ({best[3]})"


def facts(directory):
    return {
        "taken": time.strftime("%Y-%m-%d %H:%M:%S %Z"),
        "cpu": _first("/proc/cpuinfo", "model name"),
        "cores": os.cpu_count(),
        "memory_gib": round(int(_first("/proc/meminfo", "MemTotal").split()[0]) / 2**20, 1),
        "kernel": platform.release(),
        "disk": disk_of(directory),
        "load_average": os.getloadavg()[0],
    }


class Interference:
    """How many processors' worth of work was done by others than this program and what it started."""

    def __init__(self):
        self.started = time.monotonic()
        self.all = self._all()
        self.own = processes.cpu_seconds(os.getpid())

    @staticmethod
    def _all():
        # user, nice, system, then (behind idle and waiting) interrupts; guests are in user already
        fields = list(map(int, pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]))
        return (sum(fields[0:3]) + sum(fields[5:7])) / processes.TICKS

    def processors(self):
        others = self._all() - self.all - (processes.cpu_seconds(os.getpid()) - self.own)
        return max(0.0, others / (time.monotonic() - self.started))


def describe(machine):
    return (f"{machine['cores']} cores of {machine['cpu']}, {machine['memory_gib']} GiB, Linux {machine['kernel']}, "
            f"disk {machine['disk']}, load average {machine['load_average']:.1f} at the start, {machine['taken']}")
