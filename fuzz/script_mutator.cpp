// Mutates scripts of operations (ledger.cpp) by whole operations, most of the time: repeats one
// elsewhere, with one of its first ids made another small number; removes one; or gives a field of
// one a small number. Byte by byte, the fuzzer would need luck to ask for the same thing under
// another id. Only built with libFuzzer.

#include <algorithm>
#include <vector>

#include "fuzz/fuzz_target.hpp"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t max_size, unsigned int seed);

namespace keel::fuzz {
namespace {

using Operation = std::vector<std::uint8_t>;  // with its head
constexpr std::size_t kHead = 3;
constexpr std::size_t kBatchHeader = 16;
constexpr std::size_t kRow = 128;
constexpr std::size_t kId = 16;
constexpr std::size_t kWord = 8;

std::vector<Operation> operations_of(std::span<const std::uint8_t> script) {
  std::vector<Operation> operations;
  while (script.size() > kHead) {
    const std::size_t payload = script[1] | std::size_t{script[2]} << 8;
    const std::size_t size = std::min(kHead + payload, script.size());
    const auto operation = script.first(size);
    operations.emplace_back(operation.begin(), operation.end());
    script = script.subspan(size);
  }
  return operations;
}

void put(Operation& operation, std::size_t at, std::size_t bytes, Random& random) {
  const auto field = std::span(operation).subspan(at, bytes);
  std::ranges::fill(field, std::uint8_t{0});
  field.front() = static_cast<std::uint8_t>(random.up_to(31));
}

// Puts a number below 32 where an id of a row of a batch, or another field of 16 bytes, stands; in
// a shorter payload, of a query, where a field of 8 bytes stands.
void put_small_number(Operation& operation, std::size_t fields, Random& random) {
  if (operation.size() >= kHead + kBatchHeader + kRow) {
    const std::size_t rows = (operation.size() - kHead - kBatchHeader) / kRow;
    const std::size_t row = kHead + kBatchHeader + random.up_to(rows - 1) * kRow;
    put(operation, row + random.up_to(fields - 1) * kId, kId, random);
  } else if (const std::size_t words = (operation.size() - kHead) / kWord; words > 0) {
    put(operation, kHead + random.up_to(words - 1) * kWord, kWord, random);
  }
}

void mutate(std::vector<Operation>& operations, Random& random) {
  const std::size_t chosen = random.up_to(operations.size() - 1);
  switch (random.up_to(3)) {
    case 0:
      operations.erase(operations.begin() + static_cast<std::ptrdiff_t>(chosen));
      return;
    case 1:
      put_small_number(operations[chosen], kRow / kId, random);
      return;
    default: {
      Operation copy = operations[chosen];
      put_small_number(copy, 1, random);
      const auto to = static_cast<std::ptrdiff_t>(random.up_to(operations.size()));
      operations.insert(operations.begin() + to, std::move(copy));
    }
  }
}

}  // namespace
}  // namespace keel::fuzz

std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                    unsigned int seed) {
  keel::fuzz::Random random(seed);
  const std::span<std::uint8_t> space(data, max_size);
  std::vector<keel::fuzz::Operation> operations = keel::fuzz::operations_of(space.first(size));
  if (operations.empty() || random.up_to(3) == 0) return LLVMFuzzerMutate(data, size, max_size);
  keel::fuzz::mutate(operations, random);
  std::size_t mutated = 0;
  for (const auto& operation : operations) {
    const std::size_t bytes = std::min(operation.size(), max_size - mutated);
    std::copy_n(operation.begin(), bytes, space.subspan(mutated).begin());
    mutated += bytes;
  }
  return mutated;
}
