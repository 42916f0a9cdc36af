#include "wire/mqtt/topic/subscription_tree.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "wire/mqtt/topic/errors.hpp"

namespace keel::mqtt {
namespace {

constexpr std::uint32_t kNone = 0xffff'ffff;

bool comes_before(const Subscriber& left, const Subscriber& right) {
  if (left.id != right.id) return left.id < right.id;
  return left.terms.identifier < right.terms.identifier;
}

}  // namespace

SubscriptionTree::SubscriptionTree(const Bounds& bounds) : bounds_(bounds), nodes_(1) {
  KEEL_ASSERT(bounds.nodes < kNone);
}

SubscriptionTree::NodeIndex SubscriptionTree::child_of(NodeIndex node,
                                                       std::string_view level) const {
  const auto& children = nodes_[node].children;
  const auto child = children.find(level);
  return child == children.end() ? kNone : child->second;
}

SubscriptionTree::NodeIndex SubscriptionTree::make_child(NodeIndex parent, std::string_view level) {
  NodeIndex index;
  if (free_.empty()) {
    index = static_cast<NodeIndex>(nodes_.size());
    nodes_.emplace_back();
  } else {
    index = free_.back();
    free_.pop_back();
  }
  nodes_[index].parent = parent;
  nodes_[index].level = level;
  nodes_[parent].children.emplace(level, index);
  return index;
}

SubscriptionTree::NodeIndex SubscriptionTree::find(std::string_view filter) const {
  NodeIndex node = kRoot;
  LevelReader levels(filter);
  while (!levels.done() && node != kNone) node = child_of(node, levels.next());
  return node;
}

Result<SubscriptionTree::NodeIndex> SubscriptionTree::find_or_make(std::string_view filter) {
  NodeIndex node = kRoot;
  LevelReader levels(filter);
  while (!levels.done()) {
    const std::string_view level = levels.next();
    NodeIndex child = child_of(node, level);
    if (child == kNone) {
      if (nodes() >= bounds_.nodes) {
        prune(node);
        return kTooManySubscriptions;
      }
      child = make_child(node, level);
    }
    node = child;
  }
  return node;
}

// Takes away nodes that hold nothing, from here up.
void SubscriptionTree::prune(NodeIndex node) {
  while (node != kRoot && nodes_[node].is_bare()) {
    const NodeIndex parent = nodes_[node].parent;
    nodes_[parent].children.erase(nodes_[node].level);
    nodes_[node] = Node();
    free_.push_back(node);
    node = parent;
  }
}

Result<bool> SubscriptionTree::add(const ParsedFilter& filter, const Subscriber& subscriber) {
  if (subscriptions_ >= bounds_.subscriptions) {
    // Full: what is there already may still be replaced.
    const NodeIndex known = find(filter.filter);
    if (known == kNone) return kTooManySubscriptions;
  }
  const NodeIndex index = KEEL_TRY(find_or_make(filter.filter));
  Node& node = nodes_[index];
  Members* members = &node.members;
  if (filter.is_shared()) {
    Shared& shared = node.groups[std::string(filter.group)];
    shared.filter = filter.filter;
    members = &shared.members;
  }
  const auto place = std::ranges::lower_bound(*members, subscriber.id, {}, &Subscriber::id);
  if (place != members->end() && place->id == subscriber.id) {
    place->terms = subscriber.terms;
    return false;
  }
  if (subscriptions_ >= bounds_.subscriptions) {
    if (filter.is_shared() && members->empty()) node.groups.erase(node.groups.find(filter.group));
    prune(index);
    return kTooManySubscriptions;
  }
  members->insert(place, subscriber);
  ++subscriptions_;
  shared_ += filter.is_shared() ? 1 : 0;
  return true;
}

bool SubscriptionTree::remove(const ParsedFilter& filter, SubscriberId subscriber) {
  const NodeIndex index = find(filter.filter);
  if (index == kNone) return false;
  Node& node = nodes_[index];
  const auto group = node.groups.find(filter.group);
  if (filter.is_shared() && group == node.groups.end()) return false;
  Members& members = filter.is_shared() ? group->second.members : node.members;
  const auto place = std::ranges::lower_bound(members, subscriber, {}, &Subscriber::id);
  if (place == members.end() || place->id != subscriber) return false;
  members.erase(place);
  --subscriptions_;
  shared_ -= filter.is_shared() ? 1 : 0;
  if (filter.is_shared() && members.empty()) node.groups.erase(group);
  prune(index);
  return true;
}

// `at` is where the levels after this one begin; npos when it was the last.
void SubscriptionTree::descend(NodeIndex from, std::string_view level, std::size_t at, bool wild) {
  if (const NodeIndex child = child_of(from, level); child != kNone) places_.push_back({child, at});
  if (!wild) return;
  if (const NodeIndex child = child_of(from, "+"); child != kNone) places_.push_back({child, at});
}

// Each node is looked at once at most, so the work is bounded by the nodes of the tree.
void SubscriptionTree::match(std::string_view topic) {
  matched_.clear();
  places_.clear();
  places_.push_back({kRoot, 0});
  while (!places_.empty()) {
    const Place place = places_.back();
    places_.pop_back();
    const bool wild = place.node != kRoot || !is_hidden(topic);  // [MQTT-4.7.2-1]
    if (wild) {
      if (const NodeIndex rest = child_of(place.node, "#"); rest != kNone) matched_.push_back(rest);
    }
    if (place.at == std::string_view::npos) {
      matched_.push_back(place.node);
      continue;
    }
    const std::size_t slash = topic.find('/', place.at);
    const bool last = slash == std::string_view::npos;
    const std::string_view level =
        topic.substr(place.at, last ? std::string_view::npos : slash - place.at);
    descend(place.node, level, last ? std::string_view::npos : slash + 1, wild);
  }
}

void SubscriptionTree::visit(std::string_view topic, SubscriberId publisher,
                             const std::function<void(const Match&)>& visitor) {
  match(topic);
  found_.clear();
  std::size_t sources = 0;
  for (const NodeIndex index : matched_) {
    const Members& members = nodes_[index].members;
    sources += members.empty() ? 0 : 1;
    for (const Subscriber& member : members) {
      if (!member.terms.no_local || member.id != publisher) found_.push_back(member);
    }
  }
  // One node's members ascend already.
  if (sources > 1) std::ranges::sort(found_, comes_before);
  visit_merged(visitor);
}

void SubscriptionTree::visit_merged(const std::function<void(const Match&)>& visitor) {
  for (std::size_t at = 0; at < found_.size();) {
    Match merged{.subscriber = found_[at].id};
    identifiers_.clear();
    for (; at < found_.size() && found_[at].id == merged.subscriber; ++at) {
      const SubscriptionTerms& terms = found_[at].terms;
      merged.qos = std::max(merged.qos, terms.qos);
      merged.retain_as_published |= terms.retain_as_published;
      if (terms.identifier != 0) identifiers_.push_back(terms.identifier);
    }
    merged.identifiers = identifiers_;
    visitor(merged);
  }
}

void SubscriptionTree::visit_shared(std::string_view topic,
                                    const std::function<void(const SharedMatch&)>& visitor) {
  match(topic);
  for (const NodeIndex index : matched_) {
    for (const auto& [group, shared] : nodes_[index].groups) {
      visitor({.group = group, .filter = shared.filter, .members = shared.members});
    }
  }
}

}  // namespace keel::mqtt
