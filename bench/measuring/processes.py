"""Processes that are measured: their processor time as the kernel counts it, and servers that are always stopped."""

import ctypes
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import time

TICKS = os.sysconf("SC_CLK_TCK")
START_SECONDS = 60
PR_SET_PDEATHSIG = 1  # prctl(2)
LIBC = ctypes.CDLL(None)
STOP_SECONDS = 30


def stat_fields(pid):
    """The fields of /proc/PID/stat behind the name, or nothing when the process has gone."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def children(pid):
    found = []
    try:
        for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
            found += (task / "children").read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        pass
    return found


def cpu_seconds(pid):
    """User and system time of a process, of the children that it has waited for, and of all that live below it.

    A child that ends takes nothing with it: its time is then its parent's.
    """
    fields = stat_fields(pid)
    ticks = sum(int(field) for field in fields[11:15])
    return ticks / TICKS + sum(cpu_seconds(child) for child in children(pid))


def resident_bytes(pid):
    fields = stat_fields(pid)
    return int(fields[21]) * os.sysconf("SC_PAGESIZE") if fields else 0


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def find_program(name, *folders):
    """The path of a program on PATH or in one of the folders, or None."""
    return shutil.which(name) or shutil.which(name, path=os.pathsep.join(map(str, folders)))


def unprivileged(user):
    """Arguments of subprocess that make the child `user`, when we are root; servers may refuse to be root."""
    if os.geteuid() != 0:
        return {}
    entry = pwd.getpwnam(user)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def end_with_parent():
    """For a child before it begins: it is told to end when its parent has gone, however that went."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Server:
    """A process that serves until stop(): started in a group of its own, on loopback, its output in a file."""

    def __init__(self, words, log, stop_signal=signal.SIGTERM, **options):
        self.words = [str(word) for word in words]
        self.log = pathlib.Path(log)
        self.stop_signal = stop_signal
        with self.log.open("wb") as sink:
            self.process = subprocess.Popen(self.words, stdout=sink, stderr=sink, stdin=subprocess.DEVNULL,
                                            start_new_session=True, preexec_fn=end_with_parent, **options)

    @property
    def pid(self):
        return self.process.pid

    def cpu_seconds(self):
        return cpu_seconds(self.pid)

    def wait_until(self, is_ready, seconds=START_SECONDS):
        """Until `is_ready()`; an error with the end of the log when it does not come to that in time."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and self.process.poll() is None:
            if is_ready():
                return self
            time.sleep(0.005)
        said = self.log.read_text(errors="replace")[-2000:]
        self.stop()
        raise RuntimeError(f"{self.words[0]} did not serve; it said: {said}")

    def wait_for_port(self, port):
        def answers():
            with socket.socket() as client:
                return client.connect_ex(("127.0.0.1", port)) == 0
        return self.wait_until(answers)

    def stop(self):
        if self.process.poll() is not None:
            return
        self.process.send_signal(self.stop_signal)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def stop_on_signals():
    """SIGTERM and SIGHUP end the program by an exception, as Ctrl-C does: what was started is stopped on the way."""
    def end(number, _):
        raise SystemExit(128 + number)
    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGHUP, end)
