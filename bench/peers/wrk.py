"""The load of the HTTP servers: wrk on one thread, 32 connections kept alive."""

import re
import shutil
import subprocess

from case import Figures

CONNECTIONS = 32
UNITS = {"us": 1.0, "ms": 1e3, "s": 1e6}


def missing():
    return "" if shutil.which("wrk") else "wrk"


def measure(server, url, seconds, *headers):
    words = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s", "--latency"]
    for header in headers:
        words += ["-H", header]
    before = server.cpu_seconds()
    said = subprocess.run([*words, url], capture_output=True, text=True, check=True).stdout
    cpu = server.cpu_seconds() - before
    if "Non-2xx" in said or "Socket errors" in said:
        raise RuntimeError(said)
    requests, took, unit = re.search(r"(\d+) requests in ([\d.]+)(us|ms|s)", said).groups()
    at = {of: float(value) * UNITS[unit] for of, value, unit in re.findall(r"(50|99)% +([\d.]+)(us|ms|s)", said)}
    return Figures(int(requests), float(took) * UNITS[unit] / 1e6, cpu, at["50"], at["99"])
