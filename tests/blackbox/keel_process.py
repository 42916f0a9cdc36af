"""A Keel node as a process, for tests that look at it from outside.

Nothing here knows Keel's code: a node is its program (KEEL_BIN), its directory and its port. The clients are
Python's own, so that what is tested is the protocol and not a client that we wrote with it.
"""

import http.client
import json
import os
import pathlib
import random
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.parse

BINARY = os.environ.get("KEEL_BIN", "build/release/bin/keel")
START_SECONDS = 60


def fixed_port():
    """A free port for a server that comes again on the same one.

    From below the range that clients' sockets take theirs from (32768 and up): between a kill and the next start one of
    another test's thousands of connections might otherwise take it.
    """
    for port in random.sample(range(20000, 32000), 100):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("100 ports were tried, and all were in use")


class Answer:
    """A status, headers and a body; `json` is the body read as JSON."""

    def __init__(self, response, body):
        self.status = response.status
        self.headers = response.headers
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)


class Client:
    """One keep-alive connection. Raises OSError or HTTPException when the node cuts it."""

    def __init__(self, node, timeout=30):
        url = urllib.parse.urlsplit(node.url)
        self.token = node.token
        self.connection = http.client.HTTPConnection(url.hostname, url.port, timeout=timeout)

    def ask(self, method, target, body=None, headers=None):
        sent = {"Authorization": f"Bearer {self.token}"}
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
            sent["Content-Type"] = "application/json"
        sent.update(headers or {})
        self.connection.request(method, target, body, sent)
        response = self.connection.getresponse()
        return Answer(response, response.read())

    def get(self, target, **headers):
        return self.ask("GET", target, headers=headers)

    def post(self, target, body, key=None, **headers):
        if key is not None:
            headers["Idempotency-Key"] = key
        return self.ask("POST", target, body, headers)

    def close(self):
        self.connection.close()


def limit_memory(data_bytes):
    """What a new process runs first: no more memory that can be written than so much. None: no limit."""
    if data_bytes is None:
        return None
    return lambda: resource.setrlimit(resource.RLIMIT_DATA, (data_bytes, data_bytes))


class Node:
    """A node in a directory of its own; start() may be called again after stop() or kill()."""

    def __init__(self, directory=None, environment=None, limit_data_bytes=None, **settings):
        self.made = directory is None
        self.directory = pathlib.Path(directory or tempfile.mkdtemp(prefix="keel-test-"))
        self.settings = {"http.port": 0, **{name.replace("__", "."): value for name, value in settings.items()}}
        self.environment = {**os.environ, **(environment or {})}
        self.limit_data_bytes = limit_data_bytes
        self.process = None
        self.log = None
        self.url = None

    def command(self, *words):
        sets = [f"--set={name}={value}" for name, value in self.settings.items()]
        return [BINARY, *words, f"--set=data_directory={self.directory}/data", *sets]

    def launch(self):
        """Starts the process without waiting for it to serve."""
        self.directory.mkdir(parents=True, exist_ok=True)
        self.ready = self.directory / "ready"
        self.ready.unlink(missing_ok=True)
        if self.log is not None:
            self.log.close()
        self.log = open(self.directory / "log", "a+b")
        self.process = subprocess.Popen(
            self.command("serve", f"--ready-file={self.ready}"), stdout=self.log, stderr=self.log,
            env=self.environment, preexec_fn=limit_memory(self.limit_data_bytes))

    def start(self):
        self.launch()
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            if self.ready.exists() and self.ready.read_text().endswith("\n"):
                urls = self.ready.read_text().split()
                self.url = urls[0]
                self.ocpp_url = next((url for url in urls if url.startswith("ws")), None)
                self.https_url = next((url for url in urls if url.startswith("https:")), None)
                ports = {url.split(":")[0]: int(url.rsplit(":", 1)[1]) for url in urls}
                self.mqtt_port = ports.get("mqtt")
                self.mqtts_port = ports.get("mqtts")
                return self
            if self.process.poll() is not None:
                raise AssertionError(f"the node ended with {self.process.returncode}: {self.said()}")
            time.sleep(0.01)
        raise AssertionError(f"the node did not serve in {START_SECONDS} s: {self.said()}")

    @property
    def token(self):
        return (self.directory / "data" / "token").read_text().strip()

    def said(self):
        return (self.directory / "log").read_text(errors="replace")

    def client(self, **options):
        return Client(self, **options)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self, seconds=30):
        """SIGTERM; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds)

    def run(self, *words, timeout=60, limit_data_bytes=None):
        """Another command of the same program with the same settings."""
        return subprocess.run(self.command(*words), capture_output=True, text=True, timeout=timeout, check=False,
                              preexec_fn=limit_memory(limit_data_bytes))

    def verify(self):
        return self.run("verify", "--json")

    def metric(self, name, client=None):
        """The value of a metric without labels, or the sum over its labels."""
        own = client or self.client()
        text = own.get("/metrics").body.decode()
        if own is not client:
            own.close()
        lines = [line for line in text.splitlines() if line.split("{")[0].split(" ")[0] == name]
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines)

    def memory_bytes(self, field):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        fields = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
        return int(fields[field].split()[0]) * 1024

    def resident_bytes(self):
        return self.memory_bytes("VmRSS")

    def peak_bytes(self):
        """The most that was ever resident."""
        return self.memory_bytes("VmHWM")

    def __enter__(self):
        return self.start()

    def events(self):
        """The names of the events in its log, which must be written as text."""
        return [line.split()[3] for line in self.said().splitlines() if line[:2] == "20" and len(line.split()) > 3]

    def check_log(self):
        """Whatever a test did to the node: its token never stands in its log."""
        token = self.directory / "data" / "token"
        if token.exists() and (self.directory / "log").exists():
            assert token.read_text().strip()[5:] not in self.said(), "the token stands in the log"

    def __exit__(self, *_):
        if self.process is not None and self.process.poll() is None:
            self.kill()
        self.check_log()
        if self.log is not None:
            self.log.close()
        if self.made:
            shutil.rmtree(self.directory, ignore_errors=True)


def open_books(client, accounts=2, ledger=1, flags=()):
    """A ledger in euro cents and accounts 1 to `accounts`."""
    opened = client.post("/v1/ledgers", {"ledgers": [{"id": ledger, "currency": "EUR", "exponent": 2}]})
    assert opened.status == 200, opened.body
    rows = [{"id": number, "ledger": ledger, "code": 1, "flags": list(flags)} for number in range(1, accounts + 1)]
    created = client.post("/v1/accounts", {"accounts": rows})
    assert created.status == 200, created.body
    return created


def transfer(number, debit=1, credit=2, amount=1, ledger=1, **more):
    return {"id": str(number), "debit_account_id": debit, "credit_account_id": credit, "amount": amount,
            "ledger": ledger, "code": 1, **more}
