"""Both brokers, each in a directory of its own, with settings under which they promise the same."""

import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "blackbox"))

from keel_process import Node, fixed_port  # noqa: E402

USERS = '[anonymous]\nallow = "everything"\nany_name = true\n'
START_SECONDS = 30
# Bounds that both have, at the same value; no statistics that would come as messages.
MOSQUITTO = """listener {port} 127.0.0.1
allow_anonymous true
persistence false
sys_interval 0
max_queued_messages 1000
max_inflight_messages 0
set_tcp_nodelay true
log_type error
log_dest file {directory}/log
"""


class Mosquitto:
    def __init__(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="mosquitto-test-"))

    def __enter__(self):
        program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
        self.port = fixed_port()
        (self.directory / "conf").write_text(MOSQUITTO.format(port=self.port, directory=self.directory))
        self.process = subprocess.Popen([program, "-c", str(self.directory / "conf")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + START_SECONDS
        while True:
            assert self.process.poll() is None, (self.directory / "log").read_text()
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return self
            except OSError:
                assert time.monotonic() < until, "mosquitto does not listen"
                time.sleep(0.02)

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(30)
        shutil.rmtree(self.directory, ignore_errors=True)


def keel():
    node = Node(mqtt__enabled="true", mqtt__port=0, journal__sync="none", mqtt__websocket="false")
    (node.directory / "data").mkdir(parents=True)
    (node.directory / "data" / "mqtt_users.toml").write_text(USERS)
    return node
