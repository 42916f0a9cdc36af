"""npm's mqtt, in 3.1.1 and 5, over TCP, TLS, WebSocket and secure WebSocket; and in a browser over secure WebSocket."""

import base64
import hashlib
import hmac
import http.server
import json
import os
import pathlib
import queue
import subprocess
import tempfile
import threading
import unittest
import urllib.parse

import node_packages
from keel_process import Node
from tls_test import Authority

SECONDS = 60
VERSIONS = ("4", "5")

PAGE = """<!doctype html><title>t</title><script src="/mqtt.js"></script><script>
const said = (what) => fetch("/said", { method: "POST", body: JSON.stringify(what) });
(async () => {
  const heard = [];
  const client = await mqtt.connectAsync(URL_, { username: "keel", password: PASSWORD, protocolVersion: 5, reconnectPeriod: 0,
                                                 clientId: "page" }, false);
  await client.subscribeAsync("page/#", { qos: 2 });
  const three = new Promise((resolve) => client.on("message", (topic, payload, packet) => {
    heard.push([topic, payload.toString(), packet.qos]);
    if (heard.length === 3) resolve();
  }));
  for (const qos of [0, 1, 2]) await client.publishAsync("page/" + qos, "hello", { qos });
  await three;
  await client.endAsync();
  said({ heard });
})().catch((error) => said({ error: String(error) }));
</script>"""


class Pages(http.server.BaseHTTPRequestHandler):
    """A page of another origin than the node's, and what the page says."""

    def do_GET(self):
        files = self.server.files
        body = files.get(self.path)
        self.send_response(200 if body is not None else 404)
        self.send_header("Content-Type", "text/html" if self.path == "/" else "text/javascript")
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def do_POST(self):
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(204)
        self.end_headers()
        self.server.said.put(said)

    def log_message(self, *_):
        pass


