#include "sim/world/fabric.hpp"

#include "runtime/errors.hpp"

namespace keel::sim {

using runtime::Task;
using runtime::Wait;

namespace {
constexpr std::size_t kWindowBytes = 256 * 1024;
constexpr std::size_t kReceiveBytes = 16 * 1024;
}  // namespace

// One direction. `readable` belongs to the reader's core and `writable` to the writer's.
struct Pipe {
  Pipe(runtime::Core& writer, runtime::Core& reader) : writable(writer), readable(reader) {}

  std::deque<std::byte> arrived;
  std::size_t travelling_bytes = 0;
  Timestamp last_arrival{};
  bool finished = false;     // the writer will send no more
  bool end_arrived = false;  // and the reader may know
  bool reader_gone = false;
  runtime::Notification writable;
  runtime::Notification readable;
};

struct Link {
  // Direction 0 runs from the end that connected to the end that accepted.
  Link(runtime::Core& connecting, runtime::Core& accepting)
      : pipes{Pipe(connecting, accepting), Pipe(accepting, connecting)} {}

  void cut() {
    is_cut = true;
    for (Pipe& pipe : pipes) {
      pipe.writable.set();
      pipe.readable.set();
    }
  }

  std::array<Pipe, 2> pipes;
  std::array<std::string, 2> machines;
  bool is_cut = false;
};

void Fabric::cut_all(const std::string& machine) {
  for (const std::weak_ptr<Link>& weak : links_) {
    const std::shared_ptr<Link> link = weak.lock();
    if (link && std::ranges::find(link->machines, machine) != link->machines.end()) link->cut();
  }
  std::erase_if(links_, [](const std::weak_ptr<Link>& link) { return link.expired(); });
}

Duration Fabric::latency() {
  const Duration delay = random_.between(faults_.latency_low, faults_.latency_high);
  if (!random_.draw(faults_.slow)) return delay;
  counts_.count(Fault::slow_network);
  return Duration{delay.ns * 100};
}

// Empty bytes are the end of the stream.
void Fabric::deliver(const std::shared_ptr<Link>& link, std::size_t direction, Bytes bytes) {
  Pipe& pipe = link->pipes.at(direction);
  pipe.travelling_bytes += bytes.size();
  pipe.last_arrival = std::max(pipe.last_arrival, schedule_.now() + latency());
  schedule_.at(pipe.last_arrival, [this, link, direction, bytes = std::move(bytes)] {
    Pipe& to = link->pipes.at(direction);
    to.travelling_bytes -= bytes.size();
    if (link->is_cut) return;
    if (random_.draw(faults_.connection_cut)) {
      counts_.count(Fault::connection_cut);
      link->cut();
      return;
    }
    if (bytes.empty()) to.end_arrived = true;
    to.arrived.insert(to.arrived.end(), bytes.begin(), bytes.end());
    to.readable.set();
  });
}

class SimulatedConnection final : public runtime::Connection, private runtime::Received::Owner {
 public:
  SimulatedConnection(Fabric& fabric, std::shared_ptr<Link> link, std::size_t end, std::string peer)
      : fabric_(fabric), link_(std::move(link)), end_(end), peer_(std::move(peer)) {}

  ~SimulatedConnection() override {
    KEEL_ASSERT(lent_.empty());  // every Received has been given back
    in().reader_gone = true;
    in().writable.set();
    finish();
  }

  Task<Result<runtime::Received>> receive(Wait wait) override {
    for (;;) {
      if (link_->is_cut) co_return runtime::kConnectionLost;
      if (!in().arrived.empty()) co_return lend();
      if (in().end_arrived) co_return runtime::Received();
      in().readable.reset();
      KEEL_CO_TRY(co_await in().readable.wait(wait));
    }
  }

  Task<Result<>> send(std::span<const ByteView> parts, Wait wait) override {
    for (const ByteView part : parts) {
      ByteView rest = part;
      while (!rest.empty()) {
        if (link_->is_cut || out().reader_gone) co_return runtime::kConnectionLost;
        KEEL_ASSERT(!out().finished);
        const std::size_t used = out().travelling_bytes + out().arrived.size();
        if (used >= kWindowBytes) {
          out().writable.reset();
          KEEL_CO_TRY(co_await out().writable.wait(wait));
          continue;
        }
        const ByteView piece = rest.first(std::min(rest.size(), kWindowBytes - used));
        fabric_.deliver(link_, end_, Bytes(piece.begin(), piece.end()));
        rest = rest.subspan(piece.size());
      }
    }
    co_return success();
  }

  Task<Result<>> finish_sending(Wait) override {
    finish();
    co_return success();
  }
  void cut() noexcept override { link_->cut(); }
  const std::string& peer() const noexcept override { return peer_; }

