#include "servers/charging/cell_events.hpp"

namespace keel::servers {

using runtime::Task;

Task<Result<StationEvents::Reply>> CellEvents::command(Said said, runtime::Wait wait) {
  const kernel::Command command{
      .tenant = tenant_,
      .principal = principal_,
      .id = said.id,
      .correlation = said.correlation.is_zero() ? CorrelationId(said.id.value()) : said.correlation,
      .causation = said.message,
      .type = said.type,
      .schema_version = kernel::SchemaVersion(1),
      .payload = said.payload};
  engine::Answer answer = KEEL_CO_TRY(co_await cell_.submit(command, wait));
  co_return Reply{.outcome = charging::OutcomeCode{answer.code},
                  .repeated = answer.repeated,
                  .payload = std::move(answer.payload)};
}

template <typename Query>
Task<Result<typename Query::Answer>> CellEvents::ask(std::string_view station, runtime::Wait wait) {
  Bytes payload;
  encode(Query{.station = std::string(station)}, payload);
  const kernel::Query query{
      .tenant = tenant_, .principal = principal_, .type = Query::kType, .payload = payload};
  const engine::Answer answer = KEEL_CO_TRY(co_await cell_.query(query, wait));
  co_return decode<typename Query::Answer>(answer.payload);
}

Task<Result<charging::StationCredentials::Answer>> CellEvents::credentials(std::string_view station,
                                                                           runtime::Wait wait) {
  co_return co_await ask<charging::StationCredentials>(station, wait);
}

Task<Result<charging::MeterKeys::Answer>> CellEvents::meter_keys(std::string_view station,
                                                                 runtime::Wait wait) {
  co_return co_await ask<charging::MeterKeys>(station, wait);
}

}  // namespace keel::servers
