// BatchWriter: forms the payload of kBatch, operation by operation.
//
//   BatchWriter batch;
//   if (!batch.publish({.publisher = session, .qos = 1, .topic = …, .targets = targets})) …send it
//
// Each call answers false, and adds nothing, when the operation does not fit into this batch any
// more (kMaxBatchBytes, kMaxBatchOps, kMaxBatchTargets): send it and begin another one. An
// operation that fits into no batch breaks a bound of types.hpp, which the caller keeps.
// Thread: one. Keeps its memory over clear().
#pragma once

#include <span>
#include <string_view>

#include "base/bytes.hpp"
#include "modules/streams/requests.hpp"

namespace keel::streams {

struct Target {
  SessionNumber session{};
  std::uint8_t qos = 1;
  TargetFlags flags{};
  std::span<const std::uint32_t> identifiers{};  // at most kMaxIdentifiers
};

struct Publish {
  SessionNumber publisher{};
  std::uint8_t qos = 0;
  PublishFlags flags{};
  std::uint16_t packet_id = 0;
  Duration expiry{INT64_MAX};  // from now; INT64_MAX: never
  std::string_view topic;
  ByteView properties{};
  ByteView payload{};
  std::span<const Target> targets{};
  const ToStream* to_stream = nullptr;  // null: whichever takes it
};

struct Will {
  std::string_view topic;
  ByteView properties{};
  ByteView payload{};
  std::uint8_t qos = 0;
  bool retain = false;
  std::uint32_t delay_s = 0;
};

struct Open {
  std::string_view client_id;
  bool clean_start = false;
  std::uint32_t expiry_s = 0;
  const Will* will = nullptr;  // null: none
};

struct Subscribe {
  SessionNumber session{};
  std::string_view filter;  // as in SUBSCRIBE, "$share/" and all
  std::uint8_t options = 0;
  std::uint32_t identifier = 0;
};

class BatchWriter {
 public:
  bool publish(const Publish& publish);
  bool forget(SessionNumber session, std::uint16_t packet_id);
  bool release(SessionNumber session, EntryNumber entry);
  bool finish(SessionNumber session, EntryNumber entry);
  bool open(const Open& open);
  bool close(const Close& close);
  bool subscribe(const Subscribe& subscribe);
  bool unsubscribe(SessionNumber session, std::string_view filter);
  bool drop_will(SessionNumber session);

  bool empty() const noexcept { return ops_ == 0; }
  std::size_t ops() const noexcept { return ops_; }
  ByteView bytes() const noexcept [[clang::lifetimebound]] { return bytes_; }
  void clear() noexcept;

 private:
  // Room for an operation of `body` bytes behind its head.
  bool begin(OpKind kind, std::size_t body, std::size_t targets = 0);
  template <typename T>
  bool add(OpKind kind, const T& whole);

  Bytes bytes_;
  std::size_t ops_ = 0;
  std::size_t targets_ = 0;
};

}  // namespace keel::streams
