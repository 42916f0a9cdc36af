#include "sim/world/medium.hpp"

#include <set>

namespace keel::sim {
namespace {

std::string_view parent_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash);
}

std::string_view without_trailing_slash(std::string_view path) {
  while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  return path;
}

// A directory is what the paths of its files begin with.
template <typename Directory>
void move_below(Directory& directory, const std::string& from, const std::string& to) {
  for (auto it = directory.lower_bound(from);
       it != directory.end() && it->first.starts_with(from);) {
    auto moved = directory.extract(it++);
    moved.key() = to + moved.key().substr(from.size());
    directory.insert(std::move(moved));
  }
}

// Calls visit(offset, part) for the parts of a range that lie in one unit each.
template <typename Bytes, typename Visit>
void for_each_unit(std::uint64_t offset_bytes, Bytes bytes, std::size_t unit, Visit&& visit) {
  while (!bytes.empty()) {
    const std::size_t room = unit - static_cast<std::size_t>(offset_bytes % unit);
    const auto part = bytes.first(std::min(room, bytes.size()));
    visit(offset_bytes, part);
    offset_bytes += part.size();
    bytes = bytes.subspan(part.size());
  }
}

}  // namespace

void Medium::Content::write(std::uint64_t offset_bytes, ByteView from) {
  for_each_unit(offset_bytes, from, kPageBytes, [&](std::uint64_t at, ByteView part) {
    Page& page = pages[at / kPageBytes];
    std::copy(part.begin(), part.end(),
              page.begin() + static_cast<std::ptrdiff_t>(at % kPageBytes));
  });
  size_bytes = std::max(size_bytes, offset_bytes + from.size());
}

void Medium::Content::read(std::uint64_t offset_bytes, ByteSpan into) const {
  for_each_unit(offset_bytes, into, kPageBytes, [&](std::uint64_t at, ByteSpan part) {
    const auto page = pages.find(at / kPageBytes);
    if (page == pages.end()) {
      std::fill(part.begin(), part.end(), std::byte{0});
      return;
    }
    const ByteView content(page->second);
    const ByteView from = content.subspan(at % kPageBytes, part.size());
    std::copy(from.begin(), from.end(), part.begin());
  });
}

void Medium::Content::resize(std::uint64_t to_bytes) {
  if (to_bytes < size_bytes) {
    const std::uint64_t first_gone = (to_bytes + kPageBytes - 1) / kPageBytes;
    pages.erase(pages.lower_bound(first_gone), pages.end());
    const auto last = pages.find(to_bytes / kPageBytes);
    if (last != pages.end())
      std::fill(last->second.begin() + static_cast<std::ptrdiff_t>(to_bytes % kPageBytes),
                last->second.end(), std::byte{0});
  }
  size_bytes = to_bytes;
}

std::shared_ptr<Medium::Node> Medium::find(std::string_view path) const {
  const auto found = visible_.find(std::string(path));
  return found == visible_.end() ? nullptr : found->second;
}

std::shared_ptr<Medium::Node> Medium::create(std::string_view path) {
  auto node = std::make_shared<Node>();
  changes_.push_back({Change::create, std::string(path), {}, node});
  apply(changes_.back(), visible_);
  return node;
}

void Medium::remove(std::string_view path) {
  changes_.push_back({Change::remove, std::string(path), {}, nullptr});
  apply(changes_.back(), visible_);
}

void Medium::rename(std::string_view from, std::string_view to) {
  std::ranges::replace(directories_, std::string(from), std::string(to));
  changes_.push_back({Change::rename, std::string(from), std::string(to), nullptr});
  apply(changes_.back(), visible_);
}

void Medium::apply(const PendingChange& change, Directory& directory) {
  switch (change.change) {
    case Change::create:
      directory[change.path] = change.node;
      return;
    case Change::remove:
      directory.erase(change.path);
      return;
    case Change::rename: {
      auto moved = directory.extract(change.path);
      if (!moved.empty()) directory[change.to] = std::move(moved.mapped());
      move_below(directory, change.path + '/', change.to + '/');
      return;
    }
  }
}

void Medium::sync_directory(std::string_view directory) {
  directory = without_trailing_slash(directory);
  std::vector<PendingChange> rest;
  for (PendingChange& change : changes_) {
    if (parent_of(change.path) == directory) {
      apply(change, durable_);
    } else {
      rest.push_back(std::move(change));
    }
  }
  changes_ = std::move(rest);
}

bool Medium::has_directory(std::string_view path) const {
  return std::ranges::find(directories_, without_trailing_slash(path)) != directories_.end();
}

void Medium::make_directory(std::string_view path) {
  path = without_trailing_slash(path);
  for (std::string_view part = path; !part.empty() && !has_directory(part); part = parent_of(part))
    directories_.emplace_back(part);
}

std::vector<std::string> Medium::list(std::string_view directory) const {
  directory = without_trailing_slash(directory);
  std::vector<std::string> names;
  for (const auto& [path, node] : visible_)
    if (parent_of(path) == directory) names.push_back(path.substr(directory.size() + 1));
  for (const std::string& path : directories_)
    if (parent_of(path) == directory && path.size() > directory.size())
      names.push_back(path.substr(directory.size() + 1));
  std::ranges::sort(names);
  return names;
}

std::uint64_t Medium::used_bytes() const {
  std::uint64_t total = 0;
  for (const auto& [path, node] : visible_) total += node->visible.size_bytes;
  return total;
}

std::uint64_t Medium::begin_write(Node& node, std::uint64_t offset_bytes, ByteView from) {
  node.visible.write(offset_bytes, from);
  node.pending.push_back({node.next_number, offset_bytes, Bytes(from.begin(), from.end()), false});
  return node.next_number++;
}

