#include "runtime/worlds/make_world.hpp"

#include "runtime/pool/pool_world.hpp"
#include "runtime/uring/uring_world.hpp"

namespace keel::runtime {
namespace {

std::string cores_text(std::uint32_t cores) {
  return std::to_string(cores) + (cores == 1 ? " core" : " cores");
}

}  // namespace

std::string_view to_string(WorldKind kind) noexcept {
  switch (kind) {
    case WorldKind::uring:
      return "io_uring";
    case WorldKind::pool:
      return "epoll and disk threads";
  }
  return "?";
}

Result<ChosenWorld> make_world(const WorldOptions& options, std::optional<WorldKind> only) {
  std::string why_not;
  if (only != WorldKind::pool) {
    Result<std::unique_ptr<World>> uring = make_uring_world(options);
    if (uring.ok()) {
      return ChosenWorld{
          .world = *std::move(uring),
          .kind = WorldKind::uring,
          .line = std::string(to_string(WorldKind::uring)) + ", " + cores_text(options.cores)};
    }
    if (only == WorldKind::uring) return std::move(uring).error();
    why_not = " (" + uring.error().detail() + ")";
  }
  return ChosenWorld{
      .world = KEEL_TRY(make_pool_world(options)),
      .kind = WorldKind::pool,
      .line = std::string(to_string(WorldKind::pool)) + ", " + cores_text(options.cores) + why_not};
}

}  // namespace keel::runtime
