// DeviceCell: a cell with module devices as servers see it: commands and queries with their types.
//
// Lifetime: the client outlives it. Thread: the client's core.
#pragma once

#include "base/describe/wire.hpp"
#include "engine/requests/client.hpp"
#include "modules/devices/queries.hpp"

namespace keel::servers {

class DeviceCell {
 public:
  // What devices say is said in this tenant, by this principal.
  DeviceCell(engine::CellClient& cell, TenantId tenant, PrincipalId principal)
      : cell_(cell), tenant_(tenant), principal_(principal) {}

  struct Decided {
    devices::OutcomeCode outcome{};
    Bytes payload;  // of the command's Answer
  };
  // Durable when it returns. Each call is a command of its own.
  template <typename C>
  runtime::Task<Result<Decided>> command(C asked, runtime::Wait wait) {
    Bytes payload;
    encode(asked, payload);
    std::array<std::byte, 16> chance{};
    cell_.core().entropy().fill(chance);
    const CommandId id(ByteReader(chance).read<uint128>().value() | 1);
    const kernel::Command command{.tenant = tenant_,
                                  .principal = principal_,
                                  .id = id,
                                  .correlation = CorrelationId(id.value()),
                                  .type = C::kType,
                                  .schema_version = kernel::SchemaVersion(1),
                                  .payload = payload};
    engine::Answer answer = KEEL_CO_TRY(co_await cell_.submit(command, wait));
    co_return Decided{.outcome = devices::OutcomeCode{answer.code},
                      .payload = std::move(answer.payload)};
  }
  template <typename Q>
  runtime::Task<Result<typename Q::Answer>> ask(Q asked, runtime::Wait wait) {
    Bytes payload;
    encode(asked, payload);
    const kernel::Query query{
        .tenant = tenant_, .principal = principal_, .type = Q::kType, .payload = payload};
    const engine::Answer answer = KEEL_CO_TRY(co_await cell_.query(query, wait));
    co_return decode<typename Q::Answer>(answer.payload);
  }

  runtime::Core& core() const noexcept { return cell_.core(); }

 private:
  engine::CellClient& cell_;
  TenantId tenant_;
  PrincipalId principal_;
};

}  // namespace keel::servers
