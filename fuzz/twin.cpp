// Documents of twins: two of them in one input, parted by a zero byte. What must hold for any
// bytes:
//   1. What is accepted is within its bounds, and read again from its written form it is the same
//      to the byte; so it is from its stored form.
//   2. Merged into itself it is as it was, without its nulls; a patch applied twice does what it
//      does once.
//   3. What a device lacks, merged into what it reports, leaves nothing that it lacks.
//   4. What is refused is refused with a place.

#include "fuzz/fuzz_target.hpp"
#include "modules/devices/errors.hpp"
#include "modules/devices/twin/json_text.hpp"
#include "modules/devices/twin/merge.hpp"
#include "modules/devices/twin/read_json.hpp"
#include "modules/devices/twin/stored.hpp"

namespace keel::fuzz {
namespace {

using devices::Node;

constexpr devices::TwinLimits kLimits{.bytes = 4'096, .depth = 8, .keys = 64};
constexpr Timestamp kAt{17};

Result<Node> read(std::string_view json) {
  const Result<Node> node = devices::read_document(json, kLimits);
  if (!node.ok()) {
    const Error& error = node.error();
    KEEL_ASSERT(error.is(devices::kBadDocument) || error.is(devices::kTooLarge));
    KEEL_ASSERT(!error.detail().empty());
    return node;
  }
  const std::string written = json_of(*node);
  const devices::TwinSize size = size_of(*node);
  KEEL_ASSERT(size.bytes == written.size() && size.bytes <= kLimits.bytes);
  KEEL_ASSERT(size.depth <= kLimits.depth && size.keys <= kLimits.keys);
  const Result<Node> again = devices::read_document(written, kLimits);
  KEEL_ASSERT(again.ok() && json_of(*again) == written);
  KEEL_ASSERT(json_of(devices::from_stored_form(devices::stored_form(*node))) == written);
  return node;
}

std::string merged(Node target, const Node& patch, int times) {
  for (; times > 0; --times) merge(target, patch, kAt);
  return json_of(target);
}

void check_pair(const Node& one, const Node& other) {
  KEEL_ASSERT(merged(one, other, 1) == merged(one, other, 2));
  Node desired;
  merge(desired, one, kAt);
  KEEL_ASSERT(merged(desired, desired, 1) == json_of(desired));
  Node reported;
  merge(reported, other, kAt);
  const Node lacks = delta_of(desired, reported);
  KEEL_ASSERT(lacks.members.empty() == is_same_value(delta_of(desired, reported), Node{}));
  merge(reported, lacks, kAt);
  KEEL_ASSERT(delta_of(desired, reported).members.empty());
  KEEL_ASSERT(delta_of(desired, desired).members.empty());
}

void check_input(std::string_view text) {
  const std::size_t middle = text.find('\0');
  const Result<Node> one = read(text.substr(0, middle));
  if (middle == std::string_view::npos) return;
  const Result<Node> other = read(text.substr(middle + 1));
  if (one.ok() && other.ok()) check_pair(*one, *other);
}

}  // namespace
}  // namespace keel::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  keel::fuzz::check_input(keel::as_text(keel::fuzz::input_bytes(data, size)));
  return 0;
}
