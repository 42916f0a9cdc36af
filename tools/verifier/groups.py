"""Sections 4 and 5: the records of a group, and the Merkle tree over them."""

import hashlib

from verifier.crc32c import crc32c
from verifier.headers import group_header_follows, read_group_header
from verifier.layout import BLOCK_BYTES, ENVELOPE_BYTES, HEADER_BYTES, RECORD, RECORD_HEADER_BYTES, need


class MerkleTree:
    """RFC 6962, section 2.1, with a stack of complete subtrees instead of the leaves."""

    def __init__(self):
        self.leaves = 0
        self.stack = []

    def add(self, leaf):
        self.stack.append(leaf)
        self.leaves += 1
        count = self.leaves
        while count & 1 == 0:
            self.join()
            count >>= 1

    def join(self):
        right, left = self.stack.pop(), self.stack.pop()
        self.stack.append(hashlib.sha256(b"\x01" + left + right).digest())

    def root(self):
        while len(self.stack) > 1:
            self.join()
        return self.stack[0] if self.stack else hashlib.sha256().digest()


def check_records(header, group, last_time):
    """Sections 4 and 5: the records of a group and what its header says of them. last_time None: not known."""
    tree = MerkleTree()
    position, end = HEADER_BYTES, HEADER_BYTES + header.body_bytes
    for number in range(header.record_count):
        at = header.offset + position
        need(position + RECORD_HEADER_BYTES + ENVELOPE_BYTES <= end, "records", at,
             f"{header.record_count} records in body_bytes")
        (crc, payload_bytes, sequence, time, _, _, _, _, _, _, _, _, zero) = RECORD.unpack_from(group, position)
        content = position + RECORD_HEADER_BYTES
        behind = content + ENVELOPE_BYTES + payload_bytes
        aligned = (behind + 7) & ~7
        need(aligned <= end, "records", at, "a payload that ends inside body_bytes")
        text = group[content:behind]
        need(crc == crc32c(text + group[position + 4:content]), "record_crc", at, "the record's CRC32C")
        need(sequence == header.first_sequence + number, "sequence", at, f"sequence {header.first_sequence + number}")
        need(not any(group[behind:aligned]), "record_padding", at, "zero padding")
        need(zero == 0, "record_padding", at, "the envelope's zero field")
        need(last_time is None or time >= last_time, "time", at, f"a time of {last_time} or later")
        last_time = time
        tree.add(hashlib.sha256(b"\0" + text).digest())
        position = aligned
    need(position == end, "records", header.offset + position, "records to the end of body_bytes")
    need(last_time is None or header.last_time == last_time, "time", header.offset, f"last_time {last_time}")
    root = tree.root()
    need(header.merkle_root == root, "merkle_root", header.offset, f"merkle_root {root.hex()}")
    need(not group[end:].strip(b"\0"), "group_padding", header.offset + end, "zeros to the end of the block")


def check_group(segment, offset, known, before, segment_header):
    """The header of the valid group at offset, or a Fault (section 7, "a group is valid")."""
    header = read_group_header(segment, offset, known)
    group_header_follows(header, before, segment_header)
    last_time = None if before is None else before.last_time
    check_records(header, segment.read(offset, header.occupied), last_time)
    if segment_header is not None and offset == BLOCK_BYTES:
        need(header.epoch == segment_header.epoch, "chain", 0, f"epoch {header.epoch}")
    return header
