#include "node/node.hpp"

#include "engine/requests/authorizer.hpp"
#include "node/access/token.hpp"
#include "runtime/scope.hpp"

namespace keel::node {

using runtime::Task;

namespace {

// The operator may do everything; nobody else is known yet.
class OperatorOnly final : public engine::Authorizer {
 public:
  Result<> authorize(PrincipalId principal, const kernel::Command&) const override {
    return decide(principal);
  }
  Result<> authorize(PrincipalId principal, const kernel::Query&) const override {
    return decide(principal);
  }
  Result<> authorize_reading(PrincipalId principal, std::optional<TenantId>) const override {
    return decide(principal);
  }
  Result<> authorize_personal(PrincipalId principal, const kernel::Subject&) const override {
    return decide(principal);
  }

 private:
  static Result<> decide(PrincipalId principal) {
    if (principal != kOperator.principal) return engine::kNotAllowed;
    return success();
  }
};

// From the network's core: one head at a time, and the stop.
constexpr std::size_t kOrders = 4;

}  // namespace

// What the cells ask and tell the node.
class Node::Parts final : public NodeCellWatcher {
 public:
  explicit Parts(Node& node) : node_(node) {}

  const engine::Authorizer& authorizer() const noexcept { return authorizer_; }

  void opened(const NodeCell&) override {
    const auto serves = [](const std::unique_ptr<NodeCell>& cell) { return cell->is_ready(); };
    if (std::ranges::all_of(node_.cells_, serves)) node_.watcher_.ready();
  }
  void failed(const NodeCell&, const Error& why, bool again) override {
    node_.watcher_.failed(why, again);
  }

 private:
  Node& node_;
  OperatorOnly authorizer_;
};

Node::Node(Cores cores, NodeOptions options, const servers::Authenticator& authenticator,
           NodeWatcher& watcher, log::Logger& logger)
    : cores_(cores),
      options_(std::move(options)),
      authenticator_(authenticator),
      watcher_(watcher),
      log_(logger),
      parts_(std::make_unique<Parts>(*this)),
      orders_(cores.cell, kOrders),
      words_(cores.network, NodeOptions::kMostCells) {
  KEEL_ASSERT(options_.cells.size() <= NodeOptions::kMostCells);
  for (const NodeCellOptions& each : options_.cells)
    cells_.push_back(
        std::make_unique<NodeCell>(cores_.cell, each, parts_->authorizer(), *parts_, log_));
  KEEL_ASSERT(cell(kMoney) != nullptr);
}

Node::~Node() = default;

NodeCell* Node::cell(std::string_view name) noexcept {
  const auto found = std::ranges::find(cells_, name, &NodeCell::name);
  return found == cells_.end() ? nullptr : found->get();
}

Task<> Node::obey(Node* node, runtime::Wait wait) {
  for (;;) {
    const Result<Order> order = co_await node->orders_.pop(wait);
    if (!order.ok()) co_return;
    if (*order == Order::stop) break;
    node->cell(kMoney)->ask_for_head();
  }
  for (const std::unique_ptr<NodeCell>& each : node->cells_) co_await each->stop();
}

Task<> Node::run_cell(Node* node, NodeCell* cell) {
  co_await cell->run();
  // All end when one does: the network tells the others.
  static_cast<void>(node->words_.try_push(Word::ended));
  co_await cell->drain();
}

Task<> Node::run_cells() {
  runtime::Scope orders(cores_.cell);
  orders.spawn(&Node::obey, this, orders.wait());
  runtime::Scope running(cores_.cell);
  for (const std::unique_ptr<NodeCell>& each : cells_)
    running.spawn(&Node::run_cell, this, each.get());
  co_await running.join();
  co_await orders.cancel_and_join();
}

}  // namespace keel::node
