// Mutates inputs of protocols made of CR LF lines by whole lines, half of the time: repeats one
// elsewhere, removes one. Byte by byte, the fuzzer would need luck to make a second header of a
// name. Only built with libFuzzer.

#include <algorithm>
#include <string>
#include <vector>

#include "fuzz/fuzz_target.hpp"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t max_size, unsigned int seed);

namespace keel::fuzz {
namespace {

// Where lines begin, and the end of the last one.
std::vector<std::size_t> line_starts(std::string_view text) {
  std::vector<std::size_t> starts{0};
  for (std::size_t at = text.find("\r\n"); at != std::string_view::npos;
       at = text.find("\r\n", at + 2)) {
    starts.push_back(at + 2);
  }
  return starts;
}

std::string mutate_lines(std::string text, Random& random) {
  const std::vector<std::size_t> starts = line_starts(text);
  if (starts.size() < 2) return text;
  const std::size_t chosen = random.up_to(starts.size() - 2);
  const std::string line = text.substr(starts[chosen], starts[chosen + 1] - starts[chosen]);
  if (random.up_to(3) == 0) {
    text.erase(starts[chosen], line.size());
  } else {
    text.insert(starts[random.up_to(starts.size() - 1)], line);
  }
  return text;
}

}  // namespace
}  // namespace keel::fuzz

std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                    unsigned int seed) {
  keel::fuzz::Random random(seed);
  if (random.up_to(1) == 0) return LLVMFuzzerMutate(data, size, max_size);
  const std::span<std::uint8_t> space(data, max_size);
  const auto input = space.first(size);
  const std::string text =
      keel::fuzz::mutate_lines(std::string(input.begin(), input.end()), random);
  const std::size_t mutated = std::min(text.size(), max_size);
  std::copy_n(text.begin(), mutated, space.begin());
  return mutated;
}
