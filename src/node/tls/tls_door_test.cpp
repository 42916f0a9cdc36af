#include "node/tls/tls_door.hpp"

#include <gtest/gtest.h>

#include "node/log/events.hpp"
#include "runtime/scope.hpp"
#include "runtime/tls/errors.hpp"
#include "sim/world/world.hpp"

namespace keel::node {
namespace {

using runtime::ClientCertificates;
using runtime::Core;
using runtime::Task;

class Told final : public log::Logger {
 public:
  std::vector<std::string> events;

 protected:
  void write_fields(const log::Event& event, std::span<const log::Field>) noexcept override {
    events.emplace_back(event.name);
  }
};

const std::vector<std::string> kNames{"dns:keel.example"};

class TlsDoorTest : public testing::Test {
 public:
  sim::World world;
  sim::Machine& machine = world.add_machine("10.0.0.1");
  Core& core = machine.core(0);
  Told told;
  std::atomic<std::uint64_t> asked = 0;

  void run(Task<> (*task)(TlsDoorTest*)) {
    machine.start(0, task, this);
    EXPECT_TRUE(world.run_until_idle());
    EXPECT_TRUE(machine.at_rest());
  }
  TlsDoorOptions options() const { return {.endpoint = {.port = 443}, .directory = "tls"}; }
  Task<> write(std::string path, std::string text) {
    const auto file = (co_await core.disk().open(path, {.write = true, .create = true})).value();
    EXPECT_TRUE((co_await file->truncate(0)).ok());
    EXPECT_TRUE((co_await file->write(0, as_bytes(text))).ok());
  }
  Task<> make(std::string directory) {
    EXPECT_TRUE(
        (co_await make_certificate_files(core.disk(), directory, kNames, core.clock().wall()))
            .ok());
  }
};

TEST_F(TlsDoorTest, makes_a_certificate_once_and_only_where_there_is_none) {
  run(+[](TlsDoorTest* test) -> Task<> {
    for (int start = 0; start < 2; ++start) {
      TlsDoor door(test->core, test->options(), test->asked, test->told);
      EXPECT_TRUE((co_await door.open()).ok());
    }
  });
  EXPECT_EQ(told.events,
            (std::vector<std::string>{"tls.certificate_made", "tls.certificates_loaded",
                                      "tls.certificates_loaded"}));
}

Task<> watch(TlsDoor* door, runtime::Wait wait) {
  co_await door->watch(wait);
}

TEST_F(TlsDoorTest, a_changed_file_is_loaded_and_a_bad_one_is_told_once) {
  run(+[](TlsDoorTest* test) -> Task<> {
    TlsDoor door(test->core, test->options(), test->asked, test->told);
    const auto listener = co_await door.open();
    EXPECT_TRUE(listener.ok());
    test->told.events.clear();
    runtime::Scope scope(test->core);
    scope.spawn(watch, &door, scope.wait());
    const auto pass = [test](Duration time) -> Task<> {
      static_cast<void>(co_await test->core.sleep_until(test->core.now() + time, {}));
    };
    co_await pass(Duration::seconds(20));
    EXPECT_TRUE(test->told.events.empty());
    co_await test->make("tls");
    co_await pass(Duration::seconds(6));
    EXPECT_EQ(test->told.events, std::vector<std::string>{"tls.certificates_loaded"});
    co_await test->write("tls/default.pem", "not a certificate");
    co_await pass(Duration::seconds(30));
    EXPECT_EQ(test->told.events.size(), 2u);
    EXPECT_EQ(test->told.events.back(), "tls.certificates_refused");
    ++test->asked;
    co_await pass(Duration::seconds(1));
    EXPECT_EQ(test->told.events.size(), 3u);
    co_await scope.cancel_and_join();
  });
}

TEST_F(TlsDoorTest, the_default_comes_first_and_a_missing_file_is_named) {
  run(+[](TlsDoorTest* test) -> Task<> {
    runtime::Disk& disk = test->core.disk();
    co_await test->make("other");
    const auto file = (co_await disk.open("other/default.pem", {})).value();
    Bytes text((co_await file->size()).value());
    EXPECT_TRUE((co_await file->read(0, text)).ok());
    co_await test->make("tls");
    co_await test->write("tls/a.pem", std::string(as_text(text)));
    const auto without_key = co_await read_certificate_files(disk, "tls", ClientCertificates::none);
    EXPECT_TRUE(without_key.error().is(runtime::kBadCertificate));
    EXPECT_NE(without_key.error().detail().find("tls/a.key"), std::string::npos);
    co_await test->write("tls/a.key", "k");
    const auto both = co_await read_certificate_files(disk, "tls", ClientCertificates::none);
    EXPECT_EQ(both->settings.certificates.size(), 2u);
    EXPECT_EQ(both->settings.certificates.back().chain_pem, as_text(text));
    const auto no_authority =
        co_await read_certificate_files(disk, "tls", ClientCertificates::required);
    EXPECT_NE(no_authority.error().detail().find("client_ca.pem"), std::string::npos);
  });
}

}  // namespace
}  // namespace keel::node