void Medium::end_write(Node& node, std::uint64_t number) {
  for (PendingWrite& write : node.pending)
    if (write.number == number) write.ended = true;
}

void Medium::commit_write(Node& node, std::uint64_t number) {
  std::vector<PendingWrite> committed;
  std::erase_if(node.pending, [&](PendingWrite& write) {
    if (write.number != number) return false;
    committed.push_back(std::move(write));
    return true;
  });
  for (const PendingWrite& write : committed) {
    node.durable.write(write.offset_bytes, write.bytes);
    supersede(node, write);
  }
}

void Medium::supersede(Node& node, const PendingWrite& newer) {
  std::vector<PendingWrite> left;
  for (PendingWrite& older : node.pending) {
    const std::uint64_t end = older.offset_bytes + older.bytes.size();
    const std::uint64_t newer_end = newer.offset_bytes + newer.bytes.size();
    if (older.number > newer.number || newer_end <= older.offset_bytes ||
        newer.offset_bytes >= end) {
      left.push_back(std::move(older));
      continue;
    }
    const auto keep = [&](std::uint64_t from, std::uint64_t to) {
      if (from >= to) return;
      const ByteView part = ByteView(older.bytes).subspan(from - older.offset_bytes, to - from);
      left.push_back({older.number, from, Bytes(part.begin(), part.end()), older.ended});
    };
    keep(older.offset_bytes, std::min(end, newer.offset_bytes));
    keep(std::max(older.offset_bytes, newer_end), end);
  }
  node.pending = std::move(left);
}

std::vector<std::uint64_t> Medium::begin_sync(const Node& node) const {
  std::vector<std::uint64_t> numbers;
  for (const PendingWrite& write : node.pending)
    if (write.ended) numbers.push_back(write.number);
  return numbers;
}

void Medium::end_sync(Node& node, const std::vector<std::uint64_t>& numbers) {
  for (std::uint64_t number : numbers) commit_write(node, number);
  node.durable.resize(node.visible.size_bytes);
}

void Medium::fail_sync(Node& node, const std::vector<std::uint64_t>& numbers) {
  counts_.count(Fault::sync_failed);
  const std::set<std::uint64_t> chosen(numbers.begin(), numbers.end());
  std::erase_if(node.pending, [&](const PendingWrite& write) {
    if (!chosen.contains(write.number)) return false;
    settle(node, write);
    return true;
  });
}

Medium::Settled Medium::settle(Node& node, const PendingWrite& write) {
  Settled settled;
  for_each_unit(
      write.offset_bytes, ByteView(write.bytes), kPageBytes,
      [&](std::uint64_t at, ByteView page) { settle_page(node.durable, at, page, settled); });
  return settled;
}

void Medium::settle_page(Content& durable, std::uint64_t offset_bytes, ByteView page,
                         Settled& settled) {
  if (random_.draw(faults_.page_dropped)) {
    counts_.count(Fault::page_dropped);
    settled.dropped = true;
  } else if (random_.draw(faults_.page_torn)) {
    counts_.count(Fault::page_torn);
    for_each_unit(offset_bytes, page, kSectorBytes, [&](std::uint64_t at, ByteView sector) {
      if (random_.draw(Chance::percent(50))) durable.write(at, sector);
    });
  } else if (random_.draw(faults_.page_corrupted)) {
    counts_.count(Fault::page_corrupted);
    Bytes garbage(page.size());
    random_.fill(garbage);
    durable.write(offset_bytes, garbage);
  } else {
    durable.write(offset_bytes, page);
    settled.kept = true;
  }
}

void Medium::power_cut() {
  counts_.count(Fault::power_cut);
  const std::size_t kept = changes_.empty() ? 0 : random_.below(changes_.size() + 1);
  for (std::size_t i = 0; i < changes_.size(); ++i) {
    if (i < kept) {
      apply(changes_.at(i), durable_);
    } else {
      counts_.count(Fault::metadata_dropped);
    }
  }
  changes_.clear();
  std::set<Node*> nodes;
  for (const auto& [path, node] : durable_) nodes.insert(node.get());
  for (const auto& [path, node] : durable_) {  // by path: in an order that addresses do not decide
    if (nodes.erase(node.get()) == 0) continue;
    bool earlier_dropped = false;
    for (const PendingWrite& write : node->pending) {
      const Settled settled = settle(*node, write);
      if (earlier_dropped && settled.kept) counts_.count(Fault::write_reordered);
      earlier_dropped = earlier_dropped || settled.dropped;
    }
    node->pending.clear();
    if (node->durable.size_bytes != node->visible.size_bytes) {
      if (random_.draw(Chance::percent(50))) {
        node->durable.resize(node->visible.size_bytes);
      } else {
        counts_.count(Fault::size_dropped);
      }
    }
    node->visible = node->durable;
  }
  visible_ = durable_;
}

void Medium::write_back() {
  for (const PendingChange& change : changes_) apply(change, durable_);
  changes_.clear();
  for (const auto& [path, node] : durable_) end_sync(*node, begin_sync(*node));
}

void Medium::flip_bit(std::string_view path, std::uint64_t offset_bytes, unsigned bit) {
  const auto node = find(path);
  KEEL_ASSERT(node != nullptr && offset_bytes < node->durable.size_bytes && bit < 8);
  std::array<std::byte, 1> byte{};
  node->durable.read(offset_bytes, byte);
  byte.front() ^= std::byte{1} << bit;
  node->durable.write(offset_bytes, byte);
  node->visible.write(offset_bytes, byte);
}

}  // namespace keel::sim
