#include "sim/world/world.hpp"

namespace keel::sim {

// A core of a machine: the runtime's own loop, with ports that stand on the world.
class SimulatedCore final : public runtime::CoreBase,
                            private runtime::Clock,
                            private runtime::Entropy,
                            private runtime::Offload {
 public:
  SimulatedCore(World& world, Machine& machine, std::uint32_t index)
      : CoreBase(index),
        Offload(static_cast<runtime::Core&>(*this)),
        world_(world),
        machine_(machine),
        random_(world.random_.split()),
        disk_(*this, machine.medium_, machine.power_, machine.locks_),
        network_(*this, world.fabric_, machine.address_, machine.power_) {}

  runtime::Clock& clock() noexcept override { return *this; }
  runtime::Entropy& entropy() noexcept override { return *this; }
  runtime::Disk& disk() noexcept override { return disk_; }
  runtime::Network& network() noexcept override { return network_; }
  runtime::Offload& offload() noexcept override { return *this; }

 private:
  void wake() noexcept override {}  // idle() sees signals; nobody sleeps
  Timestamp monotonic() const noexcept override { return world_.now_; }
  Timestamp wall() const noexcept override {
    const Duration since_start = world_.now_ - Timestamp{};
    return world_.options_.wall_start + since_start + machine_.wall_offset_;
  }
  void fill(ByteSpan into) noexcept override {
    random_.fill(into);
    Random salt(world_.options_.entropy_salt);
    if (world_.options_.entropy_salt == 0) return;
    for (std::byte& byte : into) byte ^= static_cast<std::byte>(salt.next());
  }

  bool submit(Job& job) noexcept override {
    job.work();
    const Duration delay = random_.between(Duration::microseconds(10), Duration::milliseconds(20));
    world_.at(world_.now_ + delay, [&job] { job.raise(); });
    return true;
  }

  World& world_;
  Machine& machine_;
  Random random_;
  SimulatedDisk disk_;
  SimulatedNetwork network_;
};

Machine::Machine(World& world, std::string address, std::uint32_t cores)
    : world_(world),
      address_(std::move(address)),
      medium_(world.options_.disk, world.random_.split(), world.counts_) {
  for (std::uint32_t index = 0; index < cores; ++index) {
    cores_.push_back(std::make_unique<SimulatedCore>(world, *this, index));
    scopes_.push_back(std::make_unique<runtime::Scope>(*cores_.back()));
  }
}

Machine::~Machine() {
  KEEL_ASSERT(at_rest());
  for (const auto& scope : scopes_) scope->settle();
}

runtime::Core& Machine::core(std::size_t index) {
  return *cores_.at(index);
}

bool Machine::at_rest() const noexcept {
  return std::ranges::all_of(scopes_, [](const auto& scope) { return scope->running() == 0; });
}

void Machine::cut_power() {
  if (!power_.on && power_.cut_before_write == UINT64_MAX) return;
  power_.on = false;
  power_.cut_before_write = UINT64_MAX;
  world_.fabric_.cut_all(address_);
  if (on_power_cut) on_power_cut();
}

void Machine::kill() {
  medium_.write_back();
  cut_power();
}

void Machine::restore_power() {
  KEEL_ASSERT(at_rest());
  medium_.power_cut();
  power_ = Power{};
}

void Machine::jump_wall_clock(Duration by) noexcept {
  world_.counts_.count(Fault::wall_clock_jump);
  wall_offset_ = wall_offset_ + by;
}

World::World(WorldOptions options)
    : options_(options),
      random_(options.seed),
      fabric_(*this, options.network, random_.split(), counts_) {}

World::~World() = default;

Machine& World::add_machine(std::string address, std::uint32_t cores) {
  machines_.push_back(std::make_unique<Machine>(*this, std::move(address), cores));
  return *machines_.back();
}

void World::at(Timestamp when, std::function<void()> what) {
  events_.emplace(std::pair(when, next_number_++), std::move(what));
}

bool World::turn_one_core() {
  std::vector<SimulatedCore*> busy;
  for (const auto& machine : machines_)
    for (const auto& core : machine->cores_)
      if (!core->idle() || core->next_timer() <= now_) busy.push_back(core.get());
  if (busy.empty()) return false;
  busy.at(random_.below(busy.size()))->turn(now_);
  return true;
}

Timestamp World::next_event() const {
  Timestamp next = events_.empty() ? Timestamp::never() : events_.begin()->first.first;
  for (const auto& machine : machines_)
    for (const auto& core : machine->cores_) next = std::min(next, core->next_timer());
  return next;
}

bool World::may_step() {
  constexpr std::uint64_t kStepsAQuestion = 1 << 12;
  if (steps_left_ > 0 && interrupted_ && steps_left_ % kStepsAQuestion == 0 && interrupted_()) {
    steps_left_ = 0;
  }
  if (steps_left_ == 0) return false;
  --steps_left_;
  return true;
}

bool World::step(Timestamp limit) {
  if (!may_step()) return false;
  if (turn_one_core()) {
    for (const auto& machine : machines_)
      if (!machine->power_.on && machine->power_.cut_before_write != UINT64_MAX)
        machine->cut_power();
    return true;
  }
  const Timestamp next = next_event();
  if (next.is_never() || next > limit) return false;
  now_ = std::max(now_, next);
  while (!events_.empty() && events_.begin()->first.first <= now_) {
    const std::function<void()> what = std::move(events_.begin()->second);
    events_.erase(events_.begin());
    what();
  }
  return true;
}

void World::run_until(Timestamp when) {
  while (step(when)) {
  }
  now_ = std::max(now_, when);
}

bool World::run_until_idle(Duration limit) {
  const Timestamp end = now_ + limit;
  while (step(end)) {
  }
  return !exhausted() && next_event().is_never();
}

bool World::run_until_true(const std::function<bool()>& predicate, Duration limit) {
  const Timestamp end = now_ + limit;
  while (!predicate()) {
    if (!step(end)) return false;
  }
  return true;
}

}  // namespace keel::sim
