// Sessions and subscriptions.
#include "servers/mqtt/broker/broker.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace keel::broker {

using mqtt::Reason;
using runtime::Task;
using streams::OpCode;

namespace {

Reason refusal_of(OpCode code) {
  return code == OpCode::no_session ? Reason::unspecified_error : Reason::quota_exceeded;
}

std::uint8_t options_of(const mqtt::Subscription& asked) {
  return static_cast<std::uint8_t>(static_cast<unsigned>(asked.qos) | (asked.no_local ? 4u : 0u) |
                                   (asked.retain_as_published ? 8u : 0u) |
                                   static_cast<unsigned>(asked.retain_handling) << 4u);
}

Task<> wait_for(Awaited* awaited) {
  while (awaited->left > 0) static_cast<void>(co_await awaited->waiting.wait({}));
}

}  // namespace

std::string session_key(std::string_view client_id, std::string_view user) {
  std::string key(client_id);
  key += '\0';
  key += user;
  return key;
}

Broker::Broker(runtime::Core& core, engine::CellClient& cell, const BrokerOptions& options)
    : core_(core),
      cell_(cell),
      options_(options),
      queue_(core, cell, *this, options.sender),
      tree_(options.subscriptions),
      retained_({.messages = options.retained_messages, .bytes = options.retained_bytes}),
      reads_(core),
      asking_(reads_.wait()) {}

Broker::~Broker() = default;

std::string Broker::make_client_id() {
  std::array<std::byte, 16> chance;
  core_.entropy().fill(chance);
  return "keel-" + to_hex(chance);
}

Task<> Broker::run(runtime::Wait wait) {
  runtime::Scope clock(core_);
  clock.spawn(&Broker::keep_time, this, clock.wait());
  co_await queue_.run(wait);
  co_await clock.cancel_and_join();
  co_await reads_.cancel_and_join();
}

void Broker::finish() noexcept {
  queue_.finish();
}

Session* Broker::find(mqtt::SubscriberId id, std::uint64_t attachment) const noexcept {
  Session* session = sessions_.find(id);
  return session != nullptr && session->attachment == attachment ? session : nullptr;
}

// Until here everything happens at once; what follows waits for the module.
Session& Broker::take_over(Peer& peer, Arrival& arrival) {
  const std::string key = session_key(arrival.client_id, arrival.user);
  Session* known = sessions_.find(key);
  if (known != nullptr && known->peer != nullptr) {
    ++stats_.taken_over;
    // One that is not in yet has no session to leave: the next `open` replaces what its own says.
    const bool is_in = !known->is_opening;
    known->peer->end(Reason::session_taken_over);
    known->peer = nullptr;
    if (is_in) detach(*known, {.is_will_due = true});
    known = sessions_.find(key);
  }
  if (known == nullptr) {
    known = &sessions_.add(key);
    known->serial = ++serials_;
  }
  expiries_.erase({known->expires_at, known->id});
  known->expires_at = Timestamp::never();
  if (arrival.clean_start) clear(*known);
  known->peer = &peer;
  known->attachment = ++attachments_;
  known->expiry_s = arrival.expiry_s;
  known->will = std::move(arrival.will);
  known->is_reading = false;
  count();
  return *known;
}

Task<Broker::Attached> Broker::attach(Peer& peer, Arrival arrival) {
  if (session_key(arrival.client_id, arrival.user).size() > streams::kMaxClientIdBytes) {
    co_return Attached{.reason = Reason::client_identifier_not_valid};
  }
  Session& session = take_over(peer, arrival);
  const bool is_kept = session.expiry_s != 0 || session.will != nullptr ||
                       !session.number.is_zero() || session.is_opening;
  if (!is_kept) co_return Attached{.session = &session};
  co_return co_await open(session.id, arrival.clean_start);
}

