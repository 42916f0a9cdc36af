// FrameBatch: a piece of a cell's history on its way to a reader: matching records, and at the end
// the place where the reader goes on. Its memory is reused from batch to batch.
#pragma once

#include <vector>

#include "base/bytes.hpp"
#include "journal/port.hpp"

namespace keel::engine {

enum class FrameKind : std::uint8_t {
  record,      // one record; packed rows are still packed (envelope.row_bytes)
  checkpoint,  // everything up to `position` has been given
  caught_up,   // the same, and it was the end at that time; once in a subscription
};

struct Frame {
  FrameKind kind = FrameKind::record;
  Position position;
  journal::Envelope envelope;      // of a record
  std::size_t payload_offset = 0;  // in FrameBatch::bytes
  std::size_t payload_bytes = 0;
};

struct FrameBatch {
  std::vector<Frame> frames;
  Bytes bytes;

  ByteView payload(const Frame& frame) const [[clang::lifetimebound]] {
    return ByteView(bytes).subspan(frame.payload_offset, frame.payload_bytes);
  }
  void add(const journal::Record& record) {
    frames.push_back({.kind = FrameKind::record,
                      .position = record.envelope.sequence,
                      .envelope = record.envelope,
                      .payload_offset = bytes.size(),
                      .payload_bytes = record.payload.size()});
    append(bytes, record.payload);
  }
  void add(FrameKind kind, Position position) {
    frames.push_back({.kind = kind, .position = position, .envelope = {}});
  }
  void clear() {
    frames.clear();
    bytes.clear();
  }
};

}  // namespace keel::engine
