// The numbers by which modules, commands, events, queries and tables are named for ever: in the
// journal, in snapshots and on the wire. They are never reused.
#pragma once

#include <cstdint>

#include "base/strong_id.hpp"

namespace keel::kernel {

// 0 is the engine itself, 1 the ledger; docs/architecture.md keeps the list.
using ModuleId = StrongId<struct ModuleTag, std::uint16_t>;

namespace detail {
// A module's id in the upper half, the module's own number in the lower.
template <typename Tag>
struct Numbered : StrongId<Tag, std::uint32_t> {
  using StrongId<Tag, std::uint32_t>::StrongId;
  constexpr Numbered() = default;
  constexpr Numbered(ModuleId module, std::uint16_t number)
      : StrongId<Tag, std::uint32_t>(static_cast<std::uint32_t>(module.value()) << 16 | number) {}
  constexpr ModuleId module() const noexcept {
    return ModuleId(static_cast<std::uint16_t>(this->value() >> 16));
  }
};
}  // namespace detail

struct CommandType : detail::Numbered<struct CommandTypeTag> {
  using Numbered::Numbered;
};
struct EventType : detail::Numbered<struct EventTypeTag> {
  using Numbered::Numbered;
};
struct QueryType : detail::Numbered<struct QueryTypeTag> {
  using Numbered::Numbered;
};
struct TableId : detail::Numbered<struct TableTag> {
  using Numbered::Numbered;
};

using SchemaVersion = StrongId<struct SchemaVersionTag, std::uint16_t>;

}  // namespace keel::kernel
