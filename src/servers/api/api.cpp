#include "servers/api/api.hpp"

#include "base/describe/wire.hpp"
#include "base/json/json.hpp"
#include "servers/api/command_key.hpp"
#include "servers/api/correlation.hpp"
#include "servers/api/documents/csv.hpp"
#include "servers/api/erased_body.hpp"
#include "servers/api/errors.hpp"
#include "servers/api/events/event_stream.hpp"
#include "servers/api/problem.hpp"
#include "servers/api/routes/handmade_routes.hpp"
#include "servers/api/streams/stream_api.hpp"
#include "wire/http/events/event_stream.hpp"
#include "wire/http/head/media_type.hpp"

namespace keel::servers {

using http::Method;
using http::Request;
using runtime::Task;

namespace {

constexpr std::string_view kRowResults = "application/vnd.keel.results";

bool is_read(Method method) {
  return method == Method::get || method == Method::head;
}

bool serves(const HandmadeRoute& route, Method method) {
  return route.method == Method::post ? method == Method::post : is_read(method);
}

// Which of the two forms the body has: rows (true) or JSON (false).
Result<bool> body_is_rows(const Request& request, const CommandRoute& route) {
  if (request.headers.count("Content-Type") > 1)
    return Error(kUnsupportedMediaType, "Content-Type: stands twice");
  const std::string_view type = request.headers.find("Content-Type").value_or("application/json");
  const Result<http::MediaType> parsed = http::parse_media_type(type);
  if (parsed.ok() && parsed->is("application/json")) return false;
  const bool has_rows = !route.media_type.empty();
  if (has_rows && parsed.ok() && parsed->is(route.media_type)) return true;
  std::string expected = "application/json";
  if (has_rows) expected += " or " + std::string(route.media_type);
  return Error(kUnsupportedMediaType,
               "Content-Type: got \"" + std::string(type) + "\", expected " + expected);
}

// Which form the answer is wanted in: the parameter says so or, without it, Accept does.
Result<Document::Form> form_of(const Request& request, Parameters& parameters) {
  constexpr std::array<std::string_view, 3> kFormats{"", "json", "csv"};
  const std::size_t format = KEEL_TRY(parameters.choice("format", kFormats));
  if (format != 0) return format == 2 ? Document::Form::csv : Document::Form::json;
  const std::string_view accept = request.headers.find("Accept").value_or("");
  const auto csv = http::accept_quality(accept, "text/csv");
  const auto json = http::accept_quality(accept, "application/json");
  const bool wants_csv = csv.ok() && json.ok() && *csv > *json;
  return wants_csv ? Document::Form::csv : Document::Form::json;
}

void add_positions(const engine::Answer& answer, Reply& reply) {
  reply.fields.push_back({"Keel-Position", std::to_string(answer.position.value())});
  reply.fields.push_back({"Keel-Revision", std::to_string(answer.revision.value())});
}

}  // namespace

Api::Api(Parts parts)
    : parts_(std::move(parts)),
      openapi_(openapi_document(parts_.version, parts_.operations.routes())) {}

Task<> Api::handle(Exchange& exchange) {
  const Result<> routed = co_await route(exchange);
  if (!routed.ok()) write_problem(routed.error(), exchange.reply());
}

Task<Result<>> Api::route(Exchange& exchange) {
  const Request& request = exchange.request();
  const std::string_view path = request.target.path;
  std::string_view value;
  const HandmadeRoute* made = find_handmade(path, value);
  if (made != nullptr && serves(*made, request.method))
    co_return co_await answer_by_hand(exchange, made->what, value);
  const Caller caller = KEEL_CO_TRY(authenticate(request));
  if (KEEL_CO_TRY(co_await answer_about_streams(exchange, caller))) co_return success();
  bool known_path = made != nullptr;
  for (const CommandRoute& each : command_routes()) {
    if (!matches(each.path, path, value)) continue;
    known_path = true;
    if (request.method == Method::post)
      co_return co_await run_command(exchange, each, value, caller);
  }
  for (const QueryRoute& each : query_routes()) {
    if (!matches(each.path, path, value)) continue;
    known_path = true;
    if (is_read(request.method)) co_return co_await run_query(exchange, each, value, caller);
  }
  for (const DocumentRoute& each : document_routes()) {
    if (!matches(each.path, path, value)) continue;
    known_path = true;
    if (is_read(request.method)) co_return co_await open_document(exchange, each, value, caller);
  }
  for (const NodeRoute& each : parts_.operations.routes()) {
    if (!matches(each.path, path, value)) continue;
    known_path = true;
    if (is_read(request.method)) co_return co_await ask_node(exchange, each, value, caller);
  }
  if (known_path)
    co_return Error(kMethodNotAllowed, std::string(request.method_text) + " is not for " +
                                           std::string(path) + "; see /openapi.json");
  co_return Error(kNoSuchRoute, std::string(path) + "; see /openapi.json");
}

Task<Result<>> Api::answer_by_hand(Exchange& exchange, Handmade what, std::string_view value) {
  if (what == Handmade::health || what == Handmade::readiness)
    co_return answer_health(what, exchange.reply());
  const Caller caller = KEEL_CO_TRY(authenticate(exchange.request()));
  Reply& reply = exchange.reply();
  switch (what) {
    case Handmade::openapi:
      reply.body = openapi_;
      co_return success();
    case Handmade::head:
      exchange.release_input();
      co_return co_await parts_.operations.sign_head(reply.body);
    case Handmade::metrics:
      reply.content_type = "text/plain; version=0.0.4; charset=utf-8";
      exchange.release_input();
      co_await parts_.operations.write_metrics(reply.body);
      co_return success();
    case Handmade::events:
      co_return co_await stream_events(exchange, caller);
    case Handmade::erase:
      co_return co_await erase_subject(exchange, value, caller);
    case Handmade::credentials:
      co_return co_await set_credentials(exchange, value, caller);
    case Handmade::health:
    case Handmade::readiness:
    case Handmade::call_station:
      break;
  }
  KEEL_ASSERT(false);  // health has been answered, and calls come to another handler
  co_return success();
}

Result<> Api::answer_health(Handmade what, Reply& reply) const {
  if (what == Handmade::health) {
    reply.body = "{\"status\":\"alive\"}";
    return success();
  }
  const std::string reason = parts_.operations.not_ready();
  if (!reason.empty()) return Error(kNotReady, reason);
  reply.body = "{\"status\":\"ready\"";
  if (const std::string warning = parts_.operations.warning(); !warning.empty()) {
    reply.body += ",\"warning\":";
    append_json_text(reply.body, warning);
  }
  reply.body += '}';
  return success();
}

Result<engine::CellClient*> Api::cell_of(std::string_view name) const {
  if (name.empty()) return &parts_.cell;
  engine::CellClient* found = parts_.other_cell ? parts_.other_cell(name) : nullptr;
  if (found != nullptr) return found;
  return Error(kNotFound, "this node has no cell \"" + std::string(name) +
                              "\": it is there with streams.enabled, and with MQTT (mqtt.enabled)");
}

Task<Result<>> Api::run_command(Exchange& exchange, const CommandRoute& route,
                                std::string_view path_value, Caller caller) {
  const Request& request = exchange.request();
  Parameters parameters = KEEL_CO_TRY(Parameters::read(request, path_value));
  engine::CellClient& cell = *KEEL_CO_TRY(cell_of(route.cell));
  const bool rows = KEEL_CO_TRY(body_is_rows(request, route));
  const std::uint64_t revision = KEEL_CO_TRY(parameters.number("expected_revision", 0));
  bool balances = false;
  Bytes payload;
  if (rows) {
    balances = KEEL_CO_TRY(parameters.number("balances", 0, 1)) == 1;
    KEEL_CO_TRY(route.read_rows(request.body, balances, payload));
  } else if (route.read_body != nullptr) {
    KEEL_CO_TRY(route.read_body(parameters, as_text(request.body), payload));
  } else {
    balances = KEEL_CO_TRY(route.read_json(as_text(request.body), payload));
  }
  KEEL_CO_TRY(parameters.finish());
  const CommandId id = KEEL_CO_TRY(command_id(request, caller.tenant));
  kernel::Command command{.tenant = caller.tenant,
                          .principal = caller.principal,
                          .id = id,
                          .correlation = correlation_of(request, id),
                          .causation = {},
                          .expected_revision = std::nullopt,
                          .type = route.type,
                          .schema_version = kernel::SchemaVersion(1),
                          .payload = payload};
  if (revision != 0) command.expected_revision = Position(revision);
  exchange.release_input();

  Result<engine::Answer> submitted = co_await cell.submit(command, exchange.wait());
  const bool may_be_durable =
      submitted.ok() || submitted.error().error_class() != ErrorClass::denied;
  if (may_be_durable && !route.cell.empty() && parts_.on_other_cell) parts_.on_other_cell(command);
  const engine::Answer answer = KEEL_CO_TRY(std::move(submitted));
  Reply& reply = exchange.reply();
  add_positions(answer, reply);
  if (rows) {
    reply.content_type = kRowResults;
    reply.body = as_text(answer.payload);
    co_return success();
  }
  co_return route.write_json(answer, balances, reply.body);
}

Task<Result<>> Api::run_query(Exchange& exchange, const QueryRoute& route,
                              std::string_view path_value, Caller caller) {
  Parameters parameters = KEEL_CO_TRY(Parameters::read(exchange.request(), path_value));
  engine::CellClient& cell = *KEEL_CO_TRY(cell_of(route.cell));
  Bytes payload;
  KEEL_CO_TRY(route.read(parameters, payload));
  Document::Form form = Document::Form::json;
  if (route.write_csv != nullptr) form = KEEL_CO_TRY(form_of(exchange.request(), parameters));
  KEEL_CO_TRY(parameters.finish());
  exchange.release_input();
  const kernel::Query query{.tenant = caller.tenant,
                            .principal = caller.principal,
                            .type = route.type,
                            .payload = payload};
  const engine::Answer answer = KEEL_CO_TRY(co_await cell.query(query, exchange.wait()));
  Reply& reply = exchange.reply();
  if (form == Document::Form::csv) {
    const std::uint64_t next = KEEL_CO_TRY(route.write_csv(answer.payload, reply.body));
    reply.content_type = kCsvType;
    reply.fields.push_back({"Keel-Next-Cursor", std::to_string(next)});
  } else {
    if (route.write_personal != nullptr) {
      const Unsealer unsealer(parts_.cell, caller, exchange.wait());
      KEEL_CO_TRY(co_await route.write_personal(answer.payload, unsealer, reply.body));
    } else {
      KEEL_CO_TRY(route.write_json(answer.payload, reply.body));
    }
  }
  add_positions(answer, reply);
  co_return success();
}

Task<Result<>> Api::open_document(Exchange& exchange, const DocumentRoute& route,
                                  std::string_view path_value, Caller caller) {
  const Request& request = exchange.request();
  Parameters parameters = KEEL_CO_TRY(Parameters::read(request, path_value));
  Document::Context context{.cell = parts_.cell, .caller = caller};
  if (route.tabular) context.form = KEEL_CO_TRY(form_of(request, parameters));
  std::unique_ptr<Document> document = KEEL_CO_TRY(route.read(parameters, context));
  KEEL_CO_TRY(parameters.finish());
  exchange.release_input();
  KEEL_CO_TRY(co_await document->begin(exchange.wait()));
  if (context.form == Document::Form::csv) exchange.reply().content_type = kCsvType;
  exchange.reply().stream = std::move(document);
  co_return success();
}

Task<Result<>> Api::ask_node(Exchange& exchange, const NodeRoute& route,
                             std::string_view path_value, Caller caller) {
  Parameters parameters = KEEL_CO_TRY(Parameters::read(exchange.request(), path_value));
  NodeRoute::Asked asked{.tenant = caller.tenant,
                         .principal = caller.principal,
                         .id = KEEL_CO_TRY(parameters.path_id())};
  std::size_t count = 0;
  for (std::string_view rest = route.parameters; !rest.empty(); ++count) {
    const std::string_view name = rest.substr(0, rest.find(' '));
    asked.numbers.at(count) = KEEL_CO_TRY(parameters.number(name, 0));
    rest.remove_prefix(std::min(rest.size(), name.size() + 1));
  }
  KEEL_CO_TRY(parameters.finish());
  exchange.release_input();
  co_return co_await parts_.operations.answer(route, asked, exchange.reply().body, exchange.wait());
}

Task<Result<bool>> Api::answer_about_streams(Exchange& exchange, Caller caller) {
  const Request& request = exchange.request();
  if (!request.target.path.starts_with("/v1/streams")) co_return false;
  const Method method = request.method == Method::head ? Method::get : request.method;
  bool known_path = false;
  for (const StreamRoute& route : stream_routes()) {
    const auto names = match_stream(route.path, request.target.path);
    if (!names) continue;
    known_path = true;
    if (route.method != method) continue;
    StreamCall call{.exchange = exchange,
                    .cell = *KEEL_CO_TRY(cell_of("streams")),
                    .caller = caller,
                    .id = KEEL_CO_TRY(command_id(request, caller.tenant)),
                    .stream = std::string(names->stream),
                    .consumer = std::string(names->consumer),
                    .parameters = KEEL_CO_TRY(Parameters::read(request, {}))};
    KEEL_CO_TRY(co_await route.answer(call));
    co_return true;
  }
  if (!known_path) co_return false;
  co_return Error(kMethodNotAllowed, std::string(request.method_text) + " is not for " +
                                         std::string(request.target.path) + "; see /openapi.json");
}

Task<Result<>> Api::set_credentials(Exchange& exchange, std::string_view device, Caller caller) {
  const Request& request = exchange.request();
  engine::CellClient& cell = *KEEL_CO_TRY(cell_of("streams"));
  const Parameters parameters = KEEL_CO_TRY(Parameters::read(request, device));
  KEEL_CO_TRY(parameters.finish());
  DeviceCredentialsBody body = KEEL_CO_TRY(from_json<DeviceCredentialsBody>(as_text(request.body)));
  const CommandId id = KEEL_CO_TRY(command_id(request, caller.tenant));
  std::string of(device);
  exchange.release_input();
  const devices::SetCredentials hashed =
      KEEL_CO_TRY(co_await credentials_of(parts_.passwords, std::move(of), std::move(body)));
  Bytes payload;
  encode(hashed, payload);
  const kernel::Command command{.tenant = caller.tenant,
                                .principal = caller.principal,
                                .id = id,
                                .type = devices::SetCredentials::kType,
                                .schema_version = kernel::SchemaVersion(1),
                                .payload = payload};
  const engine::Answer answer = KEEL_CO_TRY(co_await cell.submit(command, exchange.wait()));
  add_positions(answer, exchange.reply());
  to_json(DeviceResultBody{.position = answer.position.value(),
                           .repeated = answer.repeated,
                           .outcome = devices::OutcomeCode{answer.code}},
          exchange.reply().body);
  co_return success();
}

Task<Result<>> Api::erase_subject(Exchange& exchange, std::string_view id, Caller caller) {
  Parameters parameters = KEEL_CO_TRY(Parameters::read(exchange.request(), id));
  const kernel::SubjectId subject{KEEL_CO_TRY(parameters.path_id())};
  KEEL_CO_TRY(parameters.finish());
  exchange.release_input();
  const bool before = KEEL_CO_TRY(co_await parts_.cell.erase(
      {.principal = caller.principal, .subject = {caller.tenant, subject}}, exchange.wait()));
  to_json(ErasedBody{.subject = subject, .already = before}, exchange.reply().body);
  co_return success();
}

Task<Result<>> Api::stream_events(Exchange& exchange, Caller caller) {
  const std::string_view query = exchange.request().target.query;
  std::array<char, 32> after_space;
  std::array<char, 512> types_space;
  std::array<char, 8> outcomes_space;
  std::array<char, 32> cell_space;
  const auto given = KEEL_CO_TRY(http::query_value(query, "after", after_space));
  const auto types = KEEL_CO_TRY(http::query_value(query, "types", types_space));
  const auto outcomes = KEEL_CO_TRY(http::query_value(query, "outcomes", outcomes_space));
  const auto cell = KEEL_CO_TRY(http::query_value(query, "cell", cell_space));
  engine::CellClient* of = &parts_.cell;
  if (cell) of = parts_.other_cell ? parts_.other_cell(*cell) : nullptr;
  if (of == nullptr)
    co_return Error(kBadParameter, "cell: got \"" + std::string(*cell) + "\", which is not here");
  // A client that comes back says where it was (browsers' EventSource does so by itself).
  const auto last = exchange.request().headers.find("Last-Event-ID");
  Reply& reply = exchange.reply();
  reply.stream =
      KEEL_CO_TRY(co_await open_event_stream(*of, caller,
                                             {.after = last ? *last : given.value_or("end"),
                                              .types = types.value_or(""),
                                              .outcomes = outcomes == "1"}));
  reply.content_type = http::kEventStreamType;
  reply.fields.push_back({"Cache-Control", "no-store"});
  co_return success();
}

Result<Caller> Api::authenticate(const Request& request) const {
  constexpr std::string_view kScheme = "Bearer ";
  if (request.headers.count("Authorization") > 1)
    return Error(kNotAuthenticated, "Authorization: stands twice");
  const std::string_view field = request.headers.find("Authorization").value_or("");
  if (field.empty())
    return Error(kNotAuthenticated, "Authorization: missing, expected \"Bearer\" and a token");
  if (field.size() > kScheme.size() &&
      http::equals_ignoring_case(field.substr(0, kScheme.size()), kScheme)) {
    const auto caller = parts_.authenticator.authenticate(field.substr(kScheme.size()));
    if (caller) return *caller;
  }
  return Error(kNotAuthenticated, "Authorization: this is not a token of this node");
}

Result<CommandId> Api::command_id(const Request& request, TenantId tenant) {
  if (request.headers.count("Idempotency-Key") > 1)
    return Error(kBadIdempotencyKey, "Idempotency-Key: stands twice");
  if (const auto key = request.headers.find("Idempotency-Key")) return command_id_of(tenant, *key);
  std::array<std::byte, 16> random;
  parts_.core.entropy().fill(random);
  return CommandId(ByteReader(random).read<uint128>().value());
}

}  // namespace keel::servers
