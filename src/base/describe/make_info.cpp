#include "base/describe/describe.hpp"

namespace keel::detail {

void check_defaults(const StructInfo& info, ByteView sample) {
  for (const FieldInfo& field : info.fields) {
    KEEL_ASSERT(is_default(field, field.member(sample)));
  }
}

}  // namespace keel::detail
