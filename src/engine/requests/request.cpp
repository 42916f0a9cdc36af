#include "engine/requests/request.hpp"

#include "base/hash/sha256.hpp"

namespace keel::engine {

namespace {
struct DigestHead {
  std::uint64_t principal;
  std::uint64_t expected_revision;
  std::uint32_t type;
  std::uint16_t schema_version;
  std::uint16_t has_expected_revision;
};
}  // namespace

Digest command_digest(const kernel::Command& command) {
  const DigestHead head{
      .principal = command.principal.value(),
      .expected_revision = command.expected_revision.value_or(Position{}).value(),
      .type = command.type.value(),
      .schema_version = command.schema_version.value(),
      .has_expected_revision = command.expected_revision.has_value(),
  };
  return sha256({object_bytes(head), command.payload});
}

Result<Answer> Request::take() {
  if (error.has_value()) return *std::move(error);
  return std::move(answer);
}

void RequestQueue::push(Request& request) noexcept {
  KEEL_ASSERT(request.next_ == nullptr);
  (last_ == nullptr ? first_ : last_->next_) = &request;
  last_ = &request;
  ++size_;
}

Request* RequestQueue::pop() noexcept {
  if (first_ == nullptr) return nullptr;
  Request* request = first_;
  first_ = request->next_;
  if (first_ == nullptr) last_ = nullptr;
  request->next_ = nullptr;
  --size_;
  return request;
}

}  // namespace keel::engine
