// Unsealer: opens what is personal in an answer as it leaves (docs/decisions/0006).
//
// Thread: the server's core. Lifetime: of one request.
#pragma once

#include <string>

#include "base/describe/describe.hpp"
#include "engine/requests/client.hpp"
#include "servers/api/caller.hpp"

namespace keel::servers {

// Whether what is personal can be shown.
enum class PersonalState : std::uint8_t {
  shown = 0,       // as it was given; what was not given is empty
  erased = 1,      // for ever
  unreadable = 2,  // the key is not in this node's vault, as after a restore without it
};
constexpr auto description(std::type_identity<PersonalState>) {
  using enum PersonalState;
  return describe_enum<PersonalState>("keel.api.PersonalState", enumerator("shown", shown),
                                      enumerator("erased", erased),
                                      enumerator("unreadable", unreadable));
}

class Unsealer {
 public:
  Unsealer(engine::CellClient& cell, Caller caller, runtime::Wait wait)
      : cell_(cell), caller_(caller), wait_(wait) {}

  // Where a value stands: its person, and the event type and field that first carried it.
  struct Place {
    kernel::SubjectId subject;
    kernel::EventType event;
    std::uint32_t field = 0;
  };
  // Puts the text into `text`, or nothing and says in `state` why not. Of several values the worst
  // state stays. Errors: of the cell and of the vault.
  runtime::Task<Result<>> open(Place place, ByteView sealed, std::string& text,
                               PersonalState& state) const;

 private:
  engine::CellClient& cell_;
  Caller caller_;
  runtime::Wait wait_;
};

}  // namespace keel::servers
