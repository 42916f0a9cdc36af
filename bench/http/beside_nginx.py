#!/usr/bin/env python3
"""CPU time per small JSON request: Keel beside nginx, with the same load, in interleaved rounds.

    bench/http/beside_nginx.py [--keel build/release/bin/keel] [--rounds 5] [--seconds 3] [--connections 32] [--json]

Three servers answer the same `wrk` on loopback: nginx (one worker, `return 200` with a small JSON body), Keel's
/healthz (parsing, routing, writing; no cell), and Keel's /v1/accounts/1 (the same with the token, a query that
crosses to the cell's core and back, and a body of 300 bytes). The figure is the servers' own user and system time,
from /proc/PID/stat, divided by the requests answered; medians of the rounds. Needs nginx and wrk.
"""

import argparse
import json
import os
import pathlib
import re
import signal
import statistics
import subprocess
import tempfile
import time
import urllib.request

TICKS = os.sysconf("SC_CLK_TCK")

NGINX = """
worker_processes 1;
daemon off;
pid {directory}/nginx.pid;
error_log {directory}/error.log;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  keepalive_requests 100000000;
  client_body_temp_path {directory}; proxy_temp_path {directory}; fastcgi_temp_path {directory};
  uwsgi_temp_path {directory}; scgi_temp_path {directory};
  server {{
    listen 127.0.0.1:{port};
    location / {{ default_type application/json; return 200 '{{"status":"alive"}}'; }}
  }}
}}
"""


def cpu_seconds(pids):
    total = 0
    for pid in pids:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def descendants(pid):
    pids = [pid]
    for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        pids += descendants(int(child))
    return pids


def free_port():
    import socket
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def start_nginx(directory):
    port = free_port()
    configuration = pathlib.Path(directory, "nginx.conf")
    configuration.write_text(NGINX.format(directory=directory, port=port))
    process = subprocess.Popen(["nginx", "-c", str(configuration)], stderr=subprocess.DEVNULL)
    return process, f"http://127.0.0.1:{port}"


def start_keel(binary, directory):
    ready = pathlib.Path(directory, "ready")
    process = subprocess.Popen([binary, "serve", f"--ready-file={ready}", f"--set=data_directory={directory}/data",
                                "--set=http.port=0"], stdout=subprocess.DEVNULL)
    while not (ready.exists() and ready.read_text().endswith("\n")):
        time.sleep(0.02)
    return process, ready.read_text().strip(), pathlib.Path(directory, "data", "token").read_text().strip()


def post(url, token, body):
    request = urllib.request.Request(url, json.dumps(body).encode(),
                                     {"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
    urllib.request.urlopen(request).read()


def wrk(url, connections, seconds, headers=()):
    words = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s"]
    for header in headers:
        words += ["-H", header]
    said = subprocess.run(words + [url], capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in said:
        raise SystemExit(said)
    return int(re.search(r"(\d+) requests in", said).group(1))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--keel", default="build/release/bin/keel")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        nginx, nginx_url = start_nginx(directory)
        keel, keel_url, token = start_keel(options.keel, directory)
        post(keel_url + "/v1/ledgers", token, {"ledgers": [{"id": 1, "currency": "EUR", "exponent": 2}]})
        post(keel_url + "/v1/accounts", token, {"accounts": [{"id": 1, "ledger": 1, "code": 1}]})
        time.sleep(0.3)
        cases = {
            "nginx, return 200": (nginx, nginx_url + "/", ()),
            "keel /healthz": (keel, keel_url + "/healthz", ()),
            "keel /v1/accounts/1": (keel, keel_url + "/v1/accounts/1", (f"Authorization: Bearer {token}",)),
        }
        figures = {name: [] for name in cases}
        rates = {name: [] for name in cases}
        for name, (_, url, headers) in cases.items():
            wrk(url, options.connections, 1, headers)
        for _ in range(options.rounds):
            for name, (process, url, headers) in cases.items():
                pids = descendants(process.pid)
                before = cpu_seconds(pids)
                requests = wrk(url, options.connections, options.seconds, headers)
                figures[name].append((cpu_seconds(pids) - before) * 1e6 / requests)
                rates[name].append(requests / options.seconds)
        keel.send_signal(signal.SIGTERM)
        nginx.send_signal(signal.SIGTERM)
        keel.wait()
        nginx.wait()
    peer = statistics.median(figures["nginx, return 200"])
    rows = [{"case": name, "cpu_us": round(statistics.median(values), 2), "min": round(min(values), 2),
             "max": round(max(values), 2), "ratio": round(statistics.median(values) / peer, 2),
             "requests_per_second": round(statistics.median(rates[name]))} for name, values in figures.items()]
    if options.json:
        print(json.dumps(rows, indent=2))
        return
    print(f"{options.connections} connections, {options.rounds} rounds of {options.seconds} s")
    for row in rows:
        print(f"{row['case']:22} {row['cpu_us']:6.2f} CPU-us a request ({row['min']} to {row['max']}), "
              f"{row['ratio']:.2f} of nginx, {row['requests_per_second']}/s")


if __name__ == "__main__":
    main()
