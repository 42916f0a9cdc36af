"""Section 8a: the record of what was moved to an archive."""

import hashlib
import os
import struct
from dataclasses import dataclass

from verifier.crc32c import crc32c
from verifier.headers import GroupHeader
from verifier.layout import CUT_BYTES, CUT_MAGIC, GROUP_HEADER, GROUP_MAGIC, HEADER_BYTES, Fault, Identity


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
