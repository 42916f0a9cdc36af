// read_batch(): a command of streams as docs/streams.md has its bytes, by a reader of its own.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "modules/streams/payload/batch_writer.hpp"

namespace keel::torture {

// One operation, as the model takes it. Views into the payload; what its kind has not is empty.
struct AskedOp {
  streams::OpKind kind{};
  ByteView body;
  streams::Publish publish;  // but for its targets
  std::vector<streams::Target> targets;
  std::vector<std::vector<std::uint32_t>> identifiers;  // of each target
  streams::Open open;                                   // but for its will
  std::optional<streams::Will> will;
  streams::Close close;
  streams::Subscribe subscribe;  // of unsubscribe: session and filter
  streams::Settle settle;        // of release, finish; of drop_will its session
  streams::Forget forget;
};

// nullopt: its form is wrong. That it is not too large is for fits().
std::optional<std::vector<AskedOp>> read_batch(ByteView payload);
bool fits_a_batch(ByteView payload, const std::vector<AskedOp>& ops);

// The operations of a payload, each with its head; of a wrong form the rest as one.
std::vector<ByteView> split_ops(ByteView payload);

}  // namespace keel::torture
