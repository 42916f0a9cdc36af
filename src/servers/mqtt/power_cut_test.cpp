// The whole broker under power cuts: a short life of clients that never forget, cut before each of
// its writes, and each of the first writes of the start after a cut. Judged by what the clients
// were told and by nothing else: what was acknowledged arrives, at QoS 2 once, in order; sessions,
// retained messages and wills are what they were.
#include <gtest/gtest.h>

#include <map>

#include "engine/cell/cell_host.hpp"
#include "journal/local/local_journal.hpp"
#include "servers/mqtt/test_client.hpp"
#include "wire/mqtt/field/property_writer.hpp"

namespace keel::broker::test {
namespace {

using mqtt::Qos;

constexpr std::uint16_t kPort = 1'883;
constexpr std::string_view kJournal = "keel_data/journal";
constexpr Duration kPatience = Duration::seconds(120);

// A message that a client wants to be rid of.
struct Errand {
  std::string topic;
  std::string payload;
  Qos qos = Qos::at_least_once;
  bool retain = false;
  bool acknowledged = false;
};

// A client whose memory survives its connections: it comes back until everything that it has to
// publish is acknowledged, and sends again what it does not know to be.
class Courier {
 public:
  Courier(sim::Machine& machine, std::string id) : machine_(machine), id_(std::move(id)) {}

  std::vector<std::string> filters;
  std::vector<Errand> errands;
  std::optional<mqtt::Will> will;
  bool comes_back = true;
  // Until it has heard something: what a new subscription gets of retained messages is not kept for
  // it (docs/mqtt.md).
  bool subscribes_again = false;
  std::vector<std::string> heard;  // "topic=payload", in the order in which it came
  bool was_let_in = false;
  std::vector<std::string> wrong;

  void live() { machine_.start(0, run, this); }
  void leave() {
    leaving_ = true;
    if (connection_ != nullptr) connection_->cut();
  }
  bool is_done() const {
    return is_subscribed_ && std::ranges::all_of(errands, &Errand::acknowledged);
  }
  std::size_t times(std::string_view text) const {
    return static_cast<std::size_t>(std::ranges::count(heard, text));
  }

 private:
  static Task<> run(Courier* self) {
    runtime::Core& core = self->machine_.core(0);
    do {
      const runtime::Wait patience{.deadline = core.now() + Duration::milliseconds(100)};
      auto connected =
          co_await core.network().connect({.address = "10.0.0.1", .port = kPort}, patience);
      if (connected.ok() && !self->leaving_) {
        self->connection_ = std::move(connected).value();
        co_await self->talk();
        self->connection_.reset();
      }
      static_cast<void>(co_await core.sleep_until(core.now() + Duration::milliseconds(15), {}));
    } while (!self->leaving_ && self->comes_back);
  }

