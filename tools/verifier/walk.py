"""Section 7: from group to group, and what the end of the walk is."""

from verifier.groups import check_group
from verifier.headers import (group_header_follows, later_header, read_group_header, read_segment_header,
                              segment_header_follows, written_whole)
from verifier.layout import BLOCK_BYTES, CLASSES, MAX_GROUP_BYTES, REST_OF_BLOCK_0, RIGHT_SIZE, Before, Fault
from verifier.segment import Segment, has_right_size


class Walk:
    """Section 7: from group to group, and what the end of the walk is.

    `before` is None right behind a problem: the tests against what stands before are then left out once.
    """

    def __init__(self, paths, cut, checkpoint, class_name, heads, summary):
        self.paths, self.class_name, self.class_number = paths, class_name, CLASSES[class_name]
        self.heads, self.summary = heads, summary
        self.cut = cut
        self.checkpoint = checkpoint  # until the walk has come behind it
        self.beginning = 1  # the first segment
        self.before = Before()
        self.known = None

    def open(self, index):
        return Segment(self.paths[index], index, self.class_number)

    def run(self):
        """Walks all segments in the order of their indices."""
        begun = self.begin()
        if isinstance(self.checkpoint, Fault):
            self.checkpoint_problem(self.checkpoint.expected)
        if not begun:
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
            self.meet_checkpoint(header, self.beginning)
        return True

    def checkpoint_problem(self, expected):
        fault = Fault("checkpoint", 0, expected)
        self.summary.problems.append(fault.report(f"{self.class_name}.checkpoint"))
        self.checkpoint = None

    def meet_checkpoint(self, group, index):
        """Section 8b: a group that the walk has come behind, in the segment of that index."""
        if self.checkpoint is None or isinstance(self.checkpoint, Fault):
            return
        last = self.checkpoint.header
        if group.group_number == last.group_number and group.hash != last.hash:
            self.checkpoint_problem(f"the header of group {group.group_number}, {group.hash.hex()}")
        elif index >= self.checkpoint.first_segment and group.group_number > last.group_number:
            self.checkpoint = None

    def finish_checkpoint(self):
        """What it names must have been met, unless it was archived."""
        if self.checkpoint is not None:
            self.checkpoint_problem(f"segment {self.checkpoint.first_segment} in the journal")

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
                self.accept(group, segment.index)
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

    def accept(self, group, index):
        next_sequence = group.first_sequence + group.record_count
        self.before = Before(group.group_number, next_sequence, group.epoch, group.last_time, group.hash)
        self.summary.count(group)
        self.heads.meet(group, next_sequence)
        self.meet_checkpoint(group, index)
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
        self.accept(group, segment.index)
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