Task<Broker::Attached> Broker::open(mqtt::SubscriberId id, bool clean_start) {
  Session* session = sessions_.find(id);
  const std::uint64_t attachment = session->attachment;
  // The will of the connection before is replaced, or published because its session ends.
  std::optional<Will> pending;
  const auto due = std::ranges::find_if(
      wills_, [&](const auto& each) { return each.second.session == session->number; });
  if (due != wills_.end() && !session->number.is_zero()) {
    pending = std::move(due->second.will);
    wills_.erase(due);
  }
  session->is_opening = true;
  Awaited awaited(core_);
  queue_.add({.what = Receipt::What::awaited, .awaited = &awaited},
             [&](streams::BatchWriter& batch) {
               streams::Will will;
               if (session->will != nullptr) {
                 const StoredMessage& message = *session->will->message;
                 will = {.topic = message.topic(),
                         .properties = message.properties(),
                         .payload = message.payload(),
                         .qos = static_cast<std::uint8_t>(message.qos()),
                         .retain = session->will->retain,
                         .delay_s = session->will->delay_s};
               }
               return batch.open({.client_id = session->key,
                                  .clean_start = clean_start,
                                  .expiry_s = session->expiry_s,
                                  .will = session->will == nullptr ? nullptr : &will});
             });
  co_await wait_for(&awaited);
  if (!awaited.failed && pending && !awaited.opened.will_of.is_zero()) {
    publish_will(awaited.opened.will_of, *pending);
  }
  session = find(id, attachment);
  if (session == nullptr) co_return Attached{.reason = Reason::session_taken_over};
  session->is_opening = false;
  const bool is_done = !awaited.failed && awaited.codes.front() == OpCode::done;
  if (!is_done) {
    session->peer = nullptr;
    end(*session);
    co_return Attached{.reason = awaited.failed ? Reason::server_unavailable
                                                : refusal_of(awaited.codes.front())};
  }
  const streams::Opened& opened = awaited.opened;
  const bool is_known = session->number == opened.session;
  if (!opened.present) clear(*session);
  session->number = opened.session;
  session->epoch = opened.epoch;
  session->has_queue = session->expiry_s != 0 || opened.present;
  Attached attached{.session = session, .is_present = opened.present};
  if (!opened.present) co_return attached;
  session->is_behind = true;
  std::map<std::uint64_t, Session*> only{{opened.session.value(), session}};
  Result<> read = is_known ? success() : co_await load_subscriptions(only, opened.session);
  if (read.ok()) read = co_await read_state(*session, attached);
  session = find(id, attachment);
  if (session == nullptr) co_return Attached{.reason = Reason::session_taken_over};
  if (read.ok()) co_return attached;
  session->peer = nullptr;
  detach(*session, {.is_will_due = false});
  co_return Attached{.reason = Reason::server_unavailable};
}

// Which messages of QoS 2 are half done, both ways.
Task<Result<>> Broker::read_state(Session& session, Attached& attached) {
  const streams::SessionNumber number = session.number;
  const streams::ListInbound inbound{.session = number};
  const Bytes ids = KEEL_CO_TRY(co_await ask(streams::kListInbound, object_bytes(inbound)));
  const std::vector<std::uint16_t> numbers = KEEL_CO_TRY(streams::read_inbound(ids));
  for (const std::uint16_t id : numbers) attached.state.received.emplace_back(id);
  streams::ListEntries entries{.session = number, .content = streams::EntryContent::terms};
  for (bool more = true; more;) {
    const Bytes reply = KEEL_CO_TRY(co_await ask(streams::kListEntries, object_bytes(entries)));
    streams::EntryPage page = KEEL_CO_TRY(streams::EntryPage::read(reply));
    while (page.has_row()) {
      const streams::EntryRow row = KEEL_CO_TRY(page.next());
      entries.after = row.head.number;
      if (row.head.stage != streams::EntryStage::released) continue;
      attached.state.deliveries.push_back(
          {.id = mqtt::PacketId(streams::packet_id_of(row.head.number)),
           .qos = mqtt::Qos::exactly_once,
           .stage = mqtt::DeliveryStage::released,
           .tag = mqtt::DeliveryTag(row.head.number.value())});
    }
    more = page.more();
  }
  co_return success();
}

void Broker::let_go(Session& session) noexcept {
  session.peer = nullptr;
  ++session.attachment;  // what is still to be settled for it finds nobody
}

void Broker::detach(Session& session, const Departure& departure) {
  session.peer = nullptr;
  ++session.attachment;
  session.waiting.reset();
  session.waiting_bytes = 0;
  session.scans.clear();
  session.sent_before = std::max(session.sent_before, session.taken);
  session.taken = {};
  session.is_behind = session.is_reading = false;
  const std::unique_ptr<Will> will = std::move(session.will);
  const bool has_will = will != nullptr && departure.is_will_due;
  const std::uint32_t expiry_s = departure.expiry_s.value_or(session.expiry_s);
  if (session.number.is_zero()) return end(session);
  streams::CloseFlags flags;
  if (departure.expiry_s) flags |= streams::CloseFlag::expiry;
  if (!has_will) flags |= streams::CloseFlag::drop_will;
  queue_.add({}, [&](streams::BatchWriter& batch) {
    return batch.close({.session = session.number,
                        .epoch = session.epoch,
                        .expiry_s = departure.expiry_s.value_or(0),
                        .flags = flags});
  });
  if (has_will) {
    const std::uint32_t delay_s = std::min(will->delay_s, expiry_s);
    if (delay_s == 0) {
      publish_will(session.number, *will);
    } else {
      wills_.emplace(wall() + Duration::seconds(delay_s),
                     DueWill{.session = session.number, .will = *will});
    }
  }
  if (expiry_s == 0) return end(session);
  if (expiry_s == mqtt::kNeverExpires) return;
  session.expires_at = wall() + Duration::seconds(expiry_s);
  expiries_.emplace(session.expires_at, session.id);
}

void Broker::drop(Session& session, Reason why) {
  session.peer->end(why);
  detach(session, {.is_will_due = true});
}

