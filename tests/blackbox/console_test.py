"""The page at "/", as a browser and as other clients see it."""

import gzip
import html.parser
import json
import subprocess
import tempfile
import unittest
import urllib.request

import node_packages
from keel_process import Node, open_books, transfer

BROWSER = "chromium"


class Links(html.parser.HTMLParser):
    """What a page loads."""

    def __init__(self, page):
        super().__init__()
        self.found = []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        named = dict(attributes)
        if tag == "script":
            self.found.append(named["src"])
        if tag == "link" and named.get("rel") == "stylesheet":
            self.found.append(named["href"])


def fetch(url, **headers):
    return urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=30)


def shown(url):
    """The page's elements after some seconds of its own time, as the browser has them."""
    with tempfile.TemporaryDirectory() as profile:
        done = subprocess.run(
            [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}",
             "--virtual-time-budget=5000", "--dump-dom", url],
            capture_output=True, text=True, timeout=90, check=True)
    return done.stdout


class ConsoleTest(unittest.TestCase):
    def test_the_page_and_what_it_loads_need_no_token_and_come_from_here_alone(self):
        with Node() as node:
            page = fetch(node.url + "/")
            self.assertIn("default-src 'none'", page.headers["Content-Security-Policy"])
            links = Links(page.read().decode()).found
            self.assertEqual(len(links), 2)
            for link in links:
                plain = fetch(node.url + link)
                self.assertIn("immutable", plain.headers["Cache-Control"])
                packed = fetch(node.url + link, **{"Accept-Encoding": "gzip"})
                self.assertEqual(packed.headers["Content-Encoding"], "gzip")
                self.assertEqual(gzip.decompress(packed.read()), plain.read())

    def test_a_browser_without_a_token_is_asked_for_one(self):
        with Node() as node:
            page = shown(node.url + "/")
            self.assertIn("Bearer token", page)
            self.assertNotIn("Commands journalled", page)

    def test_a_browser_with_the_token_sees_the_node_at_work(self):
        with Node() as node:
            client = node.client()
            open_books(client)
            client.post("/v1/transfers", {"transfers": [transfer(1)]})
            page = shown(f"{node.url}/#token={node.token}")
            self.assertRegex(page, r'role="status" class="good">ready<')
            self.assertRegex(page, r"<dt>Commands journalled</dt><dd>[1-9]")
            client.close()

    def test_a_wrong_token_is_told(self):
        with Node() as node:
            self.assertIn("api.not_authenticated", shown(f"{node.url}/#token=wrong"))

    def test_stations_live_a_timeline_by_keyboard_and_receipts_checked_in_the_browser(self):
        with Node(ocpp__enabled="true", ocpp__port=0) as node:
            doors = node.ready.read_text().split()
            fleet = subprocess.Popen(
                node.command("fleet", "charging", "--url", node.url, "--central-system",
                             next(url for url in doors if url.startswith("ws:")), "--stations", "3", "--readings", "6",
                             "--pause-ms", "500", "--warm-up-ms", "10", "--seconds", "60"),
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                done = node_packages.run("console_browser.cjs", node.url, node.token, seconds=150)
            finally:
                fleet.kill()
                fleet.wait()
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            seen = json.loads(done.stdout)
        self.assertEqual(seen["problems"], [])  # nothing that the content security policy refused, either
        self.assertEqual(seen["foreign"], [])
        self.assertEqual(seen["polled"], 0)  # what changed was told by events
        self.assertEqual(seen["stations"], 3)
        self.assertEqual(seen["heading"], seen["opened"])
        self.assertTrue(all(each["ring"] != "none" for each in seen["focus"]), seen["focus"])
        told = " ".join(seen["timeline"])
        for step in ("token checked", "hold 50.00", "Session started", "Meter value", "Session stopped", "capture",
                     "Session billed", "OCPP message c1-"):
            self.assertIn(step, told)
        self.assertEqual(seen["verdicts"], {
            "own": "valid", "good": "valid", "statement": "forged", "statement_signed": "forged", "signature": "forged",
            "key": "forged", "record": "forged", "header": "forged"})
        self.assertEqual(len(seen["checks"]), 5)
        self.assertIn("this is no receipt", seen["none"])
        self.assertFalse(seen["wide narrow"])
        self.assertEqual({page: found for page, found in seen["axe"].items() if found}, {})
        self.assertEqual(len(seen["axe"]), 7)


if __name__ == "__main__":
    unittest.main(verbosity=2)
