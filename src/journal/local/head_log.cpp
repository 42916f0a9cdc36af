#include "journal/local/head_log.hpp"

#include "journal/errors.hpp"

namespace keel::journal {

runtime::Task<Result<HeadEntry>> HeadLog::sign(const ChainState& durable) {
  if (options_.signer == nullptr) co_return Error(kBadOptions, "no key to sign chain heads with");
  if (last_ && last_->group_number == durable.groups) co_return *last_;
  if (file_ == nullptr) {
    file_ = KEEL_CO_TRY(co_await core_.disk().open(
        directory_ + '/' + heads_name(options_.segment_class),
        {.write = true, .create = true, .exclusive = false, .direct = false}));
    KEEL_CO_TRY(co_await core_.disk().sync_directory(directory_));
  }
  HeadEntry entry{.identity = durable.identity,
                  .signed_at = core_.clock().wall(),
                  .group_number = durable.groups,
                  .last_sequence = durable.last,
                  .epoch = durable.epoch,
                  .last_time = durable.last_time,
                  .head = durable.head,
                  .public_key = options_.signer->public_key()};
  std::array<std::byte, kHeadStatementBytes> statement;
  encode_head_statement(entry, statement);
  entry.signature = KEEL_CO_TRY(co_await options_.signer->sign(statement));
  std::array<std::byte, kHeadEntryBytes> bytes;
  encode(entry, bytes);
  KEEL_CO_TRY(co_await file_->write(end_bytes_, bytes));
  if (options_.sync != SyncMode::none) KEEL_CO_TRY(co_await file_->sync());
  end_bytes_ += kHeadEntryBytes;
  last_ = entry;
  co_return entry;
}

}  // namespace keel::journal
