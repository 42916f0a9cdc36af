#include "sim/torture/stage/crowd.hpp"

#include <fmt/core.h>

#include "engine/errors.hpp"
#include "sim/torture/answered.hpp"

namespace keel::torture {

namespace {

constexpr Duration kBeforeRetry = Duration::milliseconds(30);
constexpr PrincipalId kStranger{99};

// After these nothing was written, and the same may be asked again.
bool may_pass(const Error& error) {
  return error.is(engine::kQueueFull) || error.is(engine::kStopping) ||
         error.is(engine::kJournalRefused) || error.is(engine::kOutcomeUnknown) ||
         error.is(engine::kCommandIdsFull) || error.is(engine::kArchiveBehind);
}

}  // namespace

Crowd::Crowd(Run& run, Workload& workload, Oracle& oracle)
    : run_(run), workload_(workload), oracle_(oracle), floor_holds_(run.plan.writers == 1) {
  for (std::uint32_t i = 0; i < run.plan.clients; ++i) clients_.emplace_back().number = i + 1;
  for (std::uint32_t i = 0; i < run.plan.readers; ++i) {
    SubscriptionTold& told = run.told.subscriptions.emplace_back();
    if (i % 3 == 0) told.filter.outcomes = true;
    if (i % 3 == 1) told.filter.tenant = TenantId(1);
    if (i % 3 == 2) told.filter.types = {kernel::EventType(1 << 16 | 4)};  // transfers
    readers_.push_back({.number = i + 1, .principal = PrincipalId(5), .told = &told});
  }
}

void Crowd::enter(std::vector<Site*> sites) {
  for (Client& client : clients_) {
    Site* site = sites.at(run_.random.below(sites.size()));
    site->entered();
    site->machine().start(1, &Crowd::live, this, &client, site);
  }
  for (Reader& reader : readers_) {
    Site* site = sites.at(run_.random.below(sites.size()));
    site->entered();
    site->machine().start(1, &Crowd::read, this, &reader, site);
  }
}

void Crowd::do_duties(Site* site) {
  duties_ = Duties::under_way;
  next_page_.reset();  // of what somebody happened to ask before
  site->entered();
  site->machine().start(1, &Crowd::live, this, &clients_.front(), site);
}

bool Crowd::served() const {
  return duties_ != Duties::under_way &&
         std::ranges::all_of(clients_, [](const Client& client) { return !client.errand; });
}

bool Crowd::readers_at(Position end) const {
  return std::ranges::all_of(readers_,
                             [end](const Reader& reader) { return reader.told->position >= end; });
}

runtime::Task<> Crowd::live(Crowd* crowd, Client* client, Site* site) {
  Run& run = crowd->run_;
  runtime::Core& core = site->client().core();
  Bytes buffer;
  while (!site->stopping()) {
    if (!client->errand && !crowd->draw_errand(*client)) break;
    const Ask& ask = *client->errand;
    if (client->vanish) {
      crowd->vanish(*client, site);
      continue;
    }
    const Position floor = run.told.newest;
    ++client->attempts;
    const Result<engine::Answer> answer = ask.is_query
                                              ? co_await site->client().query(ask.query(), {})
                                              : co_await site->client().submit(ask.command(), {});
    crowd->heard(*client, answer, floor);
    const Duration pause = answer.ok() ? run.plan.client_pause : kBeforeRetry;
    if (pause.ns == 0) continue;
    const Duration drawn = run.random.between(Duration{}, pause);
    static_cast<void>(co_await core.sleep_until(core.now() + drawn, {}));
  }
  site->left();
}

// The request goes on without its client, who is at once about something else. Whether it is
// decided nobody will hear.
void Crowd::vanish(Client& client, Site* site) {
  const Ask& ask = *client.errand;
  CommandTold& command = run_.told.commands.at({ask.tenant, ask.id});
  ++command.attempts;
  command.may_be_there = command.given_up = true;
  run_.say(fmt::format("client {}: command {}: does not wait", client.number,
                       to_decimal(ask.id.value())));
  run_.counts.add("client vanished");
  site->entered();
  site->machine().start(1, &Crowd::go_on_alone, this, ask, site);
  client.errand.reset();
}

runtime::Task<> Crowd::go_on_alone(Crowd* crowd, Ask ask, Site* site) {
  const Result<engine::Answer> answer = co_await site->client().submit(ask.command(), {});
  if (answer.ok()) crowd->run_.counts.add("client vanished: its command was decided");
  site->left();
}

bool Crowd::draw_duty(Client& client) {
  // A list that is longer than a page is read to its end before there is another duty.
  std::optional<Ask> duty = std::exchange(next_page_, std::nullopt);
  if (duty) run_.counts.add("duty: a list read on");
  if (!duty) duty = workload_.duty(run_.random, run_.true_time());
  if (!duty) {
    duties_ = Duties::done;
    return false;
  }
  client.again = client.other_body = client.vanish = false;
  client.attempts = 0;
  client.errand = std::make_unique<Ask>(std::move(*duty));
  const Ask& ask = *client.errand;
  if (!ask.is_query) {
    run_.told.commands[{ask.tenant, ask.id}].ask = ask;
    run_.counts.add("duty done at the end");
  }
  return true;
}

bool Crowd::draw_errand(Client& client) {
  if (duties_ == Duties::under_way) return draw_duty(client);
  if (allowed_ == 0 || finishing_) return false;
  --allowed_;
  sim::Random& random = run_.random;
  client.again = client.other_body = client.vanish = false;
  client.attempts = 0;
  client.errand = std::make_unique<Ask>();
  Ask& ask = *client.errand;
  if (random.draw(run_.plan.query)) {
    if (next_page_ && random.draw(sim::Chance::percent(50))) {
      ask = *std::exchange(next_page_, std::nullopt);
    } else {
      ask = workload_.query(random, run_.true_time());
    }
    return true;
  }
  if (!run_.told.commands.empty() && random.draw(run_.plan.again)) {
    draw_again(client, ask);
    return true;
  }
  ask = workload_.command(random, run_.true_time());
  if (const auto known = run_.told.commands.find({ask.tenant, ask.id});
      known != run_.told.commands.end()) {
    // By what it says it is one that was sent before.
    ask = known->second.ask;
    client.again = true;
    return true;
  }
  if (random.draw(sim::Chance::percent(10))) {
    ask.expected_revision = revisions_[ask.tenant];
    if (random.draw(sim::Chance::percent(20))) ask.expected_revision = Position(random.below(50));
  }
  client.vanish = random.draw(run_.plan.vanish);
  run_.told.commands[{ask.tenant, ask.id}].ask = ask;
  return true;
}

// Of one that was answered, also with another body; else of any, which may be under way.
void Crowd::draw_again(Client& client, Ask& ask) {
  sim::Random& random = run_.random;
  client.again = true;
  if (!answered_.empty() && random.draw(sim::Chance::percent(60))) {
    ask = run_.told.commands.at(answered_.at(random.below(answered_.size()))).ask;
    client.other_body = random.draw(sim::Chance::percent(30));
    if (!client.other_body) return;
    if (random.draw(sim::Chance::percent(50))) {
      ask.payload.back() ^= std::byte{1};
    } else {
      ask.principal = PrincipalId(ask.principal.value() + 10);
    }
    return;
  }
  const auto& commands = run_.told.commands;
  const auto back = random.below(std::min<std::size_t>(commands.size(), 20)) + 1;
  ask = std::prev(commands.end(), static_cast<std::ptrdiff_t>(back))->second.ask;
}

void Crowd::heard(Client& client, const Result<engine::Answer>& answer, Position floor) {
  const Ask& ask = *client.errand;
  CommandTold* command = nullptr;
  if (client.other_body) take_over_lost_id(client, answer);
  if (!ask.is_query && !client.other_body) {
    command = &run_.told.commands.at({ask.tenant, ask.id});
    ++command->attempts;
  }
  const std::string what =
      fmt::format("client {}: {} {}{}", client.number, ask.is_query ? "query" : "command",
                  ask.is_query ? std::to_string(ask.type & 0xffff) : to_decimal(ask.id.value()),
                  client.other_body ? " with another body" : "");
  if (!answer.ok()) {
    run_.say(fmt::format("{}: {}", what, answer.error().kind().name));
    return failed(client, command, answer.error());
  }
  run_.say(fmt::format("{}: position {}{}", what, answer->position.value(),
                       answer->repeated ? ", again" : ""));
  if (ask.principal == kStranger) run_.find("[right answers] a stranger was answered");
  if (client.other_body) run_.find("[exactly once] " + what + " was answered");
  const Timestamp latest = run_.true_time() + run_.ahead_at_opening + run_.believed;
  if (!answer->repeated && answer->time > latest + Duration::seconds(1)) {
    run_.find(fmt::format("[clock] {}: decided at {}, which only a clock says that has jumped",
                          what, answer->time.ns));
  }
  run_.counts.add(answered_name(ask));
  run_.told.saw(answer->position);
  run_.told.saw(answer->revision);
  revisions_[ask.tenant] = std::max(revisions_[ask.tenant], answer->revision);
  AnswerTold told{.answer = *answer, .floor = floor, .floor_holds = floor_holds_};
  if (ask.is_query) {
    workload_.answered(ask, answer->payload);
    // Of two writers one may not yet know what the other has answered a page from, while both
    // write.
    if (floor_holds_ || duties_ == Duties::under_way)
      next_page_ = workload_.next_page(ask, answer->payload);
    run_.told.queries.push_back({.ask = ask, .told = std::move(told)});
  } else if (command != nullptr) {
    command->may_be_there = true;
    workload_.answered(ask, answer->payload);
    if (command->answers.empty()) answered_.push_back({ask.tenant, ask.id});
    command->answers.push_back(std::move(told));
  }
  client.errand.reset();
}

// Where damage has cost a command, as was reported, another one may have its id.
void Crowd::take_over_lost_id(Client& client, const Result<engine::Answer>& answer) {
  CommandTold& command = run_.told.commands.at({client.errand->tenant, client.errand->id});
  const bool may_be_there = answer.ok() || answer.error().is(engine::kOutcomeUnknown);
  if (!command.lost || !may_be_there) return;
  run_.counts.add("damage: the id of a lost command went to another");
  command.ask = *client.errand;
  client.other_body = false;
}

void Crowd::failed(Client& client, CommandTold* command, const Error& error) {
  const Ask& ask = *client.errand;
  run_.counts.add(fmt::format("told: {}", error.kind().name));
  if (error.is(engine::kNotAllowed) && ask.principal != kStranger) {
    run_.find("[right answers] somebody who may was not allowed");
  }
  if (error.is(engine::kWrongRevision) && !ask.expected_revision) {
    run_.find("[right answers] a wrong revision where none was expected");
  }
  if (error.is(engine::kCommandIdReused) && !client.other_body) {
    run_.find("[exactly once] the same command was taken for another");
  }
  if (error.error_class() == ErrorClass::corrupt && !run_.damaged()) {
    run_.find("[undamaged] " + error.to_string());
  }
  if (const Finding wrong = oracle_.refused(ask, error)) {
    run_.find("[right answers] " + *wrong);
  }
  if (command != nullptr && error.is(engine::kOutcomeUnknown)) command->may_be_there = true;
  const bool tired = !finishing_ && (client.again || run_.random.draw(run_.plan.give_up));
  const bool hopeless = error.is(engine::kCommandIdsFull) && client.attempts > 5;
  const bool passes = may_pass(error) || (error.is(engine::kRowsNotRead) && !run_.damaged());
  if (passes && !tired && !hopeless) return;  // the same again
  if (command != nullptr) command->given_up = true;
  if (duties_ == Duties::under_way) duties_ = Duties::given_up;
  if (passes) run_.counts.add("client gave up");
  client.errand.reset();
}

runtime::Task<> Crowd::read(Crowd* crowd, Reader* reader, Site* site) {
  Run& run = crowd->run_;
  SubscriptionTold& told = *reader->told;
  runtime::Core& core = site->client().core();
  std::optional<engine::Subscription> subscription;
  engine::FrameBatch batch;
  while (!site->stopping()) {
    if (!subscription) {
      subscription.emplace(site->client(), reader->principal, told.filter,
                           engine::Subscription::from_after(told.position), run.plan.reader_lag);
    }
    const Result<> next = co_await subscription->next(batch, {});
    if (!next.ok()) {
      crowd->reader_failed(*reader, next.error());
      subscription.reset();  // goes on from where it was
      static_cast<void>(co_await core.sleep_until(core.now() + kBeforeRetry, {}));
      continue;
    }
    for (const engine::Frame& frame : batch.frames) {
      if (frame.kind != engine::FrameKind::record) continue;
      const ByteView payload =
          ByteView(batch.bytes).subspan(frame.payload_offset, frame.payload_bytes);
      told.records.push_back({frame.envelope, Bytes(payload.begin(), payload.end())});
    }
    if (subscription->position() < told.position) run.find("[subscriptions] a reader went back");
    told.position = subscription->position();
    run.told.saw(told.position);
    if (!crowd->finishing_ && run.random.draw(run.plan.reader_sleeps)) {
      static_cast<void>(co_await core.sleep_until(core.now() + Duration::milliseconds(300), {}));
    }
  }
  site->left();
}

void Crowd::reader_failed(const Reader& reader, const Error& error) {
  run_.counts.add(fmt::format("reader told: {}", error.kind().name));
  run_.say(fmt::format("reader {}: {}", reader.number, error.kind().name));
  if (error.error_class() == ErrorClass::corrupt && !run_.damaged()) {
    run_.find("[undamaged] " + error.to_string());
  }
  // Of two writers one may not yet know what the other has told.
  if (error.is(engine::kNoSuchPosition) && run_.plan.writers == 1 && !run_.damaged()) {
    run_.find("[one history] a reader's position is not there any more: " + error.to_string());
  }
}

}  // namespace keel::torture
