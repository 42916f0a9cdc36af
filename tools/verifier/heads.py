"""Section 8: the signed heads beside the chain."""

import os

from verifier.crc32c import crc32c
from verifier.ed25519 import signature_holds
from verifier.layout import HEAD_ENTRY, HEAD_ENTRY_BYTES, HEAD_MAGIC, STATEMENT_BYTES, Fault, Identity


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
