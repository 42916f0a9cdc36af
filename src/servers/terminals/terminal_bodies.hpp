// What terminals publish and are answered, as JSON (docs/terminals.md). `id` comes back in the
// answer: it is for the terminal, and no idempotency key; what is said is.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/describe/describe.hpp"
#include "modules/charging/requests.hpp"

namespace keel::servers {

struct BootBody {
  std::string id;
  std::string vendor;
  std::string model;
  std::string serial_number;
  std::string firmware;
  static constexpr auto description() {
    return describe<BootBody>(
        "keel.terminals.Boot", field<1>("id", &BootBody::id), field<2>("vendor", &BootBody::vendor),
        field<3>("model", &BootBody::model), field<4>("serial_number", &BootBody::serial_number),
        field<5>("firmware", &BootBody::firmware));
  }
};

struct StatusBody {
  std::string id;
  charging::ConnectorNumber connector;
  charging::ConnectorStatus status{};
  std::string error;
  std::string info;
  std::optional<Timestamp> time;
  static constexpr auto description() {
    return describe<StatusBody>(
        "keel.terminals.Status", field<1>("id", &StatusBody::id),
        field<2>("connector", &StatusBody::connector),
        field<3>("status", &StatusBody::status, required()), field<4>("error", &StatusBody::error),
        field<5>("info", &StatusBody::info), field<6>("time", &StatusBody::time));
  }
};

struct AuthorizeBody {
  std::string id;
  std::string token;
  static constexpr auto description() {
    return describe<AuthorizeBody>("keel.terminals.Authorize", field<1>("id", &AuthorizeBody::id),
                                   field<2>("token", &AuthorizeBody::token, required()));
  }
};

struct StartBody {
  std::string id;
  charging::ConnectorNumber connector;
  std::string token;
  std::uint64_t register_wh = 0;
  Timestamp time;
  bool offline = false;
  static constexpr auto description() {
    return describe<StartBody>("keel.terminals.Start", field<1>("id", &StartBody::id),
                               field<2>("connector", &StartBody::connector, required()),
                               field<3>("token", &StartBody::token, required()),
                               field<4>("register_wh", &StartBody::register_wh, required()),
                               field<5>("time", &StartBody::time, required()),
                               field<6>("offline", &StartBody::offline));
  }
};

struct ReadingBody {
  Timestamp time;
  std::optional<std::uint64_t> register_wh;
  std::optional<std::int64_t> power_w;
  std::optional<std::uint32_t> charge_percent;
  std::string signed_value;
  static constexpr auto description() {
    return describe<ReadingBody>("keel.terminals.Reading",
                                 field<1>("time", &ReadingBody::time, required()),
                                 field<2>("register_wh", &ReadingBody::register_wh),
                                 field<3>("power_w", &ReadingBody::power_w),
                                 field<4>("charge_percent", &ReadingBody::charge_percent),
                                 field<5>("signed_value", &ReadingBody::signed_value,
                                          doc("OCMF, or the object of OCA's note that holds it.")));
  }
};

struct ReadingsBody {
  std::string id;
  charging::SessionNumber session;
  charging::ConnectorNumber connector;
  std::vector<ReadingBody> readings;
  static constexpr auto description() {
    return describe<ReadingsBody>(
        "keel.terminals.Readings", field<1>("id", &ReadingsBody::id),
        field<2>("session", &ReadingsBody::session, doc("0: the one at the connector.")),
        field<3>("connector", &ReadingsBody::connector),
        field<4>("readings", &ReadingsBody::readings, required()));
  }
};

struct StopBody {
  std::string id;
  charging::SessionNumber session;
  std::string token;
  std::uint64_t register_wh = 0;
  Timestamp time;
  charging::StopReason reason{};
  std::vector<ReadingBody> readings;
  static constexpr auto description() {
    return describe<StopBody>(
        "keel.terminals.Stop", field<1>("id", &StopBody::id),
        field<2>("session", &StopBody::session, doc("0: the terminal does not know it.")),
        field<3>("token", &StopBody::token, doc("Who stopped it; empty: not said.")),
        field<4>("register_wh", &StopBody::register_wh, required()),
        field<5>("time", &StopBody::time, required()), field<6>("reason", &StopBody::reason),
        field<7>("readings", &StopBody::readings));
  }
};

// Calls to a terminal: what an operator asks for. `call` is the call's id, which the terminal's
// result names.
struct StartCallBody {
  std::string call;
  charging::ConnectorNumber connector;  // zero: any
  std::string token;
  static constexpr auto description() {
    return describe<StartCallBody>("keel.terminals.StartCall",
                                   field<1>("call", &StartCallBody::call),
                                   field<2>("connector", &StartCallBody::connector),
                                   field<3>("token", &StartCallBody::token, required()));
  }
};

struct StopCallBody {
  std::string call;
  charging::SessionNumber session;
  static constexpr auto description() {
    return describe<StopCallBody>("keel.terminals.StopCall", field<1>("call", &StopCallBody::call),
                                  field<2>("session", &StopCallBody::session, required()));
  }
};

struct UnlockCallBody {
  std::string call;
  charging::ConnectorNumber connector;
  static constexpr auto description() {
    return describe<UnlockCallBody>("keel.terminals.UnlockCall",
                                    field<1>("call", &UnlockCallBody::call),
                                    field<2>("connector", &UnlockCallBody::connector, required()));
  }
};

struct ResetCallBody {
  std::string call;
  bool hard = false;  // at once; else when no session is under way
  static constexpr auto description() {
    return describe<ResetCallBody>("keel.terminals.ResetCall",
                                   field<1>("call", &ResetCallBody::call),
                                   field<2>("hard", &ResetCallBody::hard));
  }
};

enum class CallAnswer : std::uint8_t { accepted = 0, rejected = 1, failed = 2 };
constexpr auto description(std::type_identity<CallAnswer>) {
  return describe_enum<CallAnswer>(
      "keel.terminals.CallAnswer", enumerator("accepted", CallAnswer::accepted),
      enumerator("rejected", CallAnswer::rejected), enumerator("failed", CallAnswer::failed));
}

// What a terminal says of a call.
struct ResultBody {
  std::string id;
  std::string call;
  CallAnswer result{};
  std::string detail;
  static constexpr auto description() {
    return describe<ResultBody>("keel.terminals.Result", field<1>("id", &ResultBody::id),
                                field<2>("call", &ResultBody::call, required()),
                                field<3>("result", &ResultBody::result, required()),
                                field<4>("detail", &ResultBody::detail));
  }
};

// The answer to any of them. What does not belong to the question is not there.
struct AnswerBody {
  std::string id;
  std::optional<charging::OutcomeCode> outcome;  // not there: see `error`
  std::optional<std::string> error;              // why nothing was done, and will not be
  std::optional<bool> repeated;                  // the same had been said before
  std::optional<charging::SessionNumber> session;
  std::optional<charging::TokenStatus> status;
  std::optional<Timestamp> expires_at;
  std::optional<std::string> group;
  std::optional<charging::Amount> total;
  std::optional<std::uint32_t> bill_version;
  static constexpr auto description() {
    return describe<AnswerBody>(
        "keel.terminals.Answer", field<1>("id", &AnswerBody::id),
        field<2>("outcome", &AnswerBody::outcome), field<3>("error", &AnswerBody::error),
        field<4>("repeated", &AnswerBody::repeated), field<5>("session", &AnswerBody::session),
        field<6>("status", &AnswerBody::status), field<7>("expires_at", &AnswerBody::expires_at),
        field<8>("group", &AnswerBody::group), field<9>("total", &AnswerBody::total),
        field<10>("bill_version", &AnswerBody::bill_version));
  }
};

}  // namespace keel::servers
