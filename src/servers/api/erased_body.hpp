// What POST /v1/subjects/{id}/erase answers.
#pragma once

#include "base/describe/describe.hpp"
#include "kernel/personal.hpp"

namespace keel::servers {

struct ErasedBody {
  kernel::SubjectId subject;
  bool already = false;
  static constexpr auto description() {
    return describe<ErasedBody>(
        "keel.api.Erased", field<1>("subject", &ErasedBody::subject),
        field<2>("already", &ErasedBody::already, doc("The key had been destroyed before.")));
  }
};

}  // namespace keel::servers
