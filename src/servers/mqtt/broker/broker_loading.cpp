// What the module kept is read at the start; and what happens by time.
#include <algorithm>

#include "base/assert.hpp"
#include "engine/requests/client.hpp"
#include "servers/mqtt/broker/broker.hpp"

namespace keel::broker {

using runtime::Task;

namespace {

constexpr Duration kTick = Duration::milliseconds(100);
// Retained messages that go at once when their time is over, and the pause when there are more.
constexpr std::size_t kRetainedStep = 1'000;
constexpr Duration kShortTick = Duration::milliseconds(1);
// The module ends a session by its own clock; here it ends a little later, so that whoever comes
// in between is told by the module.
constexpr Duration kExpiryMargin = Duration::seconds(2);
constexpr int kAttempts = 50;  // of a query that is refused for a passing reason

}  // namespace

Task<Result<Bytes>> Broker::ask(kernel::QueryType type, ByteView payload) {
  for (int attempt = 1;; ++attempt) {
    Result<engine::Answer> answer = co_await cell_.query({.tenant = options_.sender.tenant,
                                                          .principal = options_.sender.principal,
                                                          .type = type,
                                                          .payload = payload},
                                                         {});
    if (answer.ok()) co_return std::move(answer->payload);
    if (attempt == kAttempts || !is_passing(answer.error())) co_return std::move(answer).error();
    KEEL_CO_TRY(co_await core_.sleep_until(core_.now() + engine::kRetryAfter, asking_));
  }
}

Task<Result<>> Broker::load(runtime::Wait wait) {
  asking_ = wait;
  const Result<> loaded = co_await load_all();
  asking_ = reads_.wait();
  co_return loaded;
}

Task<Result<>> Broker::load_all() {
  for (;;) {
    std::map<std::uint64_t, Session*> by_number;
    Result<> loaded = co_await load_sessions(by_number);
    if (loaded.ok()) loaded = co_await load_subscriptions(by_number, {});
    if (loaded.ok()) loaded = co_await load_wills(by_number);
    if (loaded.ok()) loaded = co_await load_retained();
    if (loaded.ok()) {
      begin_absences(by_number);
      co_return success();
    }
    if (loaded.error().error_class() == ErrorClass::denied ||
        loaded.error().error_class() == ErrorClass::invalid) {
      co_return loaded;
    }
    KEEL_CO_TRY(co_await core_.sleep_until(core_.now() + engine::kRetryAfter, asking_));
    for (const auto& [number, session] : by_number) end(*session);
    wills_.clear();
  }
}

Task<Result<>> Broker::load_sessions(std::map<std::uint64_t, Session*>& by_number) {
  streams::ListSessions wanted;
  for (bool more = true; more;) {
    const Bytes reply = KEEL_CO_TRY(co_await ask(streams::kListSessions, object_bytes(wanted)));
    streams::SessionPage page = KEEL_CO_TRY(streams::SessionPage::read(reply));
    while (page.has_row()) {
      const streams::SessionRow row = KEEL_CO_TRY(page.next());
      wanted.after = row.head.number;
      if (row.head.state == streams::SessionState::ended) continue;
      Session& session = sessions_.add(row.client_id);
      session.serial = ++serials_;
      session.number = row.head.number;
      session.epoch = row.head.epoch;
      session.has_queue = row.head.expiry_s != 0;
      session.expiry_s = row.head.expiry_s;
      session.expires_at = row.head.expires_at;
      session.unsure = options_.link.send_window;
      session.unsure_before = row.head.next_entry;
      by_number.emplace(row.head.number.value(), &session);
    }
    more = page.more();
  }
  count();
  co_return success();
}

void Broker::add_loaded(Session& session, const streams::SubscriptionRow& row) {
  const mqtt::SubscriptionTerms terms{.qos = static_cast<std::uint8_t>(row.head.options & 3u),
                                      .no_local = (row.head.options & 4u) != 0,
                                      .retain_as_published = (row.head.options & 8u) != 0,
                                      .identifier = row.head.identifier};
  const auto filter = mqtt::parse_filter(row.filter);
  if (!filter.ok() || !tree_.add(*filter, {.id = session.id, .terms = terms}).ok()) {
    ++stats_.refused_subscriptions;
    return;
  }
  session.subscriptions.insert_or_assign(std::string(row.filter), terms);
}

Task<Result<>> Broker::load_subscriptions(std::map<std::uint64_t, Session*>& by_number,
                                          streams::SessionNumber only) {
  streams::ListSubscriptions wanted{.session = only};
  for (bool more = true; more;) {
    const Bytes reply =
        KEEL_CO_TRY(co_await ask(streams::kListSubscriptions, object_bytes(wanted)));
    streams::SubscriptionPage page = KEEL_CO_TRY(streams::SubscriptionPage::read(reply));
    while (page.has_row()) {
      const streams::SubscriptionRow row = KEEL_CO_TRY(page.next());
      wanted.after = row.head.cursor;
      const auto session = by_number.find(row.head.cursor.session.value());
      if (session != by_number.end()) add_loaded(*session->second, row);
    }
    more = page.more();
  }
  count();
  co_return success();
}

Task<Result<>> Broker::load_wills(const std::map<std::uint64_t, Session*>& by_number) {
  streams::ListWills wanted;
  for (bool more = true; more;) {
    const Bytes reply = KEEL_CO_TRY(co_await ask(streams::kListWills, object_bytes(wanted)));
    streams::WillPage page = KEEL_CO_TRY(streams::WillPage::read(reply));
    while (page.has_row()) {
      const streams::WillRow row = KEEL_CO_TRY(page.next());
      wanted.after = row.head.session;
      auto message = StoredMessage::of({.qos = static_cast<mqtt::Qos>(row.head.qos),
                                        .topic = row.message.topic,
                                        .payload = row.message.payload},
                                       row.message.properties, wall());
      Will will{.message = std::move(message),
                .retain = row.head.retain != 0,
                .delay_s = row.head.delay_s};
      const auto session = by_number.find(row.head.session.value());
      if (row.head.due_at.is_never() && session != by_number.end()) {
        session->second->will = std::make_unique<Will>(std::move(will));
      } else {
        const Timestamp due = row.head.due_at.is_never() ? wall() : row.head.due_at;
        wills_.emplace(due, DueWill{.session = row.head.session, .will = std::move(will)});
      }
    }
    more = page.more();
  }
  co_return success();
}

// Whoever was connected is not any more: its will and its expiry count from now on. Last of all: a
// load that fails leaves nothing behind that is to be durable.
void Broker::begin_absences(const std::map<std::uint64_t, Session*>& by_number) {
  for (const auto& [number, session] : by_number) {
    const bool was_connected = session->expires_at.is_never();
    const bool never_expires = session->expiry_s == mqtt::kNeverExpires;
    if (was_connected && (session->will != nullptr || !never_expires)) {
      detach(*session, {.is_will_due = true});
    } else if (!was_connected) {
      expiries_.emplace(session->expires_at, session->id);
    }
  }
}

Task<Result<>> Broker::load_retained() {
  constexpr std::string_view kAll = "#";
  streams::FindRetained wanted{.filter_bytes = kAll.size()};
  for (bool more = true; more;) {
    Bytes question;
    append(question, object_bytes(wanted));
    append(question, as_bytes(kAll));
    const Bytes reply = KEEL_CO_TRY(co_await ask(streams::kFindRetained, question));
    streams::RetainedPage page = KEEL_CO_TRY(streams::RetainedPage::read(reply));
    while (page.has_row()) {
      const streams::RetainedRow row = KEEL_CO_TRY(page.next());
      retain(StoredMessage::of({.qos = static_cast<mqtt::Qos>(row.head.qos),
                                .retain = true,
                                .topic = row.message.topic,
                                .payload = row.message.payload},
                               row.message.properties, row.head.published));
    }
    wanted.after = page.cursor();
    more = page.more();
  }
  co_return success();
}

// Wills whose time has come; sessions and retained messages whose time is over.
Task<> Broker::keep_time(Broker* broker, runtime::Wait wait) {
  Duration pause;
  do {
    const Timestamp now = broker->wall();
    while (!broker->wills_.empty() && broker->wills_.begin()->first <= now) {
      const DueWill due = std::move(broker->wills_.begin()->second);
      broker->wills_.erase(broker->wills_.begin());
      broker->publish_will(due.session, due.will);
    }
    while (!broker->expiries_.empty() && broker->expiries_.begin()->first + kExpiryMargin <= now) {
      Session* session = broker->sessions_.find(broker->expiries_.begin()->second);
      broker->end(*session);
    }
    const std::size_t expired = broker->retained_.expire(now, kRetainedStep);
    if (expired > 0) broker->count();
    pause = expired == kRetainedStep ? kShortTick : kTick;
  } while ((co_await broker->core_.sleep_until(broker->core_.now() + pause, wait)).ok());
}

}  // namespace keel::broker
