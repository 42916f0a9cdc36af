// Short texts inside rows. Private to this folder.
#pragma once

#include "base/text/fixed_text.hpp"

namespace keel::charging {

using keel::FixedText;

}  // namespace keel::charging
