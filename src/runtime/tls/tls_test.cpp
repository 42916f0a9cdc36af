#include <gtest/gtest.h>

#include <array>
#include <ctime>

#include "runtime/errors.hpp"
#include "runtime/scope.hpp"
#include "runtime/tls/errors.hpp"
#include "runtime/tls/server.hpp"
#include "sim/world/world.hpp"

namespace keel::runtime {
namespace {

TlsCertificate certificate_for(std::vector<std::string> names) {
  return make_development_certificate(names, Timestamp{std::time(nullptr) * 1'000'000'000}).value();
}

class FixedEntropy final : public Entropy {
 public:
  void fill(ByteSpan into) noexcept override {
    for (std::byte& each : into) each = std::byte(++last_);
  }

 private:
  unsigned char last_ = 0;
};

// Two sessions that hear each other.
class TlsSessions : public testing::Test {
 protected:
  FixedEntropy entropy_;
  TicketKeys keys_{entropy_, Timestamp{}, Duration::seconds(3'600)};
  TlsCertificate own_ = certificate_for({"dns:keel.example", "ip:127.0.0.1"});
  TlsServerSettings server_settings_{.certificates = {own_}};
  TlsClientSettings client_settings_{.ca_pem = own_.chain_pem};
  std::unique_ptr<TlsSession> server_;
  std::unique_ptr<TlsSession> client_;
  std::size_t piece_ = 1'000'000;

  void start(std::string_view host = "keel.example") {
    server_ = std::make_unique<TlsSession>(TlsContext::server(server_settings_, keys_).value());
    client_ = std::make_unique<TlsSession>(TlsContext::client(client_settings_).value(), host);
  }

  // What one says is heard by the other, in pieces; `hear` is called after each.
  template <typename F>
  void carry(TlsSession& from, TlsSession& to, F hear) {
    const Bytes said = from.take_output();
    for (std::size_t at = 0; at < said.size(); at += piece_) {
      to.feed(ByteView(said).subspan(at, std::min(piece_, said.size() - at)));
      hear();
    }
  }

  // Both sides' end of the handshake; kHandshakeFailed of whoever fails first.
  Result<> shake() {
    bool server_done = false;
    bool client_done = false;
    Result<> outcome;
    const auto step = [&](TlsSession& session, bool& done) {
      if (!outcome.ok() || done) return;
      const Result<bool> result = session.handshake();
      if (!result.ok()) outcome = result.error();
      done = result.ok() && *result;
    };
    for (int round = 0; round < 8 && outcome.ok(); ++round) {
      step(*client_, client_done);
      carry(*client_, *server_, [&] { step(*server_, server_done); });
      if (client_done && server_done && !server_->has_output()) return success();
      carry(*server_, *client_, [&] {
        if (!client_done) return step(*client_, client_done);
        static_cast<void>(read(*client_));  // tickets
      });
    }
    return outcome;
  }

  static std::string read(TlsSession& session) {
    std::string all;
    std::array<std::byte, 100> space{};
    for (;;) {
      const Result<std::size_t> size = session.read(space);
      if (!size.ok() || *size == 0) return all;
      all += as_text(ByteView(space).first(*size));
    }
  }
};

TEST_F(TlsSessions, agree_on_tls_1_3_and_carry_bytes_however_they_are_cut) {
  for (const std::size_t piece : {1u, 7u, 1'000u, 1'000'000u}) {
    piece_ = piece;
    start();
    ASSERT_TRUE(shake().ok());
    EXPECT_EQ(server_->describe().version, "TLSv1.3");
    EXPECT_EQ(server_->describe().server_name, "keel.example");
    const std::string question(40'000, 'q');
    ASSERT_TRUE(client_->write(as_bytes(question)).ok());
    std::string heard;
    carry(*client_, *server_, [&] { heard += read(*server_); });
    EXPECT_EQ(heard, question);
  }
}

TEST_F(TlsSessions, an_orderly_end_is_told_from_a_stream_that_was_cut) {
  start();
  ASSERT_TRUE(shake().ok());
  server_->close();
  carry(*server_, *client_, [&] { EXPECT_EQ(read(*client_), ""); });
  EXPECT_TRUE(client_->closed());

  start();
  ASSERT_TRUE(shake().ok());
  client_->feed_end();
  std::array<std::byte, 10> space{};
  const Result<std::size_t> cut = client_->read(space);
  ASSERT_FALSE(cut.ok());
  EXPECT_TRUE(cut.error().is(kStreamTruncated)) << cut.error().to_string();
}

TEST_F(TlsSessions, changed_bytes_break_the_stream) {
  start();
  ASSERT_TRUE(shake().ok());
  ASSERT_TRUE(client_->write(as_bytes("transfer 100")).ok());
  Bytes sealed = client_->take_output();
  sealed.back() ^= std::byte{1};
  server_->feed(sealed);
  std::array<std::byte, 100> space{};
  const Result<std::size_t> opened = server_->read(space);
  ASSERT_FALSE(opened.ok());
  EXPECT_TRUE(opened.error().is(kStreamBroken));
}

TEST_F(TlsSessions, the_certificate_follows_the_name_that_is_asked_for) {
  const TlsCertificate other = certificate_for({"dns:other.example", "dns:*.many.example"});
  server_settings_.certificates.push_back(other);
  client_settings_.ca_pem += other.chain_pem;
  const std::string own = read_certificate(own_.chain_pem)->fingerprint;
  const std::string second = read_certificate(other.chain_pem)->fingerprint;
  for (const auto& [host, expected] : std::map<std::string, std::string>{
           {"keel.example", own}, {"other.example", second}, {"a.many.example", second}}) {
    start(host);
    ASSERT_TRUE(shake().ok()) << host;
    EXPECT_EQ(client_->describe().peer->fingerprint, expected) << host;
  }
  start("stranger.example");  // is shown the first, which is not for that name
  EXPECT_TRUE(shake().error().is(kHandshakeFailed));
  start("127.0.0.1");
  EXPECT_TRUE(shake().ok());
  start("127.0.0.2");
  EXPECT_TRUE(shake().error().is(kHandshakeFailed));
}

TEST_F(TlsSessions, a_server_that_nobody_vouches_for_is_refused) {
  client_settings_.ca_pem = certificate_for({"dns:keel.example"}).chain_pem;
  start();
  EXPECT_TRUE(shake().error().is(kHandshakeFailed));
}

TEST_F(TlsSessions, the_servers_preferred_protocol_is_chosen_and_none_in_common_is_refused) {
  server_settings_.protocols = {"mqtt", "http/1.1"};
  client_settings_.protocols = {"h2", "http/1.1"};
  start();
  ASSERT_TRUE(shake().ok());
  EXPECT_EQ(server_->describe().protocol, "http/1.1");
  EXPECT_EQ(client_->describe().protocol, "http/1.1");
  client_settings_.protocols = {"h2"};
  start();
  EXPECT_TRUE(shake().error().is(kHandshakeFailed));
  client_settings_.protocols = {};
  start();
  ASSERT_TRUE(shake().ok());
  EXPECT_EQ(server_->describe().protocol, "");
}

TEST_F(TlsSessions, a_required_client_certificate_is_checked_and_its_identity_is_seen) {
  const TlsCertificate device = certificate_for({"dns:device-7.example"});
  server_settings_.client_certificates = ClientCertificates::required;
  server_settings_.client_ca_pem = device.chain_pem;
  start();
  EXPECT_TRUE(shake().error().is(kHandshakeFailed)) << "none was shown";
  client_settings_.certificate = certificate_for({"dns:device-7.example"});
  start();
  EXPECT_TRUE(shake().error().is(kHandshakeFailed)) << "another's was shown";
  client_settings_.certificate = device;
  start();
  ASSERT_TRUE(shake().ok());
  const Security seen = server_->describe();
  ASSERT_NE(seen.peer, nullptr);
  EXPECT_EQ(seen.peer->common_name, "Keel development");
  EXPECT_EQ(seen.peer->names, std::vector<std::string>{"dns:device-7.example"});
  EXPECT_EQ(seen.peer->fingerprint, read_certificate(device.chain_pem)->fingerprint);

  client_settings_.certificate.reset();
  server_settings_.client_certificates = ClientCertificates::optional;
  start();
  ASSERT_TRUE(shake().ok());
  EXPECT_EQ(server_->describe().peer, nullptr);
}

TEST_F(TlsSessions, what_cannot_be_loaded_says_why) {
  const auto complaint = [&](const TlsServerSettings& settings) {
    const Result<TlsContext::Pointer> made = TlsContext::server(settings, keys_);
    return made.ok() ? std::string() : std::string(made.error().kind().name);
  };
  EXPECT_EQ(complaint({}), "tls.bad_certificate");
  EXPECT_EQ(complaint({.certificates = {{.chain_pem = "x", .key_pem = "y"}}}),
            "tls.bad_certificate");
  const TlsCertificate other = certificate_for({"dns:other.example"});
  EXPECT_EQ(complaint({.certificates = {{.chain_pem = own_.chain_pem, .key_pem = other.key_pem}}}),
            "tls.bad_certificate");
  EXPECT_EQ(complaint({.certificates = {own_},
                       .client_certificates = ClientCertificates::required,
                       .client_ca_pem = "none"}),
            "tls.bad_certificate");
  EXPECT_EQ(complaint({.certificates = {own_}}), "");
}

TEST_F(TlsSessions, garbage_ends_a_handshake) {
  start();
  server_->feed(as_bytes("GET / HTTP/1.1\r\nHost: plain\r\n\r\n"));
  const Result<bool> heard = server_->handshake();
  ASSERT_FALSE(heard.ok());
  EXPECT_TRUE(heard.error().is(kHandshakeFailed));
}

TEST(TicketKeys, the_last_one_still_opens_and_older_ones_do_not) {
  FixedEntropy entropy;
  const Duration hour = Duration::seconds(3'600);
  TicketKeys keys(entropy, Timestamp{}, hour);
  const TicketKeys::Key first = keys.newest();
  keys.advance(Timestamp{hour.ns - 1});
  EXPECT_EQ(keys.newest().name, first.name);
  keys.advance(Timestamp{hour.ns});
  const TicketKeys::Key second = keys.newest();
  EXPECT_NE(second.name, first.name);
  EXPECT_EQ(keys.find(first.name)->cipher_key, first.cipher_key);
  keys.advance(Timestamp{2 * hour.ns});
  EXPECT_EQ(keys.find(first.name), nullptr);
  EXPECT_NE(keys.find(second.name), nullptr);
  keys.advance(Timestamp{9 * hour.ns});  // nobody came for long
  EXPECT_EQ(keys.find(second.name), nullptr);
}

// Connections over the simulated network.
class TlsConnections : public testing::Test {
 protected:
  sim::World world;
  sim::Machine& machine = world.add_machine("10.0.0.1");
  sim::Machine& clients = world.add_machine("10.0.0.2");
  TlsCertificate certificate = certificate_for({"dns:keel.example"});
  TlsServer tls{machine.core(0)};
  std::vector<std::string> ends;  // how the server's connections ended

  static Task<> echo(TlsConnections* test, std::unique_ptr<Connection> connection) {
    std::string end = "end";
    for (;;) {
      Result<Received> received = co_await connection->receive({});
      if (!received.ok()) end = received.error().kind().name;
      if (!received.ok() || received->end_of_stream()) break;
      const std::array<ByteView, 1> parts{received->bytes()};
      if (!(co_await connection->send(parts, {})).ok()) break;
    }
    static_cast<void>(co_await connection->finish_sending({}));
    test->ends.push_back(end);
  }
  static Task<> serve(TlsConnections* test, int guests) {
    Core& core = test->machine.core(0);
    auto plain = (co_await core.network().listen({.port = 443}, 16)).value();
    const std::unique_ptr<Listener> listener = test->tls.guard(std::move(plain));
    Scope scope(core);
    for (int i = 0; i < guests; ++i)
      scope.spawn(&TlsConnections::echo, test, (co_await listener->accept({})).value());
    co_await scope.join();
  }
  void use_certificate() { EXPECT_TRUE(tls.use({.certificates = {certificate}}).ok()); }
  void run() {
    EXPECT_TRUE(world.run_until_idle());
    EXPECT_TRUE(machine.at_rest());
  }
};

constexpr std::string_view kAddress = "10.0.0.1";

Task<> send_much(Connection* connection, std::size_t size) {
  const Bytes much(size, std::byte{'m'});
  const std::array<ByteView, 2> parts{ByteView(much).first(10), ByteView(much).subspan(10)};
  EXPECT_TRUE((co_await connection->send(parts, {})).ok());
}

Task<> visit(Core* core, const std::string* ca, std::size_t size, std::string* shown) {
  const auto client = TlsClient::make(*core, {.ca_pem = *ca}).value();
  static_cast<void>(co_await core->sleep_until(core->now() + Duration::milliseconds(1), {}));
  auto connected =
      co_await client->connect({.address = std::string(kAddress), .port = 443}, "keel.example", {});
  if (!connected.ok()) {
    *shown = connected.error().kind().name;
    co_return;
  }
  const std::unique_ptr<Connection> connection = std::move(connected).value();
  *shown = connection->security()->peer->fingerprint;
  Scope scope(*core);
  scope.spawn(send_much, connection.get(), size);  // while this task receives
  std::size_t heard = 0;
  while (heard < size) {
    Result<Received> received = co_await connection->receive({});
    EXPECT_TRUE(received.ok());
    if (!received.ok() || received->end_of_stream()) break;
    heard += received->bytes().size();
  }
  EXPECT_EQ(heard, size);
  co_await scope.join();
  EXPECT_TRUE((co_await connection->finish_sending({})).ok());
  EXPECT_TRUE((co_await connection->receive({})).value().end_of_stream());
}

TEST_F(TlsConnections, carry_a_megabyte_each_way_at_once_and_end_in_order) {
  use_certificate();
  std::string shown;
  machine.start(0, &TlsConnections::serve, this, 1);
  clients.start(0, visit, &clients.core(0), &certificate.chain_pem, std::size_t{1'000'000}, &shown);
  run();
  EXPECT_EQ(shown, read_certificate(certificate.chain_pem)->fingerprint);
  EXPECT_EQ(ends, std::vector<std::string>{"end"});
  EXPECT_EQ(tls.stats().established, 1u);
}

TEST_F(TlsConnections, a_reload_serves_those_who_come_after_it_and_a_failed_one_changes_nothing) {
  use_certificate();
  machine.start(0, &TlsConnections::serve, this, 3);
  std::string shown;
  const auto visitor = [&] {
    clients.start(0, visit, &clients.core(0), &certificate.chain_pem, std::size_t{100}, &shown);
    EXPECT_TRUE(world.run_until_true([&, before = ends.size()] { return ends.size() > before; }));
    return shown == read_certificate(certificate.chain_pem)->fingerprint;
  };
  EXPECT_TRUE(visitor());
  EXPECT_FALSE(tls.use({.certificates = {{.chain_pem = "", .key_pem = ""}}}).ok());
  EXPECT_TRUE(visitor());
  certificate = certificate_for({"dns:keel.example"});
  use_certificate();
  EXPECT_TRUE(visitor());
  run();
}

Task<> say(Core* core, std::string text, Duration then_wait) {
  static_cast<void>(co_await core->sleep_until(core->now() + Duration::milliseconds(1), {}));
  const auto connection =
      (co_await core->network().connect({.address = std::string(kAddress), .port = 443}, {}))
          .value();
  const std::array<ByteView, 1> parts{as_bytes(text)};
  if (!text.empty()) static_cast<void>(co_await connection->send(parts, {}));
  static_cast<void>(co_await core->sleep_until(core->now() + then_wait, {}));
}

TEST_F(TlsConnections, the_silent_the_babbling_and_the_gone_are_told_apart_and_counted) {
  use_certificate();
  machine.start(0, &TlsConnections::serve, this, 4);
  Core* core = &clients.core(0);
  clients.start(0, say, core, std::string(), Duration::seconds(60));  // silent
  clients.start(0, say, core, std::string("hello server"), Duration::seconds(60));
  clients.start(0, say, core, std::string(), Duration::milliseconds(5));  // gone
  // A handshake message that claims 16 MiB, whose records keep coming.
  std::string endless;
  for (int i = 0; i < 20; ++i)
    endless += std::string("\x16\x03\x01\x40\x00", 5) +
               (i == 0 ? std::string("\x0b\xff\xff\xff", 4) + std::string(16'380, 'x')
                       : std::string(16'384, 'x'));
  clients.start(0, say, core, endless, Duration::seconds(60));
  run();
  EXPECT_EQ(tls.stats().timed_out, 1u);
  EXPECT_EQ(tls.stats().failed + tls.stats().too_large, 3u);
  EXPECT_EQ(tls.stats().established, 0u);
}

}  // namespace
}  // namespace keel::runtime
