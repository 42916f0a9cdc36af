// Who wants a message: subscriptions by topic filter, and the query that visits those that match a
// topic, in one order on every machine. Bounded; nothing recurses.
//
// Each subscriber is visited once, with what its overlapping subscriptions say together: the
// greatest quality of service, and every subscription identifier, ascending [MQTT-3.3.4-2]
// [MQTT-3.3.4-3]. Each group of a shared subscription is visited with its members, of which the
// owner picks one.
//
// One tree is used on one core. A visitor must not change it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/strong_id.hpp"
#include "wire/mqtt/topic/topic.hpp"

namespace keel::mqtt {

// The owner's number of a session.
using SubscriberId = StrongId<struct SubscriberTag, std::uint64_t>;

// What a subscription asks for, but its filter.
struct SubscriptionTerms {
  std::uint8_t qos = 0;
  bool no_local = false;
  bool retain_as_published = false;
  std::uint32_t identifier = 0;  // 0: none

  friend bool operator==(const SubscriptionTerms&, const SubscriptionTerms&) = default;
};

struct Subscriber {
  SubscriberId id;
  SubscriptionTerms terms;
};

// One subscriber, by all its ordinary subscriptions that match. The view is valid during the visit.
struct Match {
  SubscriberId subscriber;
  std::uint8_t qos = 0;
  bool retain_as_published = false;  // one of them asks for it
  std::span<const std::uint32_t> identifiers;
};

// One shared subscription that matches; its members ascend by id and are never none. Views are
// valid during the visit.
struct SharedMatch {
  std::string_view group;
  std::string_view filter;
  std::span<const Subscriber> members;
};

class SubscriptionTree {
 public:
  // Bounds the memory of the whole tree; a session's own bound is its owner's.
  struct Bounds {
    std::size_t nodes = 1'000'000;
    std::size_t subscriptions = 1'000'000;
  };

  SubscriptionTree() : SubscriptionTree(Bounds()) {}
  explicit SubscriptionTree(const Bounds& bounds);

  // True when it is new, false when it replaces one of the same filter and subscriber
  // [MQTT-3.8.4-3]. kTooManySubscriptions.
  Result<bool> add(const ParsedFilter& filter, const Subscriber& subscriber);
  // False when there was none [MQTT-3.10.4-1].
  bool remove(const ParsedFilter& filter, SubscriberId subscriber);

  // Visits each subscriber that matches, ascending. Ordinary subscriptions with no-local of the
  // `publisher` itself do not match [MQTT-3.8.3-3].
  void visit(std::string_view topic, SubscriberId publisher,
             const std::function<void(const Match&)>& visitor);
  // Visits each shared subscription that matches, in the order of the tree.
  void visit_shared(std::string_view topic, const std::function<void(const SharedMatch&)>& visitor);

  std::size_t size() const noexcept { return subscriptions_; }
  // Of them, those of groups: none, and visit_shared() has nobody to visit.
  std::size_t shared() const noexcept { return shared_; }
  std::size_t nodes() const noexcept { return nodes_.size() - free_.size(); }

 private:
  using NodeIndex = std::uint32_t;
  using Members = std::vector<Subscriber>;  // ascending by id

  struct Shared {
    std::string filter;
    Members members;
  };
  struct Node {
    NodeIndex parent = 0;
    std::string level;
    std::map<std::string, NodeIndex, std::less<>> children;
    Members members;
    std::map<std::string, Shared, std::less<>> groups;

    bool is_bare() const noexcept { return children.empty() && members.empty() && groups.empty(); }
  };
  // A node, and where in the topic its children are to be looked for.
  struct Place {
    NodeIndex node = 0;
    std::size_t at = 0;
  };

  static constexpr NodeIndex kRoot = 0;

  NodeIndex find(std::string_view filter) const;
  Result<NodeIndex> find_or_make(std::string_view filter);
  NodeIndex child_of(NodeIndex node, std::string_view level) const;
  NodeIndex make_child(NodeIndex parent, std::string_view level);
  void prune(NodeIndex node);
  // Fills matched_ with the nodes whose filters match.
  void match(std::string_view topic);
  void descend(NodeIndex from, std::string_view level, std::size_t at, bool wild);
  void visit_merged(const std::function<void(const Match&)>& visitor);

  Bounds bounds_;
  std::vector<Node> nodes_;
  std::vector<NodeIndex> free_;
  std::size_t subscriptions_ = 0;
  std::size_t shared_ = 0;
  // Kept between queries so that they do not allocate.
  std::vector<Place> places_;
  std::vector<NodeIndex> matched_;
  std::vector<Subscriber> found_;
  std::vector<std::uint32_t> identifiers_;
};

}  // namespace keel::mqtt
