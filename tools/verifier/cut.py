"""Sections 8a and 8b: the records of a place between two segments."""

import hashlib
import os
import struct
from dataclasses import dataclass

from verifier.crc32c import crc32c
from verifier.headers import GroupHeader
from verifier.layout import (CHECKPOINT_MAGIC, CUT_BYTES, CUT_MAGIC, GROUP_HEADER, GROUP_MAGIC, HEADER_BYTES, Fault,
                             Identity)


@dataclass(frozen=True)
class Cut:
    """A segment, and the last group header before it."""
    first_segment: int
    header: GroupHeader


def read_cut(directory, class_name):
    """Section 8a, what was archived: None if nothing was, a Fault if the record is damaged."""
    return read_place(os.path.join(directory, f"{class_name}.cut"), CUT_MAGIC,
                      Fault("cut_record", 0, "a record of what was archived"))


def read_checkpoint(directory, class_name):
    """Section 8b, where an opening may begin: None if there is none, a Fault if it is damaged."""
    return read_place(os.path.join(directory, f"{class_name}.checkpoint"), CHECKPOINT_MAGIC,
                      Fault("checkpoint", 0, "a place where an opening may begin"))


def read_place(path, expected_magic, fault):
    """The record in a file of its own."""
    if not os.path.exists(path):
        return None
    with open(path, "rb") as file:
        raw = file.read(CUT_BYTES + 1)
    if len(raw) != CUT_BYTES or raw[:8] != expected_magic or any(raw[16 + HEADER_BYTES:252]):
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
