// Site: a machine with a cell on it, and what opens its journal: local files, or the log far away
// that sites share. It starts, is stopped, killed or cut from power, and starts again.
#pragma once

#include <memory>

#include "engine/cell/cell_host.hpp"
#include "engine/requests/client.hpp"
#include "sim/torture/stage/watch.hpp"

namespace keel::torture {

inline constexpr std::string_view kJournalDirectory = "keel_data/journal";

class Site {
 public:
  // `log` is null where the journal is local. Both outlive the site.
  Site(Run& run, journal::RemoteLog* log, std::uint32_t number);
  ~Site();

  // False: it did not come up, because the power went, or its disk fails.
  bool start();
  bool up() const noexcept { return host_ != nullptr; }
  // Ends what runs on it, in order while the power is on.
  void stop();
  // The power goes now; stop(), then restore().
  void cut_power();
  void restore();
  // The process dies, the machine lives: what had been written is there. Then as after a cut.
  void kill();

  sim::Machine& machine() noexcept { return machine_; }
  engine::CellHost& host() noexcept { return *host_; }
  engine::CellClient& client() noexcept { return *client_; }
  Watch& watch() noexcept { return watch_; }
  bool stopping() const noexcept { return stopping_; }
  // The tasks of clients and readers that run here.
  void entered() noexcept { ++guests_; }
  void left() noexcept { --guests_; }
  // Refused for damage: it will not start again.
  const std::optional<Error>& damage() const noexcept { return damage_; }

 private:
  class Opener;
  class Everybody;

  bool hang(std::string_view what);  // false

  Run& run_;
  std::string name_;
  sim::Machine& machine_;
  Watch watch_;
  std::unique_ptr<Everybody> authorizer_;
  std::unique_ptr<Opener> opener_;
  std::unique_ptr<engine::CellHost> host_;
  std::unique_ptr<engine::CellClient> client_;
  std::optional<Result<>> ended_;
  std::optional<Error> damage_;
  bool drained_ = true;
  bool stopping_ = false;
  int guests_ = 0;
};

}  // namespace keel::torture