  Task<> talk() {
    mqtt::ClientConnection link{{}};
    link_ = &link;
    std::array<std::byte, 16> space{};
    mqtt::PropertyWriter writer(space);
    writer.number(mqtt::PropertyId::session_expiry_interval, 1'000);
    const Result<> hello = link.connect({.version = mqtt::Version::v5,
                                         .clean_start = false,
                                         .client_id = id_,
                                         .will = will,
                                         .properties = *writer.finish()},
                                        state_);
    if (!hello.ok()) wrong.push_back(hello.error().to_string());
    co_await send();
    for (bool open = true; open;) {
      auto received = co_await connection_->receive({});
      if (!received.ok() || received->end_of_stream()) break;
      link.feed(received->bytes());
      for (mqtt::Step step = link.next(); open && step == mqtt::Step::event; step = link.next()) {
        std::visit([this](const auto& event) { hear(event); }, mqtt::Event(link.event()));
      }
      open = !link.is_closed();
      link.hold();
      if (link.is_open()) publish_next();
      state_ = link.session_state();
      co_await send();
    }
    link_ = nullptr;
  }
  Task<> send() {
    const Bytes output = link_->take_output();
    const std::array<ByteView, 1> parts{output};
    if (!output.empty()) static_cast<void>(co_await connection_->send(parts, {}));
  }

  void hear(const mqtt::Connected& event) {
    if (event.connack.reason != mqtt::Reason::success) return;
    if (was_let_in && !event.connack.session_present)
      wrong.push_back(id_ + ": its session is gone");
    was_let_in = true;
    under_way_.clear();
    for (const mqtt::Delivery& delivery : link_->deliveries()) {
      under_way_.insert(delivery.tag.value());
      if (delivery.stage == mqtt::DeliveryStage::released) continue;
      const Errand& errand = errands.at(delivery.tag.value());
      mqtt::FanOut message({.topic = errand.topic, .payload = as_bytes(errand.payload)});
      static_cast<void>(link_->resend(delivery.id, message, {.retain = errand.retain}));
    }
    if (is_subscribed_ && !(subscribes_again && heard.empty())) return;
    std::vector<mqtt::Subscription> wanted;
    for (const std::string& filter : filters) {
      wanted.push_back({.filter = filter, .qos = Qos::exactly_once});
    }
    is_subscribed_ = wanted.empty();
    if (!wanted.empty()) link_->subscribe(wanted);
  }
  // Two at a time.
  void publish_next() {
    if (!is_subscribed_) return;
    for (std::size_t at = 0; at < errands.size() && under_way_.size() < 2; ++at) {
      const Errand& errand = errands[at];
      if (errand.acknowledged || under_way_.contains(at)) continue;
      mqtt::FanOut message({.topic = errand.topic, .payload = as_bytes(errand.payload)});
      const mqtt::Outgoing outgoing{
          .qos = errand.qos, .retain = errand.retain, .tag = mqtt::DeliveryTag(at)};
      if (link_->publish(message, outgoing) != mqtt::Sent::sent) return;
      under_way_.insert(at);
    }
  }
  void hear(const mqtt::MessageReceived& event) {
    const mqtt::Publish& publish = event.publish;
    heard.push_back(std::string(publish.topic) + "=" + std::string(as_text(publish.payload)));
    link_->acknowledge(publish.id);
  }
  void hear(const mqtt::ReleaseReceived& event) { link_->complete(event.id); }
  void hear(const mqtt::DeliveryReceived& event) { link_->release(event.id); }
  void hear(const mqtt::DeliveryEnded& event) {
    const std::size_t at = event.tag.value();
    under_way_.erase(at);
    errands.at(at).acknowledged = static_cast<unsigned>(event.reason) < 0x80;
  }
  void hear(const mqtt::FiltersAcknowledged& event) {
    for (const std::byte reason : event.acknowledgement.reasons) {
      is_subscribed_ = std::to_integer<unsigned>(reason) < 0x80;
    }
  }
  void hear(const auto&) {}

  sim::Machine& machine_;
  std::string id_;
  std::unique_ptr<runtime::Connection> connection_;
  mqtt::ClientConnection* link_ = nullptr;
  mqtt::SessionState state_;
  std::set<std::size_t> under_way_;
  bool is_subscribed_ = false;
  bool leaving_ = false;
};

class LocalOpener final : public engine::JournalOpener {
 public:
  explicit LocalOpener(runtime::Core& core) : core_(core) {}
  Task<Result<std::unique_ptr<journal::Journal>>> open() override {
    const journal::LocalOptions options{.cell = CellId(1),
                                        .first_segment_bytes = 64 << 10,
                                        .segment_bytes = 128 << 10,
                                        .group = {.bytes = 16 << 10, .records = 64}};
    auto opened = KEEL_CO_TRY(co_await journal::LocalJournal::open(core_, kJournal, options));
    co_return std::unique_ptr<journal::Journal>(std::move(opened.journal));
  }

