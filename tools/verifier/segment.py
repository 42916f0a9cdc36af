"""Sections 2 and 3: the files of a class, and one of them read in pieces."""

import os
import re
import sys

from verifier.layout import BLOCK_BYTES, MIN_SEGMENT_BYTES, READ_BYTES, ZEROS


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


def has_right_size(segment):
    """Section 3."""
    return segment.size % BLOCK_BYTES == 0 and segment.size >= MIN_SEGMENT_BYTES


def list_segments(directory, class_name):
    """The class's segments by index; files that are none of the journal's are mentioned on standard error."""
    paths = {}
    for name in sorted(os.listdir(directory)):
        match = re.fullmatch(r"([0-9]{20})\.(main|stream)\.segment(\.new)?", name)
        if match and int(match[1]) > 0:
            if match[2] == class_name and not match[3]:
                paths[int(match[1])] = os.path.join(directory, name)
        elif not re.fullmatch(r"lock|stream\.lock|(main|stream)\.(heads|rescue|cut|checkpoint)", name):
            print(f"verify.py: {name} is not a file of the journal", file=sys.stderr)
    return paths
