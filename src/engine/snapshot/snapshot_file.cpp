#include "engine/snapshot/snapshot_file.hpp"

#include "base/hash/crc32c.hpp"
#include "engine/errors.hpp"

namespace keel::engine {

runtime::Task<Result<std::unique_ptr<SnapshotOutput>>> SnapshotOutput::create(runtime::Disk& disk,
                                                                              std::string path) {
  std::unique_ptr<runtime::File> file =
      KEEL_CO_TRY(co_await disk.open(path, {.write = true, .create = true}));
  KEEL_CO_TRY(co_await file->truncate(0));
  co_return std::unique_ptr<SnapshotOutput>(new SnapshotOutput(std::move(file)));
}

runtime::Task<Result<>> SnapshotOutput::write_header(Position position, Timestamp time) {
  const SnapshotHeader header{.magic = kSnapshotMagic,
                              .version = kSnapshotFormatVersion,
                              .reserved = 0,
                              .position = position.value(),
                              .time_ns = time.ns};
  co_return co_await write(SnapshotFrame::header, object_bytes(header));
}

runtime::Task<Result<>> SnapshotOutput::write(SnapshotFrame kind, ByteView payload) {
  KEEL_ASSERT(payload.size() <= kSnapshotFrameLimit);
  SnapshotFrameHead head{.kind = static_cast<std::uint32_t>(kind),
                         .payload_bytes = static_cast<std::uint32_t>(payload.size()),
                         .number = frames_,
                         .crc = 0,
                         .reserved = 0};
  head.crc = crc32c(payload, crc32c(object_bytes(head)));
  frame_.clear();
  append(frame_, object_bytes(head));
  append(frame_, payload);
  digest_.update(frame_);
  KEEL_CO_TRY(co_await file_->write(offset_, frame_));
  offset_ += frame_.size();
  ++frames_;
  co_return success();
}

runtime::Task<Result<>> SnapshotOutput::finish() {
  const SnapshotFooter footer{.digest = digest_.finish()};
  KEEL_CO_TRY(co_await write(SnapshotFrame::footer, object_bytes(footer)));
  co_return co_await file_->sync();
}

runtime::Task<Result<std::unique_ptr<SnapshotInput>>> SnapshotInput::open(runtime::Disk& disk,
                                                                          std::string path) {
  std::unique_ptr<runtime::File> file = KEEL_CO_TRY(co_await disk.open(path, {}));
  co_return std::unique_ptr<SnapshotInput>(new SnapshotInput(std::move(file), std::move(path)));
}

Error SnapshotInput::bad(std::string_view what) const {
  return {kBadSnapshot, path_ + ", frame " + std::to_string(frames_) + " at byte " +
                            std::to_string(offset_) + ": " + std::string(what)};
}

runtime::Task<Result<SnapshotInput::Frame>> SnapshotInput::next() {
  frame_.resize(sizeof(SnapshotFrameHead));
  if (KEEL_CO_TRY(co_await file_->read(offset_, frame_)) != frame_.size()) {
    co_return bad("the file ends before its footer");
  }
  SnapshotFrameHead head = ByteReader(frame_).read_object<SnapshotFrameHead>().value();
  if (head.number != frames_ || head.reserved != 0 || head.payload_bytes > kSnapshotFrameLimit) {
    co_return bad("this is not the head of the frame");
  }
  frame_.resize(sizeof(head) + head.payload_bytes);
  const ByteSpan payload = ByteSpan(frame_).subspan(sizeof(head));
  if (KEEL_CO_TRY(co_await file_->read(offset_ + sizeof(head), payload)) != payload.size()) {
    co_return bad("the file ends inside the frame");
  }
  const std::uint32_t expected = std::exchange(head.crc, 0);
  if (crc32c(payload, crc32c(object_bytes(head))) != expected) co_return bad("its CRC is wrong");
  const auto kind = static_cast<SnapshotFrame>(head.kind);
  if (kind == SnapshotFrame::footer) {
    const Result<SnapshotFooter> footer = ByteReader(payload).read_object<SnapshotFooter>();
    if (!footer.ok() || footer->digest != digest_.finish()) co_return bad("its digest is wrong");
  } else {
    digest_.update(frame_);
  }
  offset_ += frame_.size();
  ++frames_;
  co_return Frame{.kind = kind, .payload = payload};
}

}  // namespace keel::engine
