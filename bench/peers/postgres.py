"""PostgreSQL: a transfer by a function in plpgsql (transfer.sql), one a transaction, driven by pgbench over TCP."""

import os
import pathlib
import random
import re
import shutil
import signal
import subprocess

import processes
from case import Case, Figures, Peer

HERE = pathlib.Path(__file__).parent
USER = "postgres"
FOLDERS = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
ACCOUNTS = 10_000
BATCH = 8_189

CONFIGURATION = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
fsync = on
synchronous_commit = on
full_page_writes = on
wal_sync_method = fdatasync
shared_buffers = 1GB
max_wal_size = 16GB
checkpoint_timeout = 1h
autovacuum = on
max_connections = 64
"""

ONE = """\
\\set n :n + 1
\\set high :run + :client_id
\\set debit random(1, :accounts)
\\set step random(1, :accounts - 1)
\\set credit 1 + (:debit + :step - 1) % :accounts
select transfer(:high, :n, :debit, :credit, 1, 1, 1::smallint);
"""

MANY = """\
\\set n :n + :batch
\\set high :run + :client_id
select transfer_batch(:high, :n, :batch, :accounts);
"""


class Postgres(Peer):
    name = "PostgreSQL"

    def __init__(self):
        self.server = None
        self.port = 0
        self.place = None

    def program(self, name):
        return processes.find_program(name, *FOLDERS)

    def missing(self):
        return ", ".join(name for name in ("postgres", "initdb", "pgbench", "psql") if not self.program(name))

    def version(self):
        return subprocess.run([self.program("postgres"), "--version"], capture_output=True, text=True,
                              check=True).stdout.strip()

    def settings(self):
        return ("fsync and synchronous_commit on, wal_sync_method fdatasync, full_page_writes on, shared_buffers 1 GB, "
                "no checkpoint falls into a measurement; pgbench, prepared statements, TCP; the schema and functions "
                "of bench/peers/transfer.sql")

    def start(self, place):
        self.place = pathlib.Path(place)
        own = processes.unprivileged(USER)
        data = self.place / "data"
        if own:
            os.chown(self.place, own["user"], own["group"])
        subprocess.run([self.program("initdb"), "-D", data, "-U", USER, "--auth=trust", "--no-sync", "-E", "UTF8",
                        "--locale=C"], check=True, capture_output=True, cwd=self.place, **own)
        with (data / "postgresql.conf").open("a") as file:
            file.write(CONFIGURATION)
        self.port = processes.free_port()
        # SIGINT is the "fast" shutdown: clients are cut, what is committed is kept.
        self.server = processes.Server([self.program("postgres"), "-D", data, "-p", self.port],
                                       self.place / "log", stop_signal=signal.SIGINT, cwd=self.place, **own)
        self.server.wait_until(lambda: self.psql("select 1", check=False).returncode == 0)
        self.psql((HERE / "transfer.sql").read_text())
        self.psql(f"insert into accounts select i, 1, 1 from generate_series(1, {ACCOUNTS}) as i; "
                  "vacuum analyze; checkpoint;")
        (self.place / "one.sql").write_text(ONE)
        (self.place / "many.sql").write_text(MANY)

    def psql(self, text, check=True):
        words = [self.program("psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", self.port,
                 "-U", USER, "-d", "postgres"]
        done = subprocess.run([*map(str, words)], input=text, capture_output=True, text=True, check=False)
        if check and done.returncode != 0:
            raise RuntimeError(f"psql: {done.stderr}")
        return done

    def pgbench(self, script, clients, seconds):
        """Transactions, and their latencies in microseconds, sorted."""
        logs = self.place / "pgbench"
        shutil.rmtree(logs, ignore_errors=True)
        logs.mkdir()
        # A number of this run that no other run has had makes the ids new.
        run = random.randrange(1, 2**40) << 16
        words = [self.program("pgbench"), "-h", "127.0.0.1", "-p", self.port, "-U", USER, "-n", "-M", "prepared",
                 "-c", clients, "-j", 1, "-T", max(1, round(seconds)), "-f", self.place / script, "-D", "n=0",
                 "-D", f"run={run}", "-D", f"accounts={ACCOUNTS}", "-D", f"batch={BATCH}", "-l",
                 f"--log-prefix={logs}/log", "postgres"]
        said = subprocess.run([*map(str, words)], capture_output=True, text=True, check=False)
        if said.returncode != 0:
            raise RuntimeError(f"pgbench: {said.stderr}")
        seconds_run = int(re.search(r"duration: (\d+) s", said.stdout).group(1))
        latencies = sorted(int(line.split()[2]) for log in logs.iterdir() for line in log.read_text().splitlines())
        return latencies, seconds_run

    def measure(self, script, clients, batch, seconds):
        before = self.server.cpu_seconds()
        latencies, took = self.pgbench(script, clients, seconds)
        cpu = self.server.cpu_seconds() - before
        wrong = self.psql("select (select sum(debits_posted) from accounts) = (select sum(credits_posted) from accounts)"
                          " and not exists (select 1 from transfers where result <> 0)").stdout.strip()
        if wrong != "t":
            raise RuntimeError("PostgreSQL: a transfer was refused, or the books do not balance")
        return Figures(len(latencies) * batch, took, cpu, latencies[len(latencies) // 2],
                       latencies[len(latencies) * 99 // 100])

    def cases(self):
        return [
            Case("single", self.name, lambda seconds: self.measure("one.sql", 32, 1, seconds),
                 "plpgsql function, a transaction each"),
            Case("batch", self.name, lambda seconds: self.measure("many.sql", 1, BATCH, seconds),
                 "1 client, one set-based statement a batch, rows made in the server"),
        ]

    def stop(self):
        if self.server is not None:
            self.server.stop()
