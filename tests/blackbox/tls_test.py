"""HTTPS, looked at by clients that nobody here wrote: curl, openssl s_client, Python's ssl.

The certificates are made by the openssl command: an authority of the test's own, a server's and a second one, a device's.
"""

import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.parse

from keel_process import Node, open_books

IDLE = int(os.environ.get("KEEL_TLS_CONNECTIONS", "300"))
KIB = 1 << 10


def openssl(*words, given=""):
    return subprocess.run(["openssl", *words], input=given, capture_output=True, text=True, timeout=20, check=False)


class Authority:
    """An authority and what it signs, as PEM files of one directory."""

    def __init__(self, directory, name):
        self.directory, self.name = pathlib.Path(directory), name
        self.certificate = str(self.directory / f"{name}.pem")
        self.key = str(self.directory / f"{name}.key")
        self.made(openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
                          "-subj", f"/CN={name}", "-addext", "keyUsage=critical,keyCertSign,cRLSign",
                          "-keyout", self.key, "-out", self.certificate))

    def made(self, done):
        assert done.returncode == 0, done.stderr

    def sign(self, name, names, into=None, days=30):
        """NAME.pem and NAME.key for the subject alternative names; their paths."""
        into = pathlib.Path(into or self.directory)
        certificate, key, request = into / f"{name}.pem", into / f"{name}.key", self.directory / "request"
        self.made(openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
                          "-keyout", str(key), "-out", str(request)))
        extensions = self.directory / "extensions"
        extensions.write_text(f"subjectAltName={names}\nextendedKeyUsage=serverAuth,clientAuth\n")
        self.made(openssl("x509", "-req", "-in", str(request), "-CA", self.certificate, "-CAkey", self.key, "-days", str(days),
                          "-CAcreateserial", "-extfile", str(extensions), "-out", f"{certificate}.new"))
        os.replace(f"{certificate}.new", certificate)
        return str(certificate), str(key)


