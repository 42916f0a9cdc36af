#!/usr/bin/env python3
"""Checks a Keel journal from its files alone: an independent reader of docs/journal-format.md.

Usage: tools/verify.py DIRECTORY [--json] [--class main|stream] [--key PUBLIC_KEY]

Nothing is shared with the program that writes journals: this file was written from the document, so that a
disagreement between the two is a mistake in one of them or in the document. It only reads; its memory is bounded
by one group (8 MiB) whatever the journal's length. Section numbers in comments are the document's.

Speed: about 25 MB/s of journal with small records, on one core.

Exit codes: 0 the journal is whole, 3 it is corrupt, 1 it cannot be read, 2 wrong usage.
"""

import argparse
import hashlib
import json
import os
import re
import struct
import sys
from dataclasses import dataclass, field

from crc32c import crc32c
from ed25519 import signature_holds

BLOCK_BYTES = 4096
MIN_SEGMENT_BYTES = 16 * 1024
MAX_GROUP_BYTES = 8 * 1024 * 1024
HEADER_BYTES = 192
RECORD_HEADER_BYTES = 8
ENVELOPE_BYTES = 88
HEAD_ENTRY_BYTES = 256
STATEMENT_BYTES = 128
CUT_BYTES = 256
FORMAT_VERSION = 1
SEGMENT_MAGIC = b"KEELSEG1"
GROUP_MAGIC = b"KEELGRP1"
HEAD_MAGIC = b"KEELHED1"
CUT_MAGIC = b"KEELCUT1"
FLAG_SEAL, FLAG_FIRST_OF_SEGMENT, FLAG_OPENING = 1, 2, 4
CLASSES = {"main": 1, "stream": 2}
READ_BYTES = 1 << 20
ZEROS = bytes(READ_BYTES)
RIGHT_SIZE = "a size that is a multiple of 4096, at least 16384"
REST_OF_BLOCK_0 = "zeros behind the header in block 0"

SEGMENT_HEADER = struct.Struct("<8sII16sIIQQQQqQ8s32s60sI")
GROUP_HEADER = struct.Struct("<8sII16sIIQQQQqQQ32s32s28sI")
HEAD_ENTRY = struct.Struct("<8sII16sIIqQQQq16s32s32s64s28sI")
RECORD = struct.Struct("<IIQqIIQ16s16s16sHHI")


class Fault(Exception):
    """Something is not as the document says: a name of section 9, a place, and what would be right there."""

    def __init__(self, problem, offset, expected):
        super().__init__(problem, offset, expected)
        self.problem, self.offset, self.expected = problem, offset, expected

    def report(self, file):
        return {"problem": self.problem, "file": file, "offset": self.offset, "expected": self.expected}


def need(holds, problem, offset, expected):
    """Raises the fault unless it holds."""
    if not holds:
        raise Fault(problem, offset, expected)


@dataclass(frozen=True)
class Identity:
    """What is the same in every header of a journal."""
    journal_id: bytes
    cell: int
    segment_class: int


@dataclass(frozen=True)
class Before:
    """What stands before a place: the next header has to follow from it."""
    group_number: int = 0
    next_sequence: int = 1
    epoch: int = 0
    last_time: int = 0
    head: bytes = bytes(32)


class Segment:
    """One segment file, read in pieces."""

    def __init__(self, path, index, class_number):
        self.path, self.index, self.class_number = path, index, class_number
        self.name = os.path.basename(path)
        self.file = open(path, "rb", buffering=0)
        self.size = os.fstat(self.file.fileno()).st_size

    def close(self):
        self.file.close()

    def read(self, offset, size):
        """The bytes at offset; fewer only at the end of the file."""
        pieces = []
        while size > 0:
            piece = os.pread(self.file.fileno(), size, offset)
            if not piece:
                break
            pieces.append(piece)
            offset, size = offset + len(piece), size - len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def nonzero(self, offset):
        """The offset of the first byte that is not zero at or behind `offset`, or None."""
        while offset < self.size:
            piece = self.read(offset, READ_BYTES)
            if not piece:
                return None
            if piece != ZEROS[:len(piece)]:
                return offset + len(piece) - len(piece.lstrip(b"\0"))
            offset += len(piece)
        return None


@dataclass(frozen=True)
class SegmentHeader:
    """The fields of a segment header that others must agree with."""
    identity: Identity
    first_group: int
    first_sequence: int
    epoch: int
    previous: bytes
    hash: bytes