 private:
  runtime::Core& core_;
};

// One life: its world, its broker, its clients. `cuts`: before which write of each run of the
// broker its power goes.
class Life {
 public:
  Life(std::uint64_t seed, std::vector<std::uint64_t> cuts)
      : cuts_(std::move(cuts)),
        world_({.seed = seed,
                .disk = {.page_dropped = sim::Chance::percent(30),
                         .page_torn = sim::Chance::percent(30),
                         .page_corrupted = sim::Chance::percent(30)}}) {
    reader_.filters = {"news/#", "gone/+"};
    mourned_.will = mqtt::Will{
        .topic = "gone/mourned", .payload = as_bytes("without a word"), .qos = Qos::exactly_once};
    mourned_.comes_back = false;
    for (int i = 0; i < 6; ++i) {
      writer_.errands.push_back({.topic = "news/" + std::to_string(i % 2),
                                 .payload = "message " + std::to_string(i),
                                 .qos = i % 2 == 0 ? Qos::at_least_once : Qos::exactly_once,
                                 .retain = i % 2 == 1});
    }
  }

  void play() {
    start();
    reader_.live();
    run_until([this] { return reader_.is_done(); });
    writer_.live();
    mourned_.live();
    run_until([this] { return reader_.is_done() && writer_.is_done() && is_mourned_known(); });
    mourned_.leave();
    run_until([this] { return !mourned_.was_let_in || reader_.times(kGone) > 0; });
    world_.run_for(Duration::seconds(5));  // what would come twice has come
    late_.filters = {"news/#"};
    late_.subscribes_again = true;
    late_.live();
    run_until([this] { return late_.is_done() && !late_.heard.empty(); });
    if (starts_ == 1) writes_ = machine_.power().writes_begun;
    judge();
    for (Courier* one : {&reader_, &writer_, &mourned_, &late_}) one->leave();
    EXPECT_TRUE(world_.run_until_true([this] { return devices_.at_rest(); }, kPatience));
    stop();
  }
  std::uint64_t writes() const { return writes_; }
  std::size_t starts() const { return starts_; }

 private:
  static constexpr std::string_view kGone = "gone/mourned=without a word";

  // Let in, or its only connection has been cut.
  bool is_mourned_known() const { return mourned_.was_let_in || starts_ > 1; }

  void start() {
    if (starts_ < cuts_.size() && cuts_[starts_] != UINT64_MAX) {
      machine_.power().cut_before_write = machine_.power().writes_begun + cuts_[starts_];
    }
    ++starts_;
    is_served_ = false;
    engine::CellHostOptions options;
    options.cell.snapshots.directory = "keel_data/snapshots";
    options.cell.snapshots.every_records = 12;
    host_ = std::make_unique<engine::CellHost>(engine::CellHost::Parts{.core = machine_.core(0),
                                                                       .journals = journals_,
                                                                       .modules = make_streams,
                                                                       .authorizer = everything_},
                                               options);
    machine_.start(
        0,
        +[](engine::CellHost* running) -> Task<> {
          static_cast<void>(co_await running->run());
          co_await running->drain();
        },
        host_.get());
    cell_ = std::make_unique<engine::CellClient>(machine_.core(1), host_->inbox());
    ServerOptions serving;
    serving.endpoint = {.address = "0.0.0.0", .port = kPort};
    serving.broker.status_period = Duration{};
    server_ = std::make_unique<Server>(machine_.core(1), *cell_, anyone_, serving);
    machine_.start(
        1,
        +[](Server* running, bool* is_served) -> Task<> {
          if ((co_await running->listen()).ok()) static_cast<void>(co_await running->run());
          *is_served = true;
        },
        server_.get(), &is_served_);
  }
  void stop() {
    server_->stop();
    EXPECT_TRUE(world_.run_until_true([this] { return is_served_; }, kPatience));
    server_.reset();
    cell_.reset();
    host_->stop();
    EXPECT_TRUE(world_.run_until_true([this] { return machine_.at_rest(); }, kPatience));
    host_.reset();
  }
  // Through as many cuts as come.
  template <typename Predicate>
  void run_until(Predicate holds) {
    for (int lives = 0; lives < 5; ++lives) {
      const bool came =
          world_.run_until_true([&] { return holds() || !machine_.power().on; }, kPatience);
      ASSERT_TRUE(came) << "nothing goes on";
      if (machine_.power().on) return;
      stop();
      machine_.restore_power();
      start();
    }
    FAIL() << "the power goes again and again";
  }

