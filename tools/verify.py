#!/usr/bin/env python3
"""Checks a Keel journal from its files alone: the command line of the package beside it, tools/verifier.

Usage: tools/verify.py DIRECTORY [--json] [--class main|stream] [--key PUBLIC_KEY]

Exit codes: 0 the journal is whole, 3 it is corrupt, 1 it cannot be read, 2 wrong usage.
"""

import argparse
import json
import os
import sys

from verifier.layout import CLASSES
from verifier.report import print_report, verify
from verifier.segment import list_segments


def main():
    parser = argparse.ArgumentParser(description="Checks a Keel journal from its files alone.")
    parser.add_argument("directory", help="the journal's directory")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.add_argument("--class", dest="class_name", choices=CLASSES, help="which class to check (default: main, or the one whose segments are there)")
    parser.add_argument("--key", help="signed heads must be by this public key: hexadecimal, or a file of it")
    options = parser.parse_args()
    if options.key and os.path.exists(options.key):
        with open(options.key, encoding="ascii") as file:
            options.key = file.read().strip()
    try:
        if not options.class_name:
            only_stream = not list_segments(options.directory, "main") and list_segments(options.directory, "stream")
            options.class_name = "stream" if only_stream else "main"
        report = verify(options.directory, options.class_name, options.key)
    except OSError as error:
        print(f"verify.py: {error}", file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps(report))
    else:
        print_report(report)
    return 0 if report["ok"] else 3


if __name__ == "__main__":
    sys.exit(main())