@dataclass(frozen=True)
class GroupHeader:
    """The fields of a group header, and where its group ends."""
    identity: Identity
    flags: int
    record_count: int
    group_number: int
    first_sequence: int
    epoch: int
    last_time: int
    offset: int
    body_bytes: int
    previous: bytes
    merkle_root: bytes
    hash: bytes

    @property
    def occupied(self):
        return -(-(HEADER_BYTES + self.body_bytes) // BLOCK_BYTES) * BLOCK_BYTES

    @property
    def seal(self):
        return bool(self.flags & FLAG_SEAL)


def has_right_size(segment):
    """Section 3."""
    return segment.size % BLOCK_BYTES == 0 and segment.size >= MIN_SEGMENT_BYTES


def written_whole(segment, offset):
    """Section 7: whether a header of either kind with a right CRC stands here, whatever place it was made for."""
    raw = segment.read(offset, HEADER_BYTES)
    return (len(raw) == HEADER_BYTES and raw[:8] in (SEGMENT_MAGIC, GROUP_MAGIC)
            and struct.unpack_from("<I", raw, 188)[0] == crc32c(raw[:188]))


def read_segment_header(segment, known):
    """Section 3: the header, valid by itself, or a Fault. `known` is the journal's identity if it is known."""
    need(segment.size >= 2 * BLOCK_BYTES, "segment_header", 0, RIGHT_SIZE)
    block = segment.read(0, BLOCK_BYTES)
    raw = block[:HEADER_BYTES]
    (magic, version, header_bytes, journal_id, cell, segment_class, index, first_group, first_sequence, epoch,
     _, segment_bytes, zero, previous, more_zero, crc) = SEGMENT_HEADER.unpack(raw)
    need(magic != SEGMENT_MAGIC or version <= FORMAT_VERSION, "newer_format", 0,
         f"format version {FORMAT_VERSION}, not {version}")
    need(has_right_size(segment), "segment_header", 0, RIGHT_SIZE)
    need(magic == SEGMENT_MAGIC, "segment_header", 0, "magic KEELSEG1")
    identity = Identity(journal_id, cell, segment_class)
    tests = (
        (crc == crc32c(raw[:188]), "the CRC32C of the header"),
        (version == FORMAT_VERSION, f"format_version {FORMAT_VERSION}"),
        (header_bytes == HEADER_BYTES, f"header_bytes {HEADER_BYTES}"),
        (not any(zero) and not any(more_zero), "zero fields"),
        (segment_class == segment.class_number, f"segment_class {segment.class_number}"),
        (index == segment.index, f"segment_index {segment.index}"),
        (segment_bytes == segment.size, f"segment_bytes {segment.size}"),
        (first_group > 0 and first_sequence > 0 and epoch > 0, "first_group, first_sequence and epoch above 0"),
        (known is None or identity == known, "the journal's id, cell and class"),
        (not block[HEADER_BYTES:].strip(b"\0"), REST_OF_BLOCK_0),
    )
    for holds, expected in tests:
        need(holds, "segment_header", 0, expected)
    return SegmentHeader(identity, first_group, first_sequence, epoch, previous, hashlib.sha256(raw).digest())


def segment_header_follows(header, before):
    """Raises a Fault unless the header follows from the last group before its segment."""
    need(header.first_group == before.group_number + 1, "chain", 0, f"first_group {before.group_number + 1}")
    need(header.previous == before.head, "chain", 0, f"previous {before.head.hex()}")
    need(header.first_sequence == before.next_sequence, "sequence", 0, f"first_sequence {before.next_sequence}")


def read_group_header(segment, offset, known):
    """Section 4: the header at offset, valid by itself (no other group and no record is looked at), or a Fault."""
    raw = segment.read(offset, HEADER_BYTES)
    need(len(raw) == HEADER_BYTES, "group_header", offset, "a group header inside the segment")
    (magic, flags, record_count, journal_id, cell, segment_class, index, group_number, first_sequence, epoch,
     last_time, file_offset, body_bytes, previous, merkle_root, zero, crc) = GROUP_HEADER.unpack(raw)
    need(magic == GROUP_MAGIC, "group_header", offset, "magic KEELGRP1")
    identity = Identity(journal_id, cell, segment_class)
    header = GroupHeader(identity, flags, record_count, group_number, first_sequence, epoch, last_time, offset,
                         body_bytes, previous, merkle_root, hashlib.sha256(raw).digest())
    tests = (
        (crc == crc32c(raw[:188]), "the CRC32C of the header"),
        (not any(zero), "zero fields"),
        (flags < 8, "no unknown flags"),
        (header.seal == (record_count == 0), "no records if and only if the group is a seal"),
        (bool(flags & FLAG_FIRST_OF_SEGMENT) == (offset == BLOCK_BYTES), "kFlagFirstOfSegment at offset 4096 only"),
        (header.seal or not flags & FLAG_OPENING, "kFlagOpening with kFlagSeal only"),
        (segment_class == segment.class_number, f"segment_class {segment.class_number}"),
        (known is None or identity == known, "the journal's id, cell and class"),
        (index == segment.index, f"segment_index {segment.index}"),
        (file_offset == offset, f"file_offset {offset}"),
        (group_number > 0 and first_sequence > 0 and epoch > 0, "group_number, first_sequence and epoch above 0"),
        (body_bytes % 8 == 0, "body_bytes a multiple of 8"),
        (body_bytes >= 96 * record_count if record_count else body_bytes == 0, "body_bytes to suit record_count"),
        (header.occupied <= MAX_GROUP_BYTES, "a group of at most 8 MiB"),
        (offset + header.occupied <= segment.size, "a group that ends inside its segment"),
    )
    for holds, expected in tests:
        need(holds, "group_header", offset, expected)
    return header


def group_header_follows(header, before, segment_header):
    """Raises a Fault unless the header follows. Either of the two it is compared with may be None: not known."""
    offset = header.offset
    if offset == BLOCK_BYTES:
        if segment_header is not None:
            need(header.previous == segment_header.hash, "chain", offset, f"previous {segment_header.hash.hex()}")
    elif before is not None:
        need(header.previous == before.head, "chain", offset, f"previous {before.head.hex()}")
    if before is not None:
        epoch = before.epoch + (1 if header.flags & FLAG_OPENING else 0)
        need(header.group_number == before.group_number + 1, "chain", offset,
             f"group_number {before.group_number + 1}")
        need(header.epoch == epoch, "chain", offset, f"epoch {epoch}")
        need(header.first_sequence == before.next_sequence, "sequence", offset,
             f"first_sequence {before.next_sequence}")
    if offset == BLOCK_BYTES and segment_header is not None:
            need(header.group_number == segment_header.first_group, "chain", offset,
                 f"group_number {segment_header.first_group}")
            need(header.first_sequence == segment_header.first_sequence, "sequence", offset,
                 f"first_sequence {segment_header.first_sequence}")


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


def is_later_header(segment, offset, known):
    """Section 7: whether a group header of this place stands here. Number, epoch and contents are not looked at."""
    raw = segment.read(offset, HEADER_BYTES)
    if offset + BLOCK_BYTES > segment.size or raw[:8] != GROUP_MAGIC:
        return False  # a part of a block is not a block
    (_, _, _, journal_id, cell, segment_class, index, _, _, _, _, file_offset, _, _, _, zero,
     crc) = GROUP_HEADER.unpack(raw)
    return (crc == crc32c(raw[:188]) and not any(zero) and index == segment.index and file_offset == offset
            and (known is None or Identity(journal_id, cell, segment_class) == known))


def later_header(segment, offset, end, known):
    """The first block in [offset, end) that begins with a later header, or None."""
    while offset < end:
        piece = segment.read(offset, min(READ_BYTES, end - offset))
        if not piece:
            return None
        for start in range(0, len(piece), BLOCK_BYTES):
            if piece[start:start + 8] == GROUP_MAGIC and is_later_header(segment, offset + start, known):
                return offset + start
        offset += READ_BYTES
    return None


class Heads:
    """Section 8: the signed heads, one entry at a time beside the walk, which meets the groups in the same order."""

    def __init__(self, path, class_number, problems, key=None):
        self.key = key  # hexadecimal; None: any that signed
        self.name, self.class_number, self.problems = os.path.basename(path), class_number, problems
        self.valid = 0
        self.offset = -HEAD_ENTRY_BYTES
        self.entry = None
        self.last_group = 0
        self.file = open(path, "rb") if os.path.exists(path) else None
        self.size = os.path.getsize(path) if self.file else 0
        self.next()

    def next(self):
        """Moves to the next valid entry and reports the wrong ones before it; entry is None at the end."""
        self.entry = None
        while self.file and self.offset + 2 * HEAD_ENTRY_BYTES <= self.size and self.entry is None:
            self.offset += HEAD_ENTRY_BYTES
            last = self.offset + 2 * HEAD_ENTRY_BYTES > self.size
            raw = self.file.read(HEAD_ENTRY_BYTES)
            fields = HEAD_ENTRY.unpack(raw)
            if fields[-1] != crc32c(raw[:252]):
                if not last:
                    self.report("head_entry", "the entry's CRC32C")
                continue
            self.judge(raw, fields)
        if self.entry is None and self.file:
            self.file.close()
            self.file = None

    def judge(self, raw, fields):
        """Takes the entry if it is valid by itself."""
        (magic, algorithm, statement_bytes, _, _, segment_class, _, group_number, _, _, _, zero, _, public_key,
         signature, more_zero, _) = fields
        tests = (
            (magic == HEAD_MAGIC, "magic KEELHED1"),
            (algorithm == 1 and statement_bytes == STATEMENT_BYTES, "Ed25519 over a statement of 128 bytes"),
            (segment_class == self.class_number, f"segment_class {self.class_number}"),
            (not any(zero) and not any(more_zero), "zero fields"),
            (group_number > self.last_group, f"a group number above {self.last_group}"),
            (self.key is None or public_key.hex() == self.key, "a signature by the key that was given"),
            (signature_holds(public_key, raw[:STATEMENT_BYTES], signature), "the key's signature of the statement"),
        )
        for holds, expected in tests:
            if not holds:
                self.report("head_entry", expected)
                return
        self.valid += 1
        self.last_group = group_number
        self.entry = fields

    def report(self, problem, expected):
        self.problems.append(Fault(problem, self.offset, expected).report(self.name))

    def meet(self, header, next_sequence):
        """Compares the entries of this group with the chain; those of groups that were not met are passed over."""
        while self.entry is not None and self.entry[7] <= header.group_number:
            (_, _, _, journal_id, cell, segment_class, _, group_number, last_sequence, epoch, last_time, _, head, _,
             _, _, _) = self.entry
            if group_number == header.group_number:
                same = (Identity(journal_id, cell, segment_class) == header.identity and head == header.hash
                        and last_sequence == next_sequence - 1 and epoch == header.epoch
                        and last_time == header.last_time)
                if not same:
                    self.report("head_mismatch", f"the chain's group {group_number}: head {header.hash.hex()}")
            self.next()

    def finish(self, last_group):
        """Reports the entries behind the end of the chain."""
        while self.entry is not None:
            if self.entry[7] > last_group:
                self.report("head_beyond_end", f"a group of the journal, whose last is {last_group}")
            self.next()


@dataclass
class Summary:
    """What section 9 asks a report to have."""
    class_name: str
    segments: int = 0
    groups: int = 0
    seals: int = 0
    records: int = 0
    first_sequence: int = 0
    last_sequence: int = 0
    size_bytes: int = 0
    heads: int = 0
    identity: Identity = None
    last: GroupHeader = None
    tail: dict = None
    cut: dict = None
    problems: list = field(default_factory=list)

    def count(self, header):
        """Takes in a valid group."""
        self.groups += 1
        self.seals += header.seal
        self.records += header.record_count
        self.size_bytes += header.occupied
        self.last = header
        if header.record_count:
            self.first_sequence = self.first_sequence or header.first_sequence
            self.last_sequence = header.first_sequence + header.record_count - 1

    def report(self):
        identity = self.identity or Identity(bytes(16), 0, 0)
        return {
            "ok": not self.problems,
            "journal_id": identity.journal_id.hex(),
            "cell": identity.cell,
            "class": self.class_name,
            "segments": self.segments,
            "groups": self.groups,
            "seals": self.seals,
            "records": self.records,
            "first_sequence": self.first_sequence,
            "last_sequence": self.last_sequence,
            "last_time": self.last.last_time if self.last else 0,
            "epoch": self.last.epoch if self.last else 0,
            "bytes": self.size_bytes,
            "head": (self.last.hash if self.last else bytes(32)).hex(),
            "heads": self.heads,
            "tail": self.tail,
            "cut": self.cut,
            "problems": self.problems,
        }


class Walk:
    """Section 7: from group to group, and what the end of the walk is.

    `before` is None right behind a problem: the tests against what stands before are then left out once.
    """

    def __init__(self, paths, cut, class_name, heads, summary):
        self.paths, self.class_name, self.class_number = paths, class_name, CLASSES[class_name]
        self.heads, self.summary = heads, summary
        self.cut = cut
        self.beginning = 1  # the first segment
        self.before = Before()
        self.known = None

    def open(self, index):
        return Segment(self.paths[index], index, self.class_number)

    def run(self):
        """Walks all segments in the order of their indices."""
        if not self.begin():
            return
        indices = sorted(index for index in self.paths if index >= self.beginning)
        expected = self.beginning
        if not indices:
            self.missing(expected, "the segment that the cut names")
        for place, index in enumerate(indices):
            segment = self.open(index)
            try:
                if index != expected:
                    self.missing(expected, f"this segment, because segment {index} is there")
                expected = index + 1
                if not self.segment(segment, indices[place + 1:]):
                    return
            finally:
                segment.close()

    def begin(self):
        """Section 8a: whether the walk begins at segment 1 or behind a cut; False if that is not known."""
        if self.cut is None:
            return True
        if isinstance(self.cut, Fault):
            self.summary.problems.append(self.cut.report(f"{self.class_name}.cut"))
            return 1 in self.paths
        header = self.cut.header
        next_sequence = header.first_sequence + header.record_count
        self.summary.cut = {"first_segment": self.cut.first_segment, "group_number": header.group_number,
                            "last_sequence": next_sequence - 1, "head": header.hash.hex()}
        if 1 not in self.paths:
            self.beginning = self.cut.first_segment
            self.before = Before(header.group_number, next_sequence, header.epoch, header.last_time, header.hash)
            self.known = self.summary.identity = header.identity
            self.heads.meet(header, next_sequence)
        return True

    def problem(self, segment, fault):
        self.summary.problems.append(fault.report(segment.name))
        self.before = None

    def missing(self, index, expected):
        """Names a segment that is missing, or that may not be there without content in the one before."""
        name = f"{index:020}.{self.class_name}.segment"
        fault = Fault("missing_segment", 0, expected)
        self.summary.problems.append(fault.report(name))
        self.before = None

    def segment(self, segment, later):
        """Walks one segment; whether the walk goes on to the next."""
        if segment.nonzero(0) is None:
            if segment.index == self.beginning != 1:
                self.problem(segment, Fault("segment_header", 0, "what the cut says was durable"))
            elif later:
                self.missing(segment.index, "content: only the last segment may be all zero")
            elif not has_right_size(segment):
                self.problem(segment, Fault("segment_header", 0, RIGHT_SIZE))
            return True
        header, offset = self.first_write(segment, later)
        while offset is not None and segment.size - offset >= BLOCK_BYTES:
            try:
                group = check_group(segment, offset, self.known, self.before, header)
                self.accept(group)
                offset += group.occupied
            except Fault as fault:
                if segment.nonzero(offset) is None:
                    return True
                offset = self.bad_group(segment, offset, fault, later)
        if offset is not None and segment.nonzero(offset) is not None:
            self.problem(segment, Fault("free_space", segment.nonzero(offset), "zeros behind the last whole block"))
        if self.summary.problems and self.summary.problems[-1]["problem"] == "newer_format":
            return False
        return offset is not None or bool(self.summary.problems)

    def accept(self, group):
        next_sequence = group.first_sequence + group.record_count
        self.before = Before(group.group_number, next_sequence, group.epoch, group.last_time, group.hash)
        self.summary.count(group)
        self.heads.meet(group, next_sequence)
        cut = self.summary.cut
        if cut and group.group_number == cut["group_number"] and group.hash.hex() != cut["head"]:
            fault = Fault("cut_record", 0, f"the header of group {group.group_number}, {group.hash.hex()}")
            self.summary.problems.append(fault.report(f"{self.class_name}.cut"))

    def first_write(self, segment, later):
        """The segment header and its first group, which are one write: (header or None, next offset or None)."""
        header = None
        try:
            header = read_segment_header(segment, self.known)
            if self.before is not None:
                segment_header_follows(header, self.before)
            group = check_group(segment, BLOCK_BYTES, self.known or header.identity, self.before, header)
        except Fault as fault:
            return header, self.bad_beginning(segment, header, fault, later)
        if self.known is None:
            self.known = self.summary.identity = header.identity
        self.summary.segments += 1
        self.accept(group)
        return header, BLOCK_BYTES + group.occupied

    def bad_beginning(self, segment, header, fault, later):
        """Judges a segment whose first write is not valid; the offset at which to go on, or None."""
        if fault.problem == "newer_format":
            self.problem(segment, fault)
            return None
        if segment.index == self.beginning != 1:
            stranger = fault  # the cut says that it was durable
        else:
            stranger = self.stranger(segment, header, BLOCK_BYTES, fault)
        if self.unknown_before() or stranger:
            self.problem(segment, stranger or fault)
        elif self.explained(segment, BLOCK_BYTES, later):
            if later:  # all zero, and so would this one be: two segments without content
                self.missing(later[0], "a segment with content before this all-zero one")
            else:
                self.drop(segment, 0, BLOCK_BYTES, fault)
            return None
        else:
            self.bad(segment, BLOCK_BYTES, fault)
        if header is not None and self.known is None:
            self.known = self.summary.identity = header.identity
        if header is not None and fault.offset >= BLOCK_BYTES:
            return self.behind(segment, BLOCK_BYTES)
        return later_header(segment, BLOCK_BYTES, segment.size, self.known)

    def bad_group(self, segment, offset, fault, later):
        """Judges a place at which no valid group stands; the offset at which to go on, or None."""
        stranger = self.stranger(segment, None, offset, fault)
        if stranger:
            self.problem(segment, stranger)
        elif not self.unknown_before() and self.explained(segment, offset, later):
            self.drop(segment, offset, offset, fault)
            return None
        else:
            self.bad(segment, offset, fault)
        return self.behind(segment, offset)

    def bad(self, segment, offset, fault):
        """Reports a bad group that is no incomplete last write, and what is not zero behind its extent.

        A later header there is a group of its own, which the walk meets; without one it is no group's.
        """
        stray = segment.nonzero(self.extent_end(segment, offset))
        if stray is not None and later_header(segment, self.own_end(segment, offset), segment.size, self.known) is None:
            block = stray // BLOCK_BYTES * BLOCK_BYTES
            self.problem(segment, Fault("free_space", block, "zeros behind the last write"))
        self.problem(segment, fault)

    def behind(self, segment, offset):
        """Where to go on behind a bad group: by its length if its header is valid by itself."""
        try:
            return offset + read_group_header(segment, offset, self.known).occupied
        except Fault:
            return later_header(segment, offset + BLOCK_BYTES, segment.size, self.known)

    def last_group(self):
        """The number of the last group that is there, or stood before the cut."""
        if self.summary.last:
            return self.summary.last.group_number
        return self.summary.cut["group_number"] if self.summary.cut and self.beginning != 1 else 0

    def unknown_before(self):
        """Whether what stands before is not known, because of a problem there."""
        return self.before is None and bool(self.summary.problems)

    def stranger(self, segment, segment_header, offset, fault):
        """Condition 4 of an incomplete last write: the fault of a header that was written whole, and does not belong.

        `fault` is that of the bad place; `segment_header` that of a segment's first write, if it is valid.
        """
        if offset == BLOCK_BYTES and segment_header is None:
            if not has_right_size(segment) or (written_whole(segment, 0) and fault.expected != REST_OF_BLOCK_0):
                return fault
        try:
            if segment_header is not None and self.before is not None:
                segment_header_follows(segment_header, self.before)
        except Fault as deviation:
            return deviation
        try:
            header = read_group_header(segment, offset, self.known)
        except Fault as deviation:
            return deviation if written_whole(segment, offset) else None
        try:
            group_header_follows(header, self.before, segment_header)
        except Fault as deviation:
            return deviation
        return None

    def own_end(self, segment, offset):
        """Where the write that begins at offset certainly ends: inside, nothing is a later header."""
        try:
            return offset + read_group_header(segment, offset, self.known).occupied
        except Fault:
            return offset + BLOCK_BYTES

    def extent_end(self, segment, offset):
        """Condition 2: where the write that begins at offset can have ended."""
        try:
            return offset + read_group_header(segment, offset, self.known).occupied
        except Fault:
            return min(offset + MAX_GROUP_BYTES, segment.size)

    def explained(self, segment, offset, later):
        """Conditions 1 to 3: everything that is not zero lies in one extent, and no later header stands in it."""
        for index in later:
            other = self.open(index)
            try:
                if other.nonzero(0) is not None:
                    return False
            finally:
                other.close()
        end = self.extent_end(segment, offset)
        if segment.nonzero(end) is not None:
            return False
        return later_header(segment, self.own_end(segment, offset), end, self.known) is None

    def drop(self, segment, start, group_offset, fault):
        """Reports the incomplete last write that begins at start."""
        self.summary.tail = {
            "file": segment.name,
            "offset": start,
            "extent_bytes": self.extent_end(segment, group_offset) - start,
            "group_number": self.before.group_number + 1,
            "reason": fault.problem,
        }


@dataclass(frozen=True)
class Cut:
    """Section 8a: what a journal keeps of the segments that were moved to an archive."""
    first_segment: int
    header: GroupHeader


def read_cut(directory, class_name):
    """The cut of a journal, None if it has none, a Fault if it is damaged."""
    path = os.path.join(directory, f"{class_name}.cut")
    if not os.path.exists(path):
        return None
    with open(path, "rb") as file:
        raw = file.read(CUT_BYTES + 1)
    fault = Fault("cut_record", 0, "a record of what was archived")
    if len(raw) != CUT_BYTES or raw[:8] != CUT_MAGIC or any(raw[16 + HEADER_BYTES:252]):
        return fault
    stored = raw[16:16 + HEADER_BYTES]
    if struct.unpack_from("<I", raw, 252)[0] != crc32c(raw[:252]):
        return fault
    first_segment, = struct.unpack_from("<Q", raw, 8)
    (magic, flags, record_count, journal_id, cell, segment_class, index, group_number, first_sequence, epoch,
     last_time, file_offset, body_bytes, previous, merkle_root, _, crc) = GROUP_HEADER.unpack(stored)
    if magic != GROUP_MAGIC or crc != crc32c(stored[:188]) or first_segment != index + 1:
        return fault
    return Cut(first_segment, GroupHeader(
        Identity(journal_id, cell, segment_class), flags, record_count, group_number, first_sequence, epoch, last_time,
        file_offset, body_bytes, previous, merkle_root, hashlib.sha256(stored).digest()))


def list_segments(directory, class_name):
    """The class's segments by index; files that are none of the journal's are mentioned on standard error."""
    paths = {}
    for name in sorted(os.listdir(directory)):
        match = re.fullmatch(r"([0-9]{20})\.(main|stream)\.segment(\.new)?", name)
        if match and int(match[1]) > 0:
            if match[2] == class_name and not match[3]:
                paths[int(match[1])] = os.path.join(directory, name)
        elif name != "lock" and not re.fullmatch(r"(main|stream)\.(heads|rescue|cut)", name):
            print(f"verify.py: {name} is not a file of the journal", file=sys.stderr)
    return paths


def verify(directory, class_name="main", key=None):
    """The report on one class of the journal in a directory. OSError if it cannot be read."""
    paths = list_segments(directory, class_name)
    if not paths:
        raise FileNotFoundError(f"no segment of class {class_name} in {directory}")
    summary = Summary(class_name)
    heads = Heads(os.path.join(directory, f"{class_name}.heads"), CLASSES[class_name], summary.problems, key)
    walk = Walk(paths, read_cut(directory, class_name), class_name, heads, summary)
    walk.run()
    if not any(problem["problem"] == "newer_format" for problem in summary.problems):
        heads.finish(walk.last_group())
    summary.heads = heads.valid
    return summary.report()


def print_report(report):
    """The report for people: the fields of the JSON, a line each."""
    for name, value in report.items():
        if name not in ("ok", "problems", "tail"):
            print(f"{name:<15}{value}")
    tail = report["tail"]
    if tail:
        print(f"incomplete last write: {tail['file']} at {tail['offset']}, {tail['extent_bytes']} bytes, group "
              f"{tail['group_number']}: {tail['reason']}; an opening drops it")
    for problem in report["problems"]:
        print(f"{problem['problem']}: {problem['file']} at {problem['offset']}: expected {problem['expected']}")
    print("ok" if report["ok"] else "corrupt")


def main():
    parser = argparse.ArgumentParser(description="Checks a Keel journal from its files alone.")
    parser.add_argument("directory", help="the journal's directory")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.add_argument("--class", dest="class_name", choices=CLASSES, default="main", help="which class to check")
    parser.add_argument("--key", help="signed heads must be by this public key: hexadecimal, or a file of it")
    options = parser.parse_args()
    if options.key and os.path.exists(options.key):
        with open(options.key, encoding="ascii") as file:
            options.key = file.read().strip()
    try:
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
