#!/usr/bin/env python3
"""Checks a receipt of `keel receipt`, or a proof of `keel prove --json`, without Keel and without the journal.

Written from docs/receipts.md and docs/journal-format.md alone; Python's standard library only.
Exit code: 0 it holds; 1 it does not, and standard error says why; 2 it cannot be read.
"""

import argparse
import base64
import datetime
import hashlib
import json
import pathlib
import sys

from check_signed_value import Refused, check_signed_value, require  # beside this file


# --- Ed25519, RFC 8032, 5.1.7 ------------------------------------------------------------------------------------
PRIME, ORDER = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
CURVE_D = -121665 * pow(121666, -1, PRIME) % PRIME


def point_of(encoded):
    """The point (X, Y, Z, T) of 32 bytes."""
    y = int.from_bytes(encoded, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    square = (y * y - 1) * pow(CURVE_D * y * y + 1, -1, PRIME) % PRIME
    x = pow(square, (PRIME + 3) // 8, PRIME)
    x = x if x * x % PRIME == square else x * pow(2, (PRIME - 1) // 4, PRIME) % PRIME
    require(y < PRIME and x * x % PRIME == square and (x or not sign), "this is no Ed25519 key or signature")
    x = x if x & 1 == sign else PRIME - x
    return x, y, 1, x * y % PRIME


def plus(p, q):
    """The sum of two points."""
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % PRIME, (p[1] + p[0]) * (q[1] + q[0]) % PRIME
    c, d = 2 * p[3] * q[3] * CURVE_D % PRIME, 2 * p[2] * q[2] % PRIME
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % PRIME, g * h % PRIME, f * g % PRIME, e * h % PRIME


def times(scalar, point):
    """scalar * point."""
    result = (0, 1, 1, 0)
    while scalar:
        result, point, scalar = plus(result, point) if scalar & 1 else result, plus(point, point), scalar >> 1
    return result


def check_signature(key, statement, signature):
    """Refuses what is not the key's signature of the statement."""
    scalar = int.from_bytes(signature[32:], "little")
    require(scalar < ORDER, "the signature is not canonical")
    digest = int.from_bytes(hashlib.sha512(signature[:32] + key + statement).digest(), "little") % ORDER
    base = point_of((4 * pow(5, -1, PRIME) % PRIME).to_bytes(32, "little"))
    left, right = times(scalar, base), plus(point_of(signature[:32]), times(digest, point_of(key)))
    require((left[0] * right[2] - right[0] * left[2]) % PRIME == 0 == (left[1] * right[2] - right[1] * left[2]) % PRIME,
            "the signature is not this key's of this statement")


# --- Inclusion proofs: docs/receipts.md, "Proofs" ----------------------------------------------------------------
def sha256(*parts):
    """The digest of all parts behind one another."""
    return hashlib.sha256(b"".join(parts)).digest()


def number(data, offset, size=8):
    """The little-endian unsigned integer there."""
    return int.from_bytes(data[offset:offset + size], "little")


def crc32c(data):
    """The Castagnoli checksum, bit by bit: the data is short."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def hexadecimal(document, key, size=None):
    """The bytes of a member, which has one spelling only."""
    text = document[key]
    require(isinstance(text, str) and len(text) % 2 == 0 and set(text) <= set("0123456789abcdef"),
            f"{key} is not lower-case hexadecimal")
    require(size is None or len(text) == 2 * size, f"{key} has not {size} bytes")
    return bytes.fromhex(text)


def root_from(leaf, index, leaves, path):
    """Where a leaf and its audit path lead to (RFC 6962, section 2.1.1, downwards from the root)."""
    if leaves == 1:
        require(not path, "the path is too long")
        return leaf
    require(path, "the path is too short")
    left = 1 << (leaves - 1).bit_length() - 1
    if index < left:
        return sha256(b"\1", root_from(leaf, index, left, path[:-1]), path[-1])
    return sha256(b"\1", path[-1], root_from(leaf, index - left, leaves - left, path[:-1]))


def check_proof(proof):
    """What is known of a record that is in the chain, and its payload."""
    header, envelope = hexadecimal(proof, "group_header", 192), hexadecimal(proof, "envelope", 88)
    payload, index, leaves = hexadecimal(proof, "payload"), proof["index"], proof["leaves"]
    path = [hexadecimal({"path": digest}, "path", 32) for digest in proof["path"]]
    require(type(index) is int and type(leaves) is int and 0 <= index < leaves < 2**32, "index is not below leaves")
    require(header[:8] == b"KEELGRP1" and not any(header[160:188]), "group_header is none")
    require(crc32c(header[:188]) == number(header, 188, 4), "the group header's CRC is wrong")
    require(number(header, 8, 4) & ~2 == 0 and number(header, 12, 4) == leaves, "the group has not so many records")
    require(number(envelope, 0) == number(header, 56) + index, "the position is not first_sequence + index")
    require(not any(envelope[84:]), "the envelope's zero field is not zero")
    root = root_from(sha256(b"\0", envelope, payload), index, leaves, path)
    require(root == header[128:160], "record and path do not lead to the group's Merkle root")
    require(sha256(header) == hexadecimal(proof, "head", 32), "head is not the SHA-256 of group_header")
    return {"journal_id": header[16:32].hex(), "cell": number(header, 32, 4), "position": str(number(envelope, 0)),
            "recorded_at": moment(int.from_bytes(envelope[8:16], "little", signed=True)),
            "tenant": number(envelope, 16, 4), "head": proof["head"], "type": number(envelope, 20, 4),
            "schema_version": number(envelope, 80, 2)}, payload


def chain_heads(directory):
    """The hash of every group header of a journal's main class, each one following from the one before."""
    previous = None
    for path in sorted(pathlib.Path(directory).glob("*.main.segment")):
        data = path.read_bytes()
        if not any(data[:4096]):
            continue
        require(previous in (None, data[96:128]), f"{path.name} does not follow from the segment before")
        previous, offset = sha256(data[:192]), 4096
        while data[offset:offset + 8] == b"KEELGRP1":
            header = data[offset:offset + 192]
            require(header[96:128] == previous, f"{path.name}: the group at {offset} does not follow")
            previous = sha256(header)
            yield previous.hex()
            offset += (192 + number(header, 88) + 4095) // 4096 * 4096


# --- The record: docs/receipts.md, "The bill" --------------------------------------------------------------------
# Fields by number: name and kind. n: up to 32 bits; d: 64 bits, decimal text; q: 128 bits; t: time; s: text;
# x: 32 bytes; h: bytes, in base64; b: boolean; z: signed; a list of names: an enumeration, or (with "flags" first) its bits; a
# dict: a message. A star in front of the name: a list; a question mark: it may be absent.
RATE = {1: ("from_minute", "n"), 2: ("to_minute", "n"), 3: ("weekdays", "n"), 4: ("energy_per_kwh", "d"),
        5: ("time_per_minute", "d")}
TERMS = {1: ("name", "s"), 2: ("currency", "s"), 3: ("session_fee", "d"), 4: ("energy_per_kwh", "d"),
         5: ("time_per_minute", "d"), 6: ("idle_per_minute", "d"), 7: ("idle_grace_s", "n"),
         8: ("utc_offset_minutes", "z"), 9: ("*windows", RATE), 10: ("tax_basis_points", "n"),
         11: ("prices_include_tax", "b"), 12: ("rounding", ["half_up", "half_even", "down", "up"])}
LINE = {1: ("kind", ["session_fee", "energy", "time", "idle"]), 2: ("rate", "n"), 3: ("quantity", "d"),
        4: ("unit_price", "d"), 5: ("amount", "d")}
USAGE = {1: ("*energy_wh", "d"), 2: ("*time_s", "d"), 3: ("idle_s", "d"), 4: ("counted_until", "t"), 5: ("idle", "b"),
         6: ("register_wh", "d"), 7: ("register_time", "t"), 8: ("readings", "n"), 9: ("readings_digest", "x")}
REASONS = ["local", "remote", "deauthorized", "emergency_stop", "vehicle_disconnected", "hard_reset", "soft_reset",
           "reboot", "power_loss", "unlock_command", "other", "station_vanished", "operator_closed"]
FLAGS = ["flags", "offline_start", "not_authorized", "payer_unknown", "no_hold", "start_clock_wrong", "stop_clock_wrong",
         "reading_out_of_order", "reading_went_back", "reading_clock_wrong", "stop_below_reading", "stop_below_start",
         "stop_matched", "closed_by_policy", "corrected", "beyond_hold", "on_receivables", "conflicting_stop",
         "station_restarted", "duration_capped", "signature_refused", "meter_unregistered", "signed_values_differ"]
RECORD = {1: ("verdict", ["none", "verified", "unregistered", "forged", "malformed", "no_key", "other_key"]),
          2: ("time", "t"), 3: ("record", "s"), 4: ("meter_key", "h"), 5: ("?signed_wh", "d")}
SIGNED = {1: ("verified", "n"), 2: ("unregistered", "n"), 3: ("refused", "n"), 4: ("*records", RECORD)}
BILL = {1: ("session", "n"), 2: ("version", "n"), 3: ("station", "s"), 4: ("connector", "n"), 5: ("token", "x"),
        6: ("driver", "q"), 7: ("start_register_wh", "d"), 8: ("stop_register_wh", "d"), 9: ("started_at", "t"),
        10: ("stopped_at", "t"), 11: ("station_start_time", "t"), 12: ("station_stop_time", "t"),
        13: ("recorded_start", "t"), 14: ("recorded_stop", "t"), 15: ("reason", REASONS), 16: ("usage", USAGE),
        17: ("tariff", "n"), 18: ("tariff_version", "n"), 19: ("terms", TERMS), 20: ("*lines", LINE), 21: ("net", "d"),
        22: ("tax", "d"), 23: ("total", "d"), 24: ("currency", "s"), 25: ("exponent", "n"), 26: ("ledger", "n"),
        27: ("held", "d"), 28: ("captured", "d"), 29: ("charged", "d"), 30: ("receivable", "d"), 31: ("*transfers", "q"),
        32: ("*reversals", "q"), 33: ("hold_transfer", "q"), 34: ("flags", FLAGS), 35: ("correlation", "q"),
        36: ("closed_at", "t"), 37: ("?signed_values", SIGNED)}
BILL_TYPE, BILL_VERSION = 4 << 16 | 24, 1


def moment(nanoseconds):
    """RFC 3339, UTC, nine digits of fraction."""
    seconds, rest = divmod(nanoseconds, 10**9)
    when = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)
    return f"{when:%Y-%m-%dT%H:%M:%S}.{rest:09}Z"


def varint(data, at):
    """(value, behind it)."""
    value = shift = 0
    while True:
        require(at < len(data) and shift < 70, "the record's content is cut off")
        value, shift, at = value | (data[at] & 127) << shift, shift + 7, at + 1
        if data[at - 1] < 128:
            return value, at


def shown(kind, value):
    """A decoded value (an integer or bytes; None: absent, which means zero) as the statement's JSON shows it."""
    if isinstance(kind, dict):
        return decode(kind, value or b"")
    if isinstance(kind, list):
        if kind[0] == "flags":
            return [name for bit, name in enumerate(kind[1:]) if (value or 0) >> bit & 1]
        return kind[value or 0]
    if kind == "q":
        return str(int.from_bytes(value or b"", "little"))
    value = value or (b"" if kind in "sxh" else 0)
    return {"n": lambda: value, "d": lambda: str(value), "z": lambda: value >> 1 ^ -(value & 1), "b": lambda: bool(value),
            "t": lambda: moment(value), "s": lambda: value.decode("utf-8"), "x": lambda: value.hex() or "00" * 32,
            "h": lambda: base64.b64encode(value).decode()}[kind]()


def decode(fields, data):
    """A message of Protocol Buffers' wire format, with all its fields, as the statement's JSON shows it."""
    message = {name.lstrip("*"): [] if name[0] == "*" else shown(kind, None)
               for name, kind in fields.values() if name[0] != "?"}
    at = 0
    while at < len(data):
        tag, at = varint(data, at)
        require(tag >> 3 in fields, f"the record has a field {tag >> 3}, which is not known")
        name, kind = fields[tag >> 3]
        if tag & 7 == 0:
            value, at = varint(data, at)
        else:
            size, at = (8, at) if tag & 7 == 1 else varint(data, at)
            value, at = data[at:at + size], at + size
            require(tag & 7 in (1, 2) and len(value) == size, "the record's content is cut off")
            value = int.from_bytes(value, "little", signed=True) if tag & 7 == 1 else value
        if name[0] != "*":
            message[name.lstrip("?")] = shown(kind, value)
        elif isinstance(kind, str) and kind == "d" and tag & 7 == 2:  # numbers side by side
            inner = 0
            while inner < len(value):
                one, inner = varint(value, inner)
                message[name[1:]].append(shown(kind, one))
        else:
            message[name[1:]].append(shown(kind, value))
    return message


def rounded(numerator, denominator, how):
    """The quotient as an integer, rounded as the tariff says."""
    whole, rest = divmod(numerator, denominator)
    up = {"half_up": 2 * rest >= denominator, "up": rest > 0, "down": False,
          "half_even": 2 * rest > denominator or (2 * rest == denominator and whole % 2 == 1)}[how]
    return whole + up


def check_sums(bill):
    """That the lines follow from quantities and prices, the total from the lines, and the postings from the total."""
    terms, amounts = bill["terms"], {name: int(bill[name]) for name in (
        "net", "tax", "total", "captured", "charged", "receivable")}
    for line in bill["lines"]:
        units = {"session_fee": 1, "energy": 1000, "time": 60, "idle": 60}[line["kind"]]
        right = rounded(int(line["quantity"]) * int(line["unit_price"]), 10_000 * units, terms["rounding"])
        require(int(line["amount"]) == right, f"a line of {line['kind']} is not quantity times price: {right}")
    lines, points = sum(int(line["amount"]) for line in bill["lines"]), terms["tax_basis_points"]
    if terms["prices_include_tax"]:
        require(amounts["total"] == lines, "total is not the sum of the lines")
        right = rounded(lines * points, 10_000 + points, terms["rounding"])
    else:
        require(amounts["net"] == lines, "net is not the sum of the lines")
        right = rounded(lines * points, 10_000, terms["rounding"])
    require(amounts["tax"] == right, f"tax is not {points / 100} % of the lines: {right}")
    require(amounts["total"] == amounts["net"] + amounts["tax"], "total is not net + tax")
    require(amounts["total"] == amounts["captured"] + amounts["charged"] + amounts["receivable"],
            "total is not captured + charged + receivable")


def check_receipt(receipt):
    """What is known of the receipt's record; the bill is that of the statement."""
    require(receipt["algorithm"] == "Ed25519", "algorithm is not Ed25519")
    text = receipt["statement"].encode("utf-8")
    check_signature(hexadecimal(receipt, "public_key", 32), text, hexadecimal(receipt, "signature", 64))
    statement = json.loads(text)
    facts, payload = check_proof(receipt["proof"])
    require((facts.pop("type"), facts.pop("schema_version")) == (BILL_TYPE, BILL_VERSION), "the record is no bill")
    right = {"receipt": 1, **facts, "durability": statement["durability"], "bill": decode(BILL, payload)}
    for name in {*statement["bill"], *right["bill"]}:
        require(statement["bill"].get(name) == right["bill"].get(name), f"bill: {name} is not what the record has")
    for name in {*statement, *right}:
        require(statement.get(name) == right.get(name), f"{name} is not what record and proof have")
    check_sums(right["bill"])
    records = right["bill"].get("signed_values", {}).get("records", [])
    require(len(records) <= 2, "more signed values than a bill has")
    for value in records:
        require(value["verdict"] in ("verified", "unregistered"), "a signed value stands there that was refused")
        check_signed_value(value["record"], base64.b64decode(value["meter_key"]))
    return {**right, "public_key": receipt["public_key"]}


def main():
    """Checks the file that is named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", help="a receipt or a proof, as JSON; - for standard input")
    parser.add_argument("--key", help="the node's public key (hexadecimal, or a file): the signature must be by it")
    parser.add_argument("--head", help="the chain head (hexadecimal) that it must hang on")
    parser.add_argument("--journal", help="a directory of segments in whose chain the head must be")
    arguments = parser.parse_args()
    try:
        text = sys.stdin.read() if arguments.file == "-" else pathlib.Path(arguments.file).read_text("utf-8")
        document = json.loads(text)
        facts = check_receipt(document) if "statement" in document else check_proof(document)[0]
        if arguments.key:
            path = pathlib.Path(arguments.key)
            key = path.read_text("utf-8").strip() if path.is_file() else arguments.key
            require(facts.get("public_key") == key, "it is not signed by that key")
        require(arguments.head in (None, facts["head"]), "it hangs on another head")
        require(not arguments.journal or facts["head"] in chain_heads(arguments.journal),
                "the head is not in that journal's chain")
    except Refused as why:
        print(f"REFUSED: {why}", file=sys.stderr)
        return 1
    except (OSError, ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        print(f"cannot be read: {type(error).__name__}: {error}", file=sys.stderr)
        return 2
    for name, value in {**facts, **facts.pop("bill", {})}.items():
        print(f"{name:18} {value if isinstance(value, (str, int)) else json.dumps(value)}")
    print("the signature, the record and its sums are right" if "receipt" in facts else "", end="")
    print("\nthe record is in the chain that ends with head" + ("" if "receipt" not in facts else ", signed by public_key"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