class TlsTest(unittest.TestCase):
    def setUp(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="keel-tls-"))
        self.addCleanup(shutil.rmtree, self.directory, True)
        self.files = self.directory / "tls"
        self.files.mkdir()
        self.authority = Authority(self.directory, "authority")
        self.authority.sign("default", "DNS:localhost,DNS:keel.example,IP:127.0.0.1", into=self.files)

    def node(self, **settings):
        return Node(https__enabled="true", https__port=0, tls__directory=str(self.files), **settings)

    def place(self, node):
        return f"127.0.0.1:{urllib.parse.urlsplit(node.https_url).port}"

    def s_client(self, node, *words, given="Q\n"):
        done = openssl("s_client", "-connect", self.place(node), "-CAfile", self.authority.certificate, *words, given=given)
        return done.returncode, done.stdout + done.stderr

    def context(self, **certificate):
        context = ssl.create_default_context(cafile=self.authority.certificate)
        if certificate:
            context.load_cert_chain(**certificate)
        return context

    def ask(self, node, context=None, target="/healthz"):
        """One request over a new connection; the certificate's serial number comes back beside the status."""
        url = urllib.parse.urlsplit(node.https_url)
        client = http.client.HTTPSConnection(url.hostname, url.port, context=context or self.context(), timeout=10)
        try:
            client.request("GET", target, headers={"Authorization": f"Bearer {node.token}"})
            answer = client.getresponse()
            answer.read()
            return answer.status, client.sock.getpeercert()["serialNumber"] if client.sock else None
        finally:
            client.close()

    def test_curl_and_python_are_served_beside_plain_http(self):
        with self.node() as node:
            client = node.client()
            open_books(client)
            self.assertEqual(self.ask(node, target="/v1/accounts/1")[0], 200)
            done = subprocess.run(["curl", "-sS", "--cacert", self.authority.certificate, "-w", "%{http_code} %{http_version}",
                                   "-o", "/dev/null", f"{node.https_url}/healthz"],
                                  capture_output=True, text=True, timeout=20, check=False)
            self.assertEqual(done.stdout, "200 1.1", done.stderr)
            self.assertEqual(client.get("/healthz").status, 200)
            client.close()
            self.assertGreaterEqual(node.metric("keel_tls_handshakes_total"), 2)
            self.assertEqual(node.stop(), 0)

    def test_https_alone_is_a_door_too(self):
        with self.node(http__enabled="false") as node:
            self.assertTrue(node.url.startswith("https:"))
            self.assertEqual(self.ask(node)[0], 200)
            # Plain HTTP is no handshake.
            with socket.create_connection(self.place(node).split(":"), timeout=10) as plain:
                plain.sendall(b"GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n")
                self.assertFalse(plain.recv(100).startswith(b"HTTP"))

    def test_only_new_versions_and_aead_suites_are_spoken(self):
        with self.node() as node:
            for words, wanted in [(["-tls1_3"], "TLSv1.3"), (["-tls1_2"], "TLSv1.2")]:
                code, said = self.s_client(node, *words)
                self.assertIn(wanted, said)
                self.assertIn("Verify return code: 0 (ok)", said)
            for words in [["-tls1"], ["-tls1_1"], ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES128-SHA256"],
                          ["-tls1_2", "-cipher", "AES128-GCM-SHA256"], ["-tls1_2", "-curves", "P-521"]]:
                code, said = self.s_client(node, *words, "-cipher", "DEFAULT@SECLEVEL=0") if words[0] != "-tls1_2" else \
                    self.s_client(node, *words)
                self.assertNotEqual(code, 0, words)
                self.assertIn("alert", said)
            code, said = self.s_client(node, "-tls1_2", given="R\n")  # asks for a renegotiation
            self.assertIn("no renegotiation", said)
            self.assertIn("Compression: NONE", said)

    def judge_by_testssl(self, place):
        found = self.directory / "findings.json"
        found.unlink(missing_ok=True)
        # Protocols, ciphers, server defaults, known vulnerabilities that take no minutes; headers are HTTP's own matter.
        subprocess.run(["testssl", "--quiet", "--color", "0", "--ip", "one", "--add-ca", self.authority.certificate, "-p", "-s",
                        "-f", "-H", "-I", "-T", "-R", "-C", "-O", "-Z", "-W", "-A", "-L", "-F", "-J", "-D",
                        "--jsonfile", str(found), place],
                       stdin=subprocess.DEVNULL, capture_output=True, timeout=110, check=False)
        findings = json.loads(found.read_text())
        self.assertGreater(len(findings), 20)
        bad = [each for each in findings if each["severity"] in ("MEDIUM", "HIGH", "CRITICAL", "FATAL")]
        self.assertEqual(bad, [])

    @unittest.skipUnless(shutil.which("testssl"), "testssl.sh is not installed")
    def test_testssl_finds_nothing_above_low(self):
        with self.node(mqtts__enabled="true", mqtts__port=0) as node:
            for place in (self.place(node), f"127.0.0.1:{node.mqtts_port}"):
                with self.subTest(place=place):
                    self.judge_by_testssl(place)

    def test_protocols_names_and_tickets(self):
        self.authority.sign("second", "DNS:second.example", into=self.files)
        with self.node() as node:
            self.assertIn("ALPN protocol: http/1.1", self.s_client(node, "-alpn", "h2,http/1.1")[1])
            self.assertIn("no application protocol", self.s_client(node, "-alpn", "h2")[1])
            for name, wanted in [("keel.example", "default"), ("second.example", "second"), ("nobody.example", "default")]:
                self.assertIn(f"subject=CN = {wanted}", self.s_client(node, "-servername", name)[1])
            for version in ("-tls1_2", "-tls1_3"):
                ticket = str(self.directory / "ticket")
                asked = "GET /healthz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
                self.s_client(node, version, "-sess_out", ticket, "-ign_eof", given=asked)
                self.assertIn("Reused, ", self.s_client(node, version, "-sess_in", ticket, "-ign_eof", given=asked)[1])
            self.assertEqual(node.metric("keel_tls_resumed_total"), 2)

    def test_client_certificates(self):
        shutil.copy(self.authority.certificate, self.files / "client_ca.pem")
        certificate, key = self.authority.sign("device", "URI:urn:device:7")
        other = Authority(self.directory, "stranger")
        wrong, wrong_key = other.sign("impostor", "URI:urn:device:7")
        with self.node(https__client_certificates="required") as node:
            self.assertEqual(self.ask(node, self.context(certfile=certificate, keyfile=key))[0], 200)
            for words in [[], ["-cert", wrong, "-key", wrong_key]]:
                said = self.s_client(node, *words, "-ign_eof", given="GET /healthz HTTP/1.0\r\n\r\n")[1]
                self.assertIn("alert", said)
                self.assertNotIn("HTTP/1.1 200", said)
        with self.node(https__client_certificates="optional") as node:
            self.assertEqual(self.ask(node)[0], 200)
            self.assertEqual(self.ask(node, self.context(certfile=certificate, keyfile=key))[0], 200)
            self.assertIn("alert", self.s_client(node, "-cert", wrong, "-key", wrong_key, "-ign_eof",
                                                 given="GET /healthz HTTP/1.0\r\n\r\n")[1])

    def test_certificates_are_reloaded_under_load_and_a_broken_one_is_not(self):
        with self.node() as node:
            first = self.ask(node)[1]
            stop, asked, failures = threading.Event(), [0], []

            def load():
                while not stop.is_set():
                    try:
                        self.assertEqual(self.ask(node)[0], 200)
                        asked[0] += 1
                    except Exception as failure:  # noqa: BLE001 - whatever it is, the test shows it
                        failures.append(failure)
                        return

            worker = threading.Thread(target=load, daemon=True)
            worker.start()
            self.authority.sign("default", "DNS:localhost,IP:127.0.0.1", into=self.files)
            node.process.send_signal(signal.SIGHUP)
            until = time.monotonic() + 10
            while self.ask(node)[1] == first and time.monotonic() < until:
                time.sleep(0.05)
            second = self.ask(node)[1]
            self.assertNotEqual(first, second)
            (self.files / "default.pem").write_text("this is no certificate\n")
            node.process.send_signal(signal.SIGHUP)
            while "tls.certificates_refused" not in node.events() and time.monotonic() < until:
                time.sleep(0.05)
            self.assertEqual(self.ask(node)[1], second)
            stop.set()
            worker.join()
            self.assertEqual(failures, [])
            self.assertGreater(asked[0], 5)
            self.assertIn("tls.certificates_refused", node.events())

    def test_a_certificate_for_development_is_made_once(self):
        shutil.rmtree(self.files)
        with self.node() as node:
            self.assertIn("tls.certificate_made", node.events())
            key = self.files / "default.key"
            self.assertEqual(key.stat().st_mode & 0o777, 0o600)
            made = key.read_text()
            context = ssl.create_default_context(cafile=self.files / "default.pem")
            self.assertEqual(self.ask(node, context)[0], 200)
            self.assertEqual(node.stop(), 0)
            node.start()
            self.assertEqual(key.read_text(), made)
            self.assertEqual(self.ask(node, context)[0], 200)

    def test_both_ends_say_goodbye_and_a_cut_is_not_one(self):
        with self.node(http__idle_timeout_ms=300) as node:
            with socket.create_connection(self.place(node).split(":"), timeout=10) as raw:
                with self.context().wrap_socket(raw, server_hostname="localhost", suppress_ragged_eofs=False) as secure:
                    self.assertEqual(secure.recv(10), b"")  # idle: close_notify, not a ragged end
            # A request cut in the middle of its body is no request.
            before = node.metric("keel_http_requests_total")
            with socket.create_connection(self.place(node).split(":"), timeout=10) as raw:
                secure = self.context().wrap_socket(raw, server_hostname="localhost")
                secure.sendall(f"POST /v1/ledgers HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {node.token}\r\n"
                               "Content-Length: 100\r\n\r\n{".encode())
                secure.detach()
            self.assertEqual(node.metric("keel_http_requests_total"), before + 1)  # that of the metrics themselves

    def test_strangers_are_bounded_before_they_are_trusted(self):
        with self.node(https__handshake_timeout_ms=2_000) as node:
            place = self.place(node).split(":")
            began = time.monotonic()
            silent = [socket.create_connection(place, timeout=30) for _ in range(50)]
            half = [socket.create_connection(place, timeout=30) for _ in range(50)]
            for each in half:
                each.sendall(bytes.fromhex("16030100800100007c0303"))  # the beginning of a ClientHello
            garbage = [socket.create_connection(place, timeout=30) for _ in range(50)]
            for each in garbage:
                each.sendall(os.urandom(500))
            endless = socket.create_connection(place, timeout=30)
            try:
                endless.sendall(bytes.fromhex("1603014000" + "0bffffff") + bytes(16380))
                for _ in range(40):
                    endless.sendall(bytes.fromhex("1603014000") + bytes(16384))
            except OSError:
                pass
            slowest = 0
            for _ in range(20):
                start = time.monotonic()
                self.assertEqual(self.ask(node)[0], 200)
                slowest = max(slowest, time.monotonic() - start)
            print(f"\n150 strangers in their handshakes: slowest honest answer {1000 * slowest:.0f} ms")
            for each in garbage:
                while True:  # an alert, then the end
                    try:
                        if not each.recv(100):
                            break
                    except OSError:
                        break
            for each in silent + half:
                try:
                    self.assertEqual(each.recv(100), b"")
                except ConnectionResetError:
                    pass
            self.assertLess(time.monotonic() - began, 12)
            for each in silent + half + garbage + [endless]:
                each.close()
            self.assertGreaterEqual(node.metric("keel_tls_handshakes_total"), 171)

    def test_an_idle_connection_is_small(self):
        with self.node(http__idle_timeout_ms=600_000) as node:
            url = urllib.parse.urlsplit(node.https_url)
            context, held = self.context(), []

            def hold(count):
                for _ in range(count):
                    raw = socket.create_connection((url.hostname, url.port), timeout=10)
                    secure = context.wrap_socket(raw, server_hostname="localhost")
                    secure.sendall(b"GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n")
                    self.assertIn(b"200 OK", secure.recv(4096))
                    held.append(secure)

            hold(100)  # warm
            before = node.resident_bytes()
            hold(IDLE)
            each = (node.resident_bytes() - before) / IDLE
            print(f"\n{IDLE} idle TLS connections after a request: {each / KIB:.1f} KiB each")
            self.assertLess(each, 20 * KIB)
            for secure in held:
                secure.close()

    def test_doctor_looks_at_certificates(self):
        with self.node() as node:
            def finding():
                lines = [line for line in node.run("doctor").stdout.splitlines() if "tls.certificates" in line]
                self.assertEqual(len(lines), 1)
                return lines[0]

            self.assertRegex(finding(), re.compile(r"ok\b.*29 days"))
            self.authority.sign("soon", "DNS:soon.example", into=self.files, days=5)
            self.assertRegex(finding(), re.compile(r"warn.*soon.pem"))
            os.chmod(self.files / "default.key", 0o644)
            self.assertRegex(finding(), re.compile(r"fail.*default.key"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