 private:
  Pipe& out() { return link_->pipes.at(end_); }
  Pipe& in() { return link_->pipes.at(1 - end_); }

  void finish() {
    if (out().finished) return;
    out().finished = true;
    if (!link_->is_cut) fabric_.deliver(link_, end_, {});
  }

  runtime::Received lend() {
    std::size_t count = std::min(in().arrived.size(), kReceiveBytes);
    if (count > 1 && fabric_.random_.draw(fabric_.faults_.receive_split)) {
      fabric_.counts_.count(Fault::receive_split);
      count = 1 + fabric_.random_.below(count - 1);
    }
    const auto end = in().arrived.begin() + static_cast<std::ptrdiff_t>(count);
    const std::uint32_t token = next_token_++;
    const Bytes& bytes = lent_.emplace(token, Bytes(in().arrived.begin(), end)).first->second;
    in().arrived.erase(in().arrived.begin(), end);
    in().writable.set();
    return runtime::Received(bytes, this, token);
  }
  void give_back(std::uint32_t token) noexcept override { lent_.erase(token); }

  Fabric& fabric_;
  std::shared_ptr<Link> link_;  // shared: see Link
  std::size_t end_;             // 0: the end that connected
  std::string peer_;
  std::map<std::uint32_t, Bytes> lent_;
  std::uint32_t next_token_ = 1;
};

class SimulatedListener final : public runtime::Listener {
 public:
  SimulatedListener(runtime::Core& core, Fabric& fabric, std::pair<std::string, std::uint16_t> at,
                    std::size_t backlog)
      : core_(core), fabric_(fabric), at_(std::move(at)), backlog_(backlog), waiting_(core) {
    fabric_.listeners_[at_] = this;
  }
  ~SimulatedListener() override { fabric_.listeners_.erase(at_); }

  Task<Result<std::unique_ptr<runtime::Connection>>> accept(Wait wait) override {
    while (queue_.empty()) {
      waiting_.reset();
      KEEL_CO_TRY(co_await waiting_.wait(wait));
    }
    std::unique_ptr<runtime::Connection> connection = std::move(queue_.front());
    queue_.pop_front();
    co_return connection;
  }
  std::uint16_t port() const noexcept override { return at_.second; }

  runtime::Core& core() noexcept { return core_; }
  bool full() const noexcept { return queue_.size() >= backlog_; }
  void add(std::unique_ptr<runtime::Connection> connection) {
    queue_.push_back(std::move(connection));
    waiting_.set();
  }

 private:
  runtime::Core& core_;
  Fabric& fabric_;
  std::pair<std::string, std::uint16_t> at_;
  std::size_t backlog_;
  runtime::Notification waiting_;
  std::deque<std::unique_ptr<runtime::Connection>> queue_;
};

std::string SimulatedNetwork::resolve(const std::string& address) const {
  return address == "127.0.0.1" || address == "0.0.0.0" || address == "::1" ? machine_ : address;
}

Task<Result<std::unique_ptr<runtime::Listener>>> SimulatedNetwork::listen(runtime::Endpoint at,
                                                                          int backlog) {
  if (!power_.on) co_return Error(runtime::kListenFailed, "the power is off");
  const std::string machine = resolve(at.address);
  const std::uint16_t port = at.port != 0 ? at.port : fabric_.next_port_++;
  if (fabric_.listeners_.contains({machine, port}))
    co_return Error(runtime::kAddressInUse, machine + ":" + std::to_string(port) + " is in use");
  co_return std::make_unique<SimulatedListener>(core_, fabric_, std::pair(machine, port),
                                                static_cast<std::size_t>(backlog));
}

Task<Result<std::unique_ptr<runtime::Connection>>> SimulatedNetwork::connect(runtime::Endpoint to,
                                                                             Wait wait) {
  KEEL_CO_TRY(co_await core_.sleep_until(core_.now() + fabric_.latency(), wait));
  if (!power_.on) co_return Error(runtime::kConnectFailed, "the power is off");
  const std::string machine = resolve(to.address);
  const auto found = fabric_.listeners_.find({machine, to.port});
  if (found == fabric_.listeners_.end() || found->second->full())
    co_return Error(runtime::kConnectFailed, machine + ":" + std::to_string(to.port) + " refuses");
  SimulatedListener& listener = *found->second;
  auto link = std::make_shared<Link>(core_, listener.core());
  link->machines = {machine_, machine};
  fabric_.links_.push_back(link);
  const std::uint16_t port = fabric_.next_port_++;
  listener.add(std::make_unique<SimulatedConnection>(fabric_, link, 1,
                                                     machine_ + ":" + std::to_string(port)));
  co_return std::make_unique<SimulatedConnection>(fabric_, link, 0,
                                                  machine + ":" + std::to_string(to.port));
}

}  // namespace keel::sim
