#include "servers/api/unsealer.hpp"

#include "kernel/errors.hpp"

namespace keel::servers {

runtime::Task<Result<>> Unsealer::open(Place place, ByteView sealed, std::string& text,
                                       PersonalState& state) const {
  if (sealed.empty()) co_return success();
  const engine::Unseal what{.principal = caller_.principal,
                            .place = {.subject = {caller_.tenant, place.subject},
                                      .event = place.event,
                                      .field = place.field},
                            .sealed = sealed};
  const Result<std::optional<Bytes>> value = co_await cell_.unseal(what, wait_);
  if (value.ok() && value->has_value()) {
    text = as_text(**value);
  } else if (value.ok()) {
    state = std::max(state, PersonalState::erased);
  } else if (value.error().is(kernel::kSubjectUnknown) || value.error().is(kernel::kSealBroken)) {
    state = PersonalState::unreadable;
  } else {
    co_return value.error();
  }
  co_return success();
}

}  // namespace keel::servers
