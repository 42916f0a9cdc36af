#!/usr/bin/env python3
"""Checks an inclusion proof of `keel prove --json`, without Keel and without the journal.

Written from docs/receipts.md and docs/journal-format.md alone; Python's standard library only.
With --journal DIR it also looks whether the chain head is in that journal's chain.
Exit code: 0 it holds; 1 it does not, and standard error says why; 2 it cannot be read.
"""

import argparse
import hashlib
import json
import pathlib
import sys


class Refused(Exception):
    """What does not hold."""


def require(condition, why):
    """Refuses unless the condition holds."""
    if not condition:
        raise Refused(why)


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
    text = document.get(key)
    require(isinstance(text, str) and len(text) % 2 == 0 and set(text) <= set("0123456789abcdef"),
            f"{key} is not lower-case hexadecimal")
    require(size is None or len(text) == 2 * size, f"{key} has not {size} bytes")
    return bytes.fromhex(text)


def check_header(header, leaves):
    """The rules for a group header that need no other one (docs/journal-format.md, section 4)."""
    require(header[:8] == b"KEELGRP1", "group_header is none")
    require(crc32c(header[:188]) == number(header, 188, 4), "the group header's CRC is wrong")
    require(not any(header[160:188]), "the group header's zero field is not zero")
    require(number(header, 8, 4) & ~2 == 0, "the group holds no records")
    require(number(header, 12, 4) == leaves and leaves > 0, "leaves is not what the group header says")


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
    """The facts of a record that is in the chain, and its payload."""
    header, envelope = hexadecimal(proof, "group_header", 192), hexadecimal(proof, "envelope", 88)
    payload, index, leaves = hexadecimal(proof, "payload"), proof.get("index"), proof.get("leaves")
    path = [hexadecimal({"path": digest}, "path", 32) for digest in proof["path"]]
    require(type(index) is int and type(leaves) is int and 0 <= index < leaves < 2**32, "index is not below leaves")
    check_header(header, leaves)
    position = number(envelope, 0)
    require(position == number(header, 56) + index, "the record's position is not first_sequence + index")
    require(not any(envelope[84:]), "the envelope's zero field is not zero")
    root = root_from(sha256(b"\0", envelope, payload), index, leaves, path)
    require(root == header[128:160], "record and path do not lead to the group's Merkle root")
    head = sha256(header)
    require(head == hexadecimal(proof, "head", 32), "head is not the SHA-256 of group_header")
    return {"journal_id": header[16:32].hex(), "cell": number(header, 32, 4), "group": number(header, 48),
            "position": position, "time": int.from_bytes(envelope[8:16], "little", signed=True),
            "type": number(envelope, 20, 4), "head": head.hex()}, payload


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
            yield previous
            offset += (192 + number(header, 88) + 4095) // 4096 * 4096


def main():
    """Checks the file that is named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", help="a proof of keel prove --json; - for standard input")
    parser.add_argument("--journal", help="a directory of segments in whose chain the head must be")
    arguments = parser.parse_args()
    try:
        text = sys.stdin.read() if arguments.file == "-" else pathlib.Path(arguments.file).read_text("utf-8")
        facts, payload = check_proof(json.loads(text))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        print(f"cannot be read: {error}", file=sys.stderr)
        return 2
    except Refused as why:
        print(f"REFUSED: {why}", file=sys.stderr)
        return 1
    try:
        require(not arguments.journal or bytes.fromhex(facts["head"]) in chain_heads(arguments.journal),
                "the head is not in that journal's chain")
    except Refused as why:
        print(f"REFUSED: {why}", file=sys.stderr)
        return 1
    for name, value in facts.items():
        print(f"{name:11} {value}")
    print(f"{'payload':11} {len(payload)} bytes\nthe record is in the chain that ends with head")
    return 0


if __name__ == "__main__":
    sys.exit(main())
