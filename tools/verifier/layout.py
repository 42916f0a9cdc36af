"""Sections 1 to 5 and 8: sizes, magics and layouts, and the fault that every check raises."""

import struct
from dataclasses import dataclass

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
CHECKPOINT_MAGIC = b"KEELCHK1"
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
