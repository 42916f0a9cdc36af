#!/usr/bin/env python3
"""keel bench ocpp with a central system of npm's ocpp-rpc beside it, all in one run.

    bench/ocpp/run.py [--keel build/release/bin/keel] [OPTIONS OF keel bench ocpp]

Node and the packages of tests/blackbox/node must be there; they are installed below the build directory if need be.
"""

import argparse
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keel", default=str(ROOT / "build/release/bin/keel"))
    options, words = parser.parse_known_args()
    os.environ["KEEL_BIN"] = options.keel
    sys.path.insert(0, str(ROOT / "tests/blackbox"))
    import node_packages  # it wants KEEL_BIN

    environment = {**os.environ, "NODE_PATH": str(node_packages.installed() / "node_modules")}
    with subprocess.Popen(["node", str(HERE / "ocpp_rpc_server.cjs")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                          env=environment) as peer:
        url = peer.stdout.readline().strip()
        done = subprocess.run([options.keel, "bench", "ocpp", "--peer-url", url, "--peer-pid", str(peer.pid), *words], check=False)
        peer.stdin.close()
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
