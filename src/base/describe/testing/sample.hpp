// A described type with a member of every kind and shape; for the tests of this folder and of those
// above it.
#pragma once

#include "base/describe/describe.hpp"
#include "base/ids.hpp"

namespace keel::sample {

enum class Side : std::uint8_t { debit = 0, credit = 1, both = 7 };
constexpr auto description(std::type_identity<Side>) {
  return describe_enum<Side>("keel.sample.Side", enumerator("debit", Side::debit),
                             enumerator("credit", Side::credit), enumerator("both", Side::both),
                             reserved<3>("neither"));
}

enum class Option : std::uint16_t { linked = 1, history = 8, closed = 0x8000 };
constexpr auto description(std::type_identity<Option>) {
  return describe_enum<Option>("keel.sample.Option", enumerator("linked", Option::linked),
                               enumerator("history", Option::history),
                               enumerator("closed", Option::closed));
}

struct Line {
  uint128 account = 0;
  std::int64_t amount = 0;
  std::string text = {};

  friend bool operator==(const Line&, const Line&) = default;
  static constexpr auto description() {
    return describe<Line>("keel.sample.Line", doc("One line of an order."),
                          field<1>("account", &Line::account), field<2>("amount", &Line::amount),
                          field<3>("text", &Line::text));
  }
};

struct Everything {
  bool yes = false;
  std::uint8_t tiny = 0;
  std::uint16_t small = 0;
  std::uint32_t medium = 0;
  std::uint64_t large = 0;
  std::int8_t signed_tiny = 0;
  std::int32_t signed_medium = 0;
  std::int64_t signed_large = 0;
  uint128 huge = 0;
  CommandId command = {};
  TenantId tenant = {};
  Timestamp at = {};
  Duration wait = {};
  std::string note = {};
  Bytes blob = {};
  std::array<std::byte, 4> tag{};
  Side side = Side::debit;
  Flags<Option> options = {};
  Line line = {};
  std::optional<std::uint32_t> maybe_number = {};
  std::optional<uint128> maybe_huge = {};
  std::optional<std::string> maybe_note = {};
  std::optional<Line> maybe_line = {};
  std::vector<std::uint32_t> numbers = {};
  std::vector<std::int64_t> signed_numbers = {};
  std::vector<Timestamp> times = {};
  std::vector<Side> sides = {};
  std::vector<CommandId> commands = {};
  std::vector<std::string> notes = {};
  std::vector<Bytes> blobs = {};
  std::vector<Line> lines = {};

  friend bool operator==(const Everything&, const Everything&) = default;
  static constexpr auto description() {
    using E = Everything;
    return describe<E>(
        "keel.sample.Everything", field<1>("yes", &E::yes), field<2>("tiny", &E::tiny),
        field<3>("small", &E::small), field<4>("medium", &E::medium), field<5>("large", &E::large),
        field<6>("signed_tiny", &E::signed_tiny), field<7>("signed_medium", &E::signed_medium),
        field<8>("signed_large", &E::signed_large), field<9>("huge", &E::huge),
        field<10>("command", &E::command, doc("Names the command.")),
        field<11>("tenant", &E::tenant), field<12>("at", &E::at), field<13>("wait", &E::wait),
        field<14>("note", &E::note, personal("tenant")), field<15>("blob", &E::blob, secret()),
        field<16>("tag", &E::tag), field<17>("side", &E::side), field<18>("options", &E::options),
        field<19>("line", &E::line), reserved<20>("cell"), reserved<21>(),
        field<30>("maybe_number", &E::maybe_number, deprecated()),
        field<31>("maybe_huge", &E::maybe_huge), field<32>("maybe_note", &E::maybe_note),
        field<33>("maybe_line", &E::maybe_line), field<40>("numbers", &E::numbers),
        field<41>("signed_numbers", &E::signed_numbers), field<42>("times", &E::times),
        field<43>("sides", &E::sides), field<44>("commands", &E::commands),
        field<45>("notes", &E::notes), field<46>("blobs", &E::blobs),
        field<536'870'911>("lines", &E::lines));
  }
};

// A struct inside itself.
struct Tree {
  std::uint32_t leaf = 0;
  std::vector<Tree> branches = {};

  friend bool operator==(const Tree&, const Tree&) = default;
  static constexpr auto description() {
    return describe<Tree>("keel.sample.Tree", field<1>("leaf", &Tree::leaf),
                          field<2>("branches", &Tree::branches));
  }
};

}  // namespace keel::sample