// Nothing of it is left but its name.
void Broker::clear(Session& session) {
  for (const auto& [filter, terms] : session.subscriptions) {
    const auto parsed = mqtt::parse_filter(filter);
    KEEL_ASSERT(parsed.ok());
    tree_.remove(*parsed, session.id);
  }
  session.subscriptions.clear();
  session.taken = session.newest = session.sent_before = {};
  session.unsure = 0;
}

void Broker::end(Session& session) {
  clear(session);
  expiries_.erase({session.expires_at, session.id});
  sessions_.remove(session);
  count();
}

void Broker::count() noexcept {
  stats_.sessions = sessions_.size();
  stats_.subscriptions = tree_.size();
  stats_.retained = retained_.size();
  stats_.retained_bytes = retained_.bytes();
}

// Subscriptions.

bool Broker::has_subscription_room(const Session& session, const Wanted& wanted) const {
  return session.subscriptions.contains(wanted.filter) ||
         session.subscriptions.size() < options_.session_subscriptions;
}

Reason Broker::add(Session& session, const Wanted& wanted, std::uint32_t identifier,
                   bool is_allowed) {
  const auto filter = mqtt::parse_filter(wanted.filter, options_.link.limits.topic);
  KEEL_ASSERT(filter.ok());
  const mqtt::Subscription& asked = wanted.asked;
  const bool is_known = session.subscriptions.contains(wanted.filter);
  const mqtt::SubscriptionTerms terms{.qos = static_cast<std::uint8_t>(asked.qos),
                                      .no_local = asked.no_local,
                                      .retain_as_published = asked.retain_as_published,
                                      .identifier = identifier};
  if (!is_allowed || !has_subscription_room(session, wanted) ||
      !tree_.add(*filter, {.id = session.id, .terms = terms}).ok()) {
    ++stats_.refused_subscriptions;
    return Reason::quota_exceeded;
  }
  session.subscriptions.insert_or_assign(wanted.filter, terms);
  const bool is_wanted = asked.retain_handling == mqtt::RetainHandling::always ||
                         (asked.retain_handling == mqtt::RetainHandling::when_new && !is_known);
  if (is_wanted && !filter->is_shared()) {
    session.scans.push_back({.filter = std::string(filter->filter), .terms = terms, .after = {}});
  }
  count();
  return static_cast<Reason>(terms.qos);
}

Task<Session*> Broker::subscribe(Session& session, std::span<const Wanted> wanted,
                                 mqtt::SubscriptionIdentifier identifier, Reasons& reasons) {
  const mqtt::SubscriberId id = session.id;
  const std::uint64_t attachment = session.attachment;
  Awaited awaited(core_);
  awaited.codes.assign(wanted.size(), OpCode::done);
  const bool is_kept = session.has_queue;
  for (std::uint32_t at = 0; at < wanted.size() && is_kept; ++at) {
    if (is_failure(reasons[at])) continue;
    if (!has_subscription_room(session, wanted[at])) {
      awaited.codes[at] = OpCode::subscriptions_full;
      continue;
    }
    queue_.add({.what = Receipt::What::awaited, .index = at, .awaited = &awaited},
               [&](streams::BatchWriter& batch) {
                 return batch.subscribe({.session = session.number,
                                         .filter = wanted[at].filter,
                                         .options = options_of(wanted[at].asked),
                                         .identifier = identifier});
               });
  }
  co_await wait_for(&awaited);
  Session* now = find(id, attachment);
  if (now == nullptr) co_return nullptr;
  for (std::size_t at = 0; at < wanted.size(); ++at) {
    const OpCode code = awaited.codes[at];
    const bool is_done = !awaited.failed && (code == OpCode::done || code == OpCode::replaced);
    if (!is_failure(reasons[at])) reasons[at] = add(*now, wanted[at], identifier, is_done);
  }
  co_return now;
}

Task<Session*> Broker::unsubscribe(Session& session, std::span<const std::string> filters,
                                   Reasons& reasons) {
  const mqtt::SubscriberId id = session.id;
  const std::uint64_t attachment = session.attachment;
  Awaited awaited(core_);
  for (const std::string& filter : filters) {
    const auto known = session.subscriptions.find(filter);
    const bool is_known = known != session.subscriptions.end();
    reasons.push_back(is_known ? Reason::success : Reason::no_subscription_existed);
    if (!is_known) continue;
    const auto parsed = mqtt::parse_filter(filter, options_.link.limits.topic);
    KEEL_ASSERT(parsed.ok());
    tree_.remove(*parsed, session.id);
    session.subscriptions.erase(known);
    std::erase_if(session.scans, [&](const RetainedScan& scan) { return scan.filter == filter; });
    if (!session.has_queue) continue;
    queue_.add(
        {.what = Receipt::What::awaited, .awaited = &awaited},
        [&](streams::BatchWriter& batch) { return batch.unsubscribe(session.number, filter); });
  }
  count();
  co_await wait_for(&awaited);
  co_return find(id, attachment);
}

}  // namespace keel::broker