  void judge() {
    for (const Courier* one : {&reader_, &writer_, &mourned_, &late_}) {
      EXPECT_EQ(one->wrong, std::vector<std::string>());
    }
    for (const Errand& errand : writer_.errands) {
      const std::string text = errand.topic + "=" + errand.payload;
      if (errand.qos == Qos::exactly_once) {
        EXPECT_EQ(reader_.times(text), 1u) << text;
      } else {
        EXPECT_GE(reader_.times(text), 1u) << text;
      }
    }
    judge_order();
    // The retained message of its topic is the last one.
    EXPECT_EQ(late_.heard, std::vector<std::string>{"news/1=message 5"});
    // Whose CONNECT may or may not have been recorded has had a will, or not; nobody has had two.
    if (mourned_.was_let_in) {
      EXPECT_EQ(reader_.times(kGone), 1u);
    } else {
      EXPECT_LE(reader_.times(kGone), 1u);
    }
  }
  // Of one topic and one quality of service, by the first time that each came.
  void judge_order() {
    std::map<std::string, std::size_t> first;
    for (std::size_t at = 0; at < reader_.heard.size(); ++at)
      first.try_emplace(reader_.heard[at], at);
    std::map<std::pair<std::string, Qos>, std::size_t> last;
    for (const Errand& errand : writer_.errands) {
      const std::size_t at = first[errand.topic + "=" + errand.payload] + 1;
      std::size_t& before = last[{errand.topic, errand.qos}];
      EXPECT_GT(at, before) << errand.payload << " came too early";
      before = at;
    }
  }

  std::vector<std::uint64_t> cuts_;
  std::size_t starts_ = 0;
  std::uint64_t writes_ = 0;
  bool is_served_ = false;  // the server's task has ended
  sim::World world_;
  sim::Machine& machine_ = world_.add_machine("10.0.0.1", 2);
  sim::Machine& devices_ = world_.add_machine("10.0.0.2", 1);
  Anyone anyone_;
  engine::test::AllowAll everything_;
  LocalOpener journals_{machine_.core(0)};
  std::unique_ptr<engine::CellHost> host_;
  std::unique_ptr<engine::CellClient> cell_;
  std::unique_ptr<Server> server_;
  Courier reader_{devices_, "reader"};
  Courier writer_{devices_, "writer"};
  Courier mourned_{devices_, "mourned"};
  Courier late_{devices_, "late"};
};

constexpr std::uint64_t kSeeds = 5;

std::uint64_t writes_of_a_whole_life(std::uint64_t seed) {
  Life life(seed, {});
  life.play();
  EXPECT_EQ(life.starts(), 1u);
  return life.writes();
}

TEST(PowerCut, before_any_write_loses_nothing_and_doubles_nothing) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const std::uint64_t writes = writes_of_a_whole_life(seed);
    EXPECT_GT(writes, 30u);
    std::size_t cut = 0;
    for (std::uint64_t write = 0; write < writes && !HasFailure(); ++write) {
      SCOPED_TRACE("seed " + std::to_string(seed) + ", cut before write " + std::to_string(write));
      Life life(seed, {write});
      life.play();
      cut += life.starts() - 1;
    }
    EXPECT_GE(cut + 5, writes);  // the last ones may be seals that come late
    std::printf("seed %llu: %zu cuts of %llu writes\n", static_cast<unsigned long long>(seed), cut,
                static_cast<unsigned long long>(writes));
  }
}

TEST(PowerCut, before_any_write_of_the_start_after_a_cut_loses_nothing) {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const std::uint64_t writes = writes_of_a_whole_life(seed);
    for (std::uint64_t write = 0; write < 25 && !HasFailure(); ++write) {
      SCOPED_TRACE("seed " + std::to_string(seed) + ", cut again before write " +
                   std::to_string(write));
      Life life(seed, {writes / 2, write});
      life.play();
      EXPECT_EQ(life.starts(), 3u);  // both cuts came
    }
  }
}

}  // namespace
}  // namespace keel::broker::test
