#include "node/mqtt/scram.hpp"

#include <gsasl.h>
#include <gtest/gtest.h>

#include "node/mqtt/authenticator.hpp"
#include "sim/world/world.hpp"

namespace keel::node {
namespace {

using runtime::Task;
using Verdict = broker::AuthenticationExchange::Verdict;

// Of the password "secret", made by `gsasl --mkpasswd`.
constexpr std::string_view kSecret =
    "{SCRAM-SHA-256}4096,SFMqfETgEpVbHP++,zo8tbXX8+tsQ3HQhwYTGHcKwXFm9tK+KlnGSiXoCPsY=,"
    "+ucTu+Vz/25QoygqWnZwzj8XLIUMRgjVFrdHP0r+yXE=";

// The library's other side.
struct Prover {
  Prover(const char* name, const char* password) {
    EXPECT_EQ(::gsasl_init(&library), GSASL_OK);
    EXPECT_EQ(::gsasl_client_start(library, "SCRAM-SHA-256", &session), GSASL_OK);
    ::gsasl_property_set(session, GSASL_AUTHID, name);
    ::gsasl_property_set(session, GSASL_PASSWORD, password);
  }
  ~Prover() {
    ::gsasl_finish(session);
    ::gsasl_done(library);
  }
  std::string step(std::string_view said, int* outcome = nullptr) {
    char* text = nullptr;
    std::size_t size = 0;
    const int code = ::gsasl_step(session, said.data(), said.size(), &text, &size);
    if (outcome != nullptr) *outcome = code;
    const std::string answer(text == nullptr ? "" : text, text == nullptr ? 0 : size);
    ::gsasl_free(text);
    return answer;
  }
  Gsasl* library = nullptr;
  Gsasl_session* session = nullptr;
};

struct ScramTest : testing::Test {
  ScramTest() { users.users["pump"].scram = parse_scram(kSecret).value(); }

  broker::AuthenticationExchange::Round next(broker::AuthenticationExchange& exchange,
                                             std::string said) {
    broker::AuthenticationExchange::Round round;
    machine.start(
        0,
        +[](broker::AuthenticationExchange* asked, std::string data,
            broker::AuthenticationExchange::Round* to) -> Task<> {
          *to = (co_await asked->next(as_bytes(data))).value();
        },
        &exchange, std::move(said), &round);
    EXPECT_TRUE(world.run_until_idle());
    return round;
  }
  // The user that is let in; "-": nobody.
  std::string prove(const char* name, const char* password, std::string_view connect_name = {}) {
    MqttAuthenticator authenticator(machine.core(0), users);
    const auto exchange = authenticator.begin(kScramMethod, {.user_name = connect_name});
    if (exchange == nullptr) return "no such method";
    Prover prover(name, password);
    const auto challenge = next(*exchange, prover.step(""));
    if (challenge.verdict != Verdict::more) return "-";
    const auto end = next(*exchange, prover.step(as_text(challenge.data)));
    if (end.verdict != Verdict::let_in) return "-";
    int outcome = GSASL_NEEDS_MORE;
    prover.step(as_text(end.data), &outcome);
    EXPECT_EQ(outcome, GSASL_OK);  // the server has proved itself too
    return end.identity.user;
  }

  sim::World world{{.seed = 1}};
  sim::Machine& machine = world.add_machine("10.0.0.1", 1);
  MqttUsers users;
};

TEST_F(ScramTest, who_knows_the_password_is_let_in_and_nobody_else) {
  EXPECT_EQ(prove("pump", "secret"), "pump");
  EXPECT_EQ(prove("pump", "secret", "pump"), "pump");
  EXPECT_EQ(prove("pump", "Secret"), "-");
  EXPECT_EQ(prove("pump", "secret", "other"), "-");
  EXPECT_EQ(prove("nobody", "secret"), "-");
}

TEST_F(ScramTest, a_name_that_is_not_known_is_asked_like_one_that_is) {
  MqttAuthenticator authenticator(machine.core(0), users);
  std::vector<std::string> challenges;
  for (int times = 0; times < 2; ++times) {
    const auto exchange = authenticator.begin(kScramMethod, {});
    Prover prover("nobody", "secret");
    const auto round = next(*exchange, prover.step(""));
    ASSERT_EQ(round.verdict, Verdict::more);
    const std::string text(as_text(round.data));
    challenges.push_back(text.substr(text.find(",s=")));
  }
  EXPECT_EQ(challenges[0], challenges[1]);
  EXPECT_TRUE(challenges[0].ends_with(",i=4096"));
}

TEST_F(ScramTest, what_is_no_scram_is_refused) {
  MqttAuthenticator authenticator(machine.core(0), users);
  for (const char* said : {"", "x", "n,,n=pump", "n,,n=pump,r=", "p=tls-unique,,n=pump,r=abc"}) {
    const auto exchange = authenticator.begin(kScramMethod, {});
    EXPECT_NE(next(*exchange, said).verdict, Verdict::let_in) << said;
  }
  EXPECT_EQ(authenticator.begin("PLAIN", {}), nullptr);
  users.users.clear();
  EXPECT_EQ(prove("pump", "secret"), "no such method");
}

TEST(ScramVerifier, is_read_and_what_is_wrong_is_refused) {
  EXPECT_EQ(parse_scram(kSecret)->iterations, "4096");
  const std::string good(kSecret);
  for (const std::string& bad :
       {std::string("secret"), good.substr(0, good.size() - 8), good + ",x",
        "{SCRAM-SHA-256}1000" + good.substr(19), "{SCRAM-SHA-1}" + good.substr(15)})
    EXPECT_FALSE(parse_scram(bad).ok()) << bad;
}

}  // namespace
}  // namespace keel::node
