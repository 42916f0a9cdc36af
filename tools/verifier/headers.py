"""Sections 3, 4 and 7: headers of segments and groups: by themselves, and what they follow from."""

import hashlib
import struct
from dataclasses import dataclass

from verifier.crc32c import crc32c
from verifier.layout import (BLOCK_BYTES, FLAG_FIRST_OF_SEGMENT, FLAG_OPENING, FLAG_SEAL, FORMAT_VERSION, GROUP_HEADER,
                             GROUP_MAGIC, HEADER_BYTES, MAX_GROUP_BYTES, READ_BYTES, REST_OF_BLOCK_0, RIGHT_SIZE,
                             SEGMENT_HEADER, SEGMENT_MAGIC, Identity, need)
from verifier.segment import has_right_size


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
