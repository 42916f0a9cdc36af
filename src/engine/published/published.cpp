#include "engine/published/published.hpp"

#include "engine/snapshot/snapshot_format.hpp"
#include "engine/state/command_ids.hpp"
#include "engine/state/outcome_record.hpp"

namespace keel::engine {
namespace {

using kernel::column;

void snapshot_rows(kernel::SchemaBook& book) {
  book.row("SnapshotFrameHead", column("kind", &SnapshotFrameHead::kind),
           column("payload_bytes", &SnapshotFrameHead::payload_bytes),
           column("number", &SnapshotFrameHead::number), column("crc", &SnapshotFrameHead::crc),
           column("reserved", &SnapshotFrameHead::reserved));
  book.row(
      "SnapshotHeader", column("magic", &SnapshotHeader::magic),
      column("version", &SnapshotHeader::version), column("reserved", &SnapshotHeader::reserved),
      column("position", &SnapshotHeader::position), column("time_ns", &SnapshotHeader::time_ns));
  book.row("SnapshotFooter", column("digest", &SnapshotFooter::digest));
}

void tables(kernel::SchemaBook& book) {
  book.row("AnsweredCommand", column("id", &AnsweredCommand::id),
           column("digest", &AnsweredCommand::digest),
           column("position", &AnsweredCommand::position), column("time", &AnsweredCommand::time),
           column("tenant", &AnsweredCommand::tenant), column("type", &AnsweredCommand::type),
           column("reply_bytes", &AnsweredCommand::reply_bytes),
           column("code", &AnsweredCommand::code), column("reserved", &AnsweredCommand::reserved),
           column("reply", &AnsweredCommand::reply));
  book.table(1, "engine.tenant_revisions", book.bytes<kernel::Slot, std::uint32_t, Position>());
  book.table(2, "engine.command_minutes", book.bytes<std::int64_t, std::uint64_t>());
  book.table(3, "engine.command_ids", book.bytes<AnsweredCommand>());
}

}  // namespace

kernel::SchemaBook published() {
  kernel::SchemaBook book(kEngineModule, "engine");
  snapshot_rows(book);
  book.row("OutcomeHead", column("digest", &OutcomeHead::digest),
           column("command_type", &OutcomeHead::command_type), column("code", &OutcomeHead::code),
           column("flags", &OutcomeHead::flags), column("reserved", &OutcomeHead::reserved));
  book.event(kOutcomeType, kEngineSchemaVersion, "outcome",
             book.bytes<OutcomeHead>() + " and the reply's bytes");
  book.event(kTimePassedType, kEngineSchemaVersion, "time_passed", "");
  tables(book);
  return book;
}

}  // namespace keel::engine
