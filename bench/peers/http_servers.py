"""nginx and hyper: each answers a small JSON body from memory, on one thread."""

import os
import pathlib
import re
import shutil
import subprocess

import processes
import wrk
from case import Case, Peer

ROOT = pathlib.Path(__file__).resolve().parents[2]
HYPER = ROOT / "build" / "peers" / "hyper" / "release" / "hyper_peer"

NGINX = """
worker_processes 1;
daemon off;
pid {place}/nginx.pid;
error_log {place}/error.log;
{user}
events {{ worker_connections 4096; }}
http {{
  access_log off;
  keepalive_requests 100000000;
  client_body_temp_path {place}; proxy_temp_path {place}; fastcgi_temp_path {place};
  uwsgi_temp_path {place}; scgi_temp_path {place};
  server {{
    listen 127.0.0.1:{port};
    location / {{ default_type application/json; return 200 '{{"status":"alive"}}'; }}
  }}
}}
"""


class HttpServer(Peer):
    """A peer of the HTTP group, on a port of its own."""

    def __init__(self):
        self.server = None
        self.port = 0

    def cases(self):
        return [Case("http", self.name, lambda seconds: wrk.measure(self.server, f"http://127.0.0.1:{self.port}/", seconds))]

    def stop(self):
        if self.server is not None:
            self.server.stop()


class Nginx(HttpServer):
    name = "nginx"

    def missing(self):
        return wrk.missing() or ("" if shutil.which("nginx") else "nginx")

    def version(self):
        return subprocess.run(["nginx", "-v"], capture_output=True, text=True, check=True).stderr.strip().split(": ")[1]

    def settings(self):
        return "one worker, no access log, return 200 with 18 bytes of JSON"

    def start(self, place):
        self.port = processes.free_port()
        configuration = pathlib.Path(place) / "nginx.conf"
        user = "user root;" if os.geteuid() == 0 else ""
        configuration.write_text(NGINX.format(place=place, port=self.port, user=user))
        self.server = processes.Server(["nginx", "-e", f"{place}/error.log", "-c", configuration],
                                       pathlib.Path(place) / "log").wait_for_port(self.port)


class Hyper(HttpServer):
    name = "hyper"

    def missing(self):
        return wrk.missing() or ("" if HYPER.exists() else "hyper_peer (bench/peers/install.sh builds it)")

    def version(self):
        lock = (ROOT / "bench" / "peers" / "hyper" / "Cargo.lock").read_text()
        return " on ".join(f"{name} " + re.search(rf'name = "{name}"\nversion = "([^"]+)"', lock).group(1)
                           for name in ("hyper", "tokio"))

    def settings(self):
        return "one thread (tokio's current_thread), 18 bytes of JSON, TCP_NODELAY, link-time optimisation"

    def start(self, place):
        self.port = processes.free_port()
        self.server = processes.Server([HYPER, self.port], pathlib.Path(place) / "log").wait_for_port(self.port)