class MqttNodeTest(unittest.TestCase):
    def setUp(self):
        self.place = tempfile.TemporaryDirectory(prefix="keel-mqtt-")
        self.addCleanup(self.place.cleanup)
        self.directory = pathlib.Path(self.place.name)
        files = self.directory / "tls"
        files.mkdir()
        self.authority = Authority(self.directory, "authority")
        self.authority.sign("default", "DNS:localhost,IP:127.0.0.1", into=files)
        self.settings = {"mqtt__enabled": "true", "mqtt__port": 0, "mqtts__enabled": "true", "mqtts__port": 0,
                         "https__enabled": "true", "https__port": 0, "tls__directory": str(files)}

    @staticmethod
    def password(node):
        return (node.directory / "data" / "mqtt_password").read_text().strip()

    @staticmethod
    def doors(node):
        http_port = urllib.parse.urlsplit(node.url).port
        https_port = urllib.parse.urlsplit(node.https_url).port
        return (f"mqtt://127.0.0.1:{node.mqtt_port}", f"mqtts://127.0.0.1:{node.mqtts_port}",
                f"ws://127.0.0.1:{http_port}/mqtt", f"wss://127.0.0.1:{https_port}/mqtt")

    def play(self, case, node, url, version):
        done = node_packages.run("mqtt_client.cjs", case, url, version, self.password(node), self.authority.certificate,
                                 seconds=SECONDS)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def play_messages(self, node, urls):
        for url in urls:
            for version in VERSIONS:
                with self.subTest(url=url, version=version):
                    came = self.play("messages", node, url, version)
                    self.assertEqual(came["granted"], [["q/#", 2], ["gone", 1]])
                    self.assertEqual(sorted(came["heard"][:4]),
                                     [["q/0", "quality 0", 0, False], ["q/1", "quality 1", 1, False],
                                      ["q/2", "quality 2", 2, False], ["q/large", "200000 bytes", 1, False]])
                    self.assertEqual(came["heard"][4:], [["kept", "for later", 1, True], ["gone", "sender", 1, False]])

    def test_messages_are_compressed_where_client_and_node_want_it(self):
        with Node(**self.settings, mqtt__websocket_deflate="true") as node:
            self.play_messages(node, self.doors(node)[2:])
            self.assertEqual(node.metric("keel_mqtt_websockets_deflated_total"), 8)

    def test_every_quality_through_every_door(self):
        with Node(**self.settings) as node:
            self.play_messages(node, self.doors(node))
            self.assertEqual(node.metric("keel_mqtt_websockets_opened_total"), 8)
            self.assertEqual(node.metric("keel_mqtt_websockets_deflated_total"), 0)
            self.assertEqual(self.play("refused", node, self.doors(node)[2], "5"), {"code": 134})
            self.assertEqual(self.play("refused", node, self.doors(node)[2], "4"), {"code": 4})
            self.assertEqual(node.stop(), 0)

    def test_a_session_outlives_the_node_and_returns_by_another_door(self):
        with Node(**self.settings) as node:
            for version, away in zip(VERSIONS, (2, 3)):
                with self.subTest(version=version):
                    self.play("leave", node, self.doors(node)[away], version)
                    self.assertEqual(node.stop(), 0)
                    node.start()
                    came = self.play("return", node, self.doors(node)[5 - away], version)
                    self.assertTrue(came["present"])
                    self.assertEqual(sorted(came["heard"]), [["s/last", "last", 2], ["s/r", "retained", 2], ["s/x", "kept at 1", 1],
                                                             ["s/x", "kept at 2", 2]])
                    self.play("forget", node, self.doors(node)[0], version)

    def test_scram_proves_a_password_without_saying_it_and_again(self):
        with Node(mqtt__enabled="true", mqtt__port=0) as node:
            node.stop()
            self.assertTrue((node.directory / "data").is_dir())
            secret = b"a pump's secret"
            salt = os.urandom(16)
            salted = hashlib.pbkdf2_hmac("sha256", secret, salt, 5000)
            stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
            server = hmac.digest(salted, b"Server Key", "sha256")
            kept = ",".join(base64.b64encode(part).decode() for part in (salt, stored, server))
            (node.directory / "data" / "mqtt_users.toml").write_text(
                f'[users.pump]\nscram = "{{SCRAM-SHA-256}}5000,{kept}"\nallow = ["publish pumps/#"]\n')
            node.start()
            for password, expected in ((secret.decode(), {"code": 0, "told": [True, True]}), ("wrong", {"code": 0x87})):
                done = node_packages.run("mqtt_client.cjs", "scram", f"mqtt://127.0.0.1:{node.mqtt_port}", "5", password, seconds=SECONDS)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual(json.loads(done.stdout), expected)

    def test_a_browser_over_secure_websocket(self):
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages) as pages:
            pages.daemon_threads = True
            pages.said = queue.Queue()
            origin = f"http://127.0.0.1:{pages.server_address[1]}"
            threading.Thread(target=pages.serve_forever, daemon=True).start()
            for origins, expected in ((origin, {"heard": [["page/0", "hello", 0], ["page/1", "hello", 1], ["page/2", "hello", 2]]}),
                                      ("own", None)):
                with self.subTest(origins=origins), Node(**self.settings, mqtt__origins=origins) as node:
                    script = node_packages.installed() / "node_modules" / "mqtt" / "dist" / "mqtt.min.js"
                    page = PAGE.replace("URL_", json.dumps(self.doors(node)[3])).replace("PASSWORD", json.dumps(self.password(node)))
                    pages.files = {"/": page.encode(), "/mqtt.js": script.read_bytes()}
                    came = self.browse(origin, pages.said)
                    if expected:
                        self.assertEqual(came, expected)
                    else:  # a page of another origin that is not listed
                        self.assertIn("error", came)
                        self.assertEqual(node.metric("keel_mqtt_websockets_opened_total"), 0)
            pages.shutdown()

    def browse(self, url, said):
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
            browser = subprocess.Popen(
                ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--ignore-certificate-errors",
                 f"--user-data-dir={profile}", "--remote-debugging-port=0", url],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                return said.get(timeout=SECONDS)
            finally:
                browser.terminate()
                browser.wait(30)


if __name__ == "__main__":
    unittest.main()
