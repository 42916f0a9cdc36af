// Readers of replies: what a batch came to, and the rows of pages. Views into the reply, which
// outlives them. Errors: kBadReply (a fault of Keel's own).
//
//   BatchReply reply = KEEL_TRY(BatchReply::read(answer.payload));
//   while (reply.has_result()) { const OpResult result = KEEL_TRY(reply.next_result()); …
//   while (reply.has_dropped()) { const Settle dropped = KEEL_TRY(reply.next_dropped()); …
//
//   EntryPage page = KEEL_TRY(EntryPage::read(answer.payload));
//   while (page.has_row()) { const EntryRow row = KEEL_TRY(page.next()); …
#pragma once

#include <string_view>

#include "base/bytes.hpp"
#include "modules/streams/requests.hpp"

namespace keel::streams {

// Numbers of 8 bytes each, which need not be aligned.
class Numbers {
 public:
  explicit Numbers(ByteView bytes [[clang::lifetimebound]] = {}) : bytes_(bytes) {}
  std::size_t size() const noexcept { return bytes_.size() / sizeof(std::uint64_t); }
  std::uint64_t operator[](std::size_t index) const {
    return ByteReader(bytes_.subspan(index * sizeof(std::uint64_t))).read<std::uint64_t>().value();
  }

 private:
  ByteView bytes_;
};

struct OpResult {
  OpCode code{};
  Numbers numbers;

  // Of a publish: what became of the target with this index.
  EntryNumber entry(std::size_t target) const { return EntryNumber(numbers[target]); }
};

// Of an open.
struct Opened {
  SessionNumber session{};
  std::uint64_t epoch = 0;
  bool present = false;
  SessionNumber will_of{};  // ended by this open, with a will to publish; zero: none
};
// The result is that of an open that is done.
Opened opened_of(const OpResult& result);

class BatchReply {
 public:
  static Result<BatchReply> read(ByteView reply [[clang::lifetimebound]]);

  bool has_result() const noexcept { return results_ > 0; }
  Result<OpResult> next_result();
  // After the results.
  bool has_dropped() const noexcept { return results_ == 0 && dropped_ > 0; }
  Result<Settle> next_dropped();

 private:
  explicit BatchReply(ByteReader rest, const BatchReplyHead& head)
      : rest_(rest), results_(head.results), dropped_(head.dropped) {}
  ByteReader rest_;
  std::uint32_t results_;
  std::uint32_t dropped_;
};

struct SessionRow {
  SessionRowHead head;
  std::string_view client_id;
};
struct SubscriptionRow {
  SubscriptionRowHead head;
  std::string_view filter;
};
struct MessageView {
  std::string_view topic;
  ByteView properties;
  ByteView payload;
};
struct EntryRow {
  EntryRowHead head;
  ByteView identifiers;  // 4 bytes each
  MessageView message;   // empty when messages were not asked for
};
struct RetainedRow {
  RetainedRowHead head;
  MessageView message;
};
struct WillRow {
  WillRowHead head;
  MessageView message;
};

namespace detail {
Result<SessionRow> read_row(ByteReader& reader, const SessionRow*);
Result<SubscriptionRow> read_row(ByteReader& reader, const SubscriptionRow*);
Result<EntryRow> read_row(ByteReader& reader, const EntryRow*);
Result<RetainedRow> read_row(ByteReader& reader, const RetainedRow*);
Result<WillRow> read_row(ByteReader& reader, const WillRow*);
Result<PageHead> read_page_head(ByteReader& reader);
}  // namespace detail

template <typename Row>
class Page {
 public:
  static Result<Page> read(ByteView reply [[clang::lifetimebound]]) {
    ByteReader reader(reply);
    const PageHead head = KEEL_TRY(detail::read_page_head(reader));
    return Page(reader, head);
  }

  bool more() const noexcept { return more_; }
  bool has_row() const noexcept { return rows_ > 0; }
  Result<Row> next() {
    KEEL_ASSERT(rows_ > 0);
    --rows_;
    return detail::read_row(rest_, static_cast<const Row*>(nullptr));
  }

 protected:
  Page(ByteReader rest, const PageHead& head)
      : rest_(rest), rows_(head.rows), more_(head.more != 0) {}

 private:
  ByteReader rest_;
  std::uint32_t rows_;
  bool more_;
};

using SessionPage = Page<SessionRow>;
using SubscriptionPage = Page<SubscriptionRow>;
using EntryPage = Page<EntryRow>;
using WillPage = Page<WillRow>;

// The cursor stands before the rows.
class RetainedPage : public Page<RetainedRow> {
 public:
  static Result<RetainedPage> read(ByteView reply [[clang::lifetimebound]]);
  const RetainedCursor& cursor() const noexcept { return cursor_; }

 private:
  RetainedPage(ByteReader rest, const PageHead& head, const RetainedCursor& cursor)
      : Page(rest, head), cursor_(cursor) {}
  RetainedCursor cursor_;
};

// Packet ids, of kListInbound.
Result<std::vector<std::uint16_t>> read_inbound(ByteView reply);
Result<Statistics> read_statistics(ByteView reply);

}  // namespace keel::streams
