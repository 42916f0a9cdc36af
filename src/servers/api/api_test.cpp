#include <gtest/gtest.h>

#include "base/describe/wire.hpp"
#include "base/hash/sha256.hpp"
#include "base/json/json.hpp"
#include "modules/charging/events.hpp"
#include "modules/ledger/events.hpp"
#include "servers/api/command_key.hpp"
#include "servers/api/correlation.hpp"
#include "servers/api/documents/csv.hpp"
#include "servers/api/documents/document.hpp"
#include "servers/api/documents/document_bodies.hpp"
#include "servers/api/errors.hpp"
#include "servers/api/events/event_json.hpp"
#include "servers/api/events/known_events.hpp"
#include "servers/api/ledger/ledger_bodies.hpp"
#include "servers/api/parameters.hpp"
#include "servers/api/problem.hpp"
#include "servers/api/routes/handmade_routes.hpp"
#include "servers/api/routes/routes.hpp"

namespace keel::servers {
namespace {

// --- keys ---

TEST(CommandKey, a_uuid_stands_for_its_own_bits) {
  const CommandId id = command_id_of(TenantId(1), "00000000-0000-0000-0000-00000000002a").value();
  EXPECT_TRUE(id == CommandId(42));
}

TEST(CommandKey, any_other_key_is_its_tenants_own) {
  const CommandId one = command_id_of(TenantId(1), "order-17").value();
  EXPECT_TRUE(one == command_id_of(TenantId(1), "order-17").value());
  EXPECT_FALSE(one == command_id_of(TenantId(2), "order-17").value());
  EXPECT_FALSE(one == command_id_of(TenantId(1), "order-18").value());
  EXPECT_FALSE(one.is_zero());
}

TEST(CommandKey, what_is_no_key_is_refused) {
  for (const std::string& key :
       {std::string(), std::string("a b"), std::string("\x7f"), std::string(256, 'k')})
    EXPECT_TRUE(command_id_of(TenantId(1), key).error().is(kBadIdempotencyKey)) << key;
  EXPECT_TRUE(command_id_of(TenantId(1), std::string(255, 'k')).ok());
  // All zeros would be no id at all; it is a key like any other.
  EXPECT_FALSE(
      command_id_of(TenantId(1), "00000000-0000-0000-0000-000000000000").value().is_zero());
}

// --- routes ---

TEST(Routes, a_pattern_matches_one_segment_in_its_hole) {
  std::string_view value;
  EXPECT_TRUE(matches("/v1/accounts", "/v1/accounts", value));
  EXPECT_TRUE(matches("/v1/accounts/{id}", "/v1/accounts/7", value));
  EXPECT_EQ(value, "7");
  EXPECT_TRUE(matches("/v1/accounts/{id}/transfers", "/v1/accounts/7/transfers", value));
  EXPECT_FALSE(matches("/v1/accounts/{id}", "/v1/accounts/", value));
  EXPECT_FALSE(matches("/v1/accounts/{id}", "/v1/accounts/7/transfers", value));
  EXPECT_FALSE(matches("/v1/accounts/{id}/transfers", "/v1/accounts//transfers", value));
  EXPECT_FALSE(matches("/v1/accounts", "/v1/accounts/7", value));
}

TEST(Routes, every_command_reads_json_and_rows_into_the_same_payload) {
  const CommandRoute& route =
      *std::ranges::find(command_routes(), std::string_view("/v1/transfers"), &CommandRoute::path);
  Bytes from_json;
  const bool balances =
      route
          .read_json(
              R"({"transfers":[{"id":1,"debit_account_id":2,"credit_account_id":3,"amount":4,)"
              R"("ledger":5,"code":6,"flags":["pending"]}],"balances":true})",
              from_json)
          .value();
  const ledger::Transfer row{.id = ledger::TransferId(1),
                             .debit_account = ledger::AccountId(2),
                             .credit_account = ledger::AccountId(3),
                             .amount = 4,
                             .ledger = ledger::LedgerId(5),
                             .code = ledger::Code(6),
                             .flags = ledger::TransferFlag::pending};
  Bytes from_rows;
  ASSERT_TRUE(route.read_rows(object_bytes(row), true, from_rows).ok());
  EXPECT_TRUE(balances);
  EXPECT_EQ(from_json, from_rows);
}

TEST(Routes, too_many_rows_and_rows_of_another_size_are_refused) {
  for (const CommandRoute& route : command_routes()) {
    if (route.media_type.empty()) continue;
    Bytes payload;
    EXPECT_TRUE(route.read_rows({}, false, payload).error().is(kBadBody)) << route.path;
    const Bytes odd(7);
    EXPECT_TRUE(route.read_rows(odd, false, payload).error().is(kBadBody)) << route.path;
  }
  std::string json = R"({"limits":[)";
  for (std::size_t i = 0; i <= ledger::kMaxBatchRows; ++i)
    json += std::string(i == 0 ? "" : ",") + R"({"account_id":1,"limit":1})";
  json += "]}";
  Bytes payload;
  const CommandRoute& route = *std::ranges::find(
      command_routes(), std::string_view("/v1/credit-limits"), &CommandRoute::path);
  EXPECT_TRUE(route.read_json(json, payload).error().is(kBadBody));
}

TEST(Routes, the_openapi_document_names_each_of_them) {
  const std::string document = openapi_document("1");
  for (const CommandRoute& route : command_routes())
    EXPECT_NE(document.find("\"" + std::string(route.path) + "\""), std::string::npos);
  for (const QueryRoute& route : query_routes())
    EXPECT_NE(document.find("\"" + std::string(route.path) + "\""), std::string::npos);
  for (const DocumentRoute& route : document_routes())
    EXPECT_NE(document.find("\"" + std::string(route.path) + "\""), std::string::npos);
  for (const HandmadeRoute& route : handmade_routes())
    EXPECT_NE(document.find("\"" + std::string(route.path) + "\""), std::string::npos);
}

// --- parameters ---

Result<Parameters> read(std::string_view query) {
  http::Request request;
  request.target.query = query;
  return Parameters::read(request, "340282366920938463463374607431768211455");
}

TEST(Parameters, are_read_by_name_and_what_is_absent_has_a_default) {
  Parameters parameters = read("limit=7&from=2026-01-31T12%3A00%3A00Z").value();
  EXPECT_EQ(parameters.number("limit", 3).value(), 7u);
  EXPECT_EQ(parameters.number("cursor", 3).value(), 3u);
  EXPECT_EQ(parameters.time("from").value(), Timestamp{1'769'860'800'000'000'000});
  EXPECT_TRUE(parameters.path_id().value() == ~uint128{0});
  EXPECT_TRUE(parameters.finish().ok());
}

TEST(Parameters, what_nobody_asked_for_or_does_not_parse_is_refused) {
  Parameters unknown = read("limti=7").value();
  EXPECT_EQ(unknown.number("limit", 3).value(), 3u);
  EXPECT_TRUE(unknown.finish().error().is(kBadParameter));
  EXPECT_TRUE(read("a=1&a=2").error().is(kBadParameter));
  constexpr std::array<std::string_view, 2> kChoices{"oldest", "newest"};
  Parameters bad = read("limit=-1&order=sideways&from=yesterday").value();
  EXPECT_TRUE(bad.number("limit", 3).error().is(kBadParameter));
  EXPECT_TRUE(bad.choice("order", kChoices).error().is(kBadParameter));
  EXPECT_TRUE(bad.time("from").error().is(kBadParameter));
  Parameters large = read("limit=101").value();
  EXPECT_TRUE(large.number("limit", 3, 100).error().is(kBadParameter));
}

TEST(Parameters, lists_and_flags_are_separated_by_commas) {
  const EnumInfo& known = *info<AccountBody>().find("flags")->type.enumeration;
  Parameters parameters =
      read("account_ids=7,8&flags=history,closed&wide=18446744073709551616").value();
  EXPECT_EQ(parameters.wide_list("account_ids").value(), (std::vector<uint128>{7, 8}));
  EXPECT_TRUE(parameters.wide_list("absent").value().empty());
  EXPECT_EQ(parameters.flags("flags", known).value(), 8u + 32u);
  EXPECT_TRUE(parameters.wide("wide").value() == uint128{1} << 64);
  EXPECT_TRUE(parameters.finish().ok());
  Parameters bad = read("account_ids=7,,8&flags=history,open&wide=-1").value();
  EXPECT_TRUE(bad.wide_list("account_ids").error().is(kBadParameter));
  EXPECT_TRUE(bad.flags("flags", known).error().is(kBadParameter));
  EXPECT_TRUE(bad.wide("wide").error().is(kBadParameter));
}

// --- documents ---

TEST(Csv, has_a_column_a_field_and_the_fields_of_inner_structs_in_their_place) {
  std::string text;
  append_csv_header(info<BalanceLineBody>(), text);
  append_csv_row(BalanceLineBody{.entry = "said \"so\", twice",
                                 .account_id = ledger::AccountId(7),
                                 .balances = {.credits_posted = ~uint128{0}},
                                 .balance = "-1"},
                 text);
  EXPECT_EQ(text,
            "entry,account_id,ledger,code,debits_pending,debits_posted,credits_pending,"
            "credits_posted,balance\r\n"
            "\"said \"\"so\"\", twice\",7,,,0,0,0,340282366920938463463374607431768211455,-1\r\n");
}

TEST(Csv, joins_flags_and_leaves_zero_times_empty) {
  std::string text;
  append_csv_row(AccountBody{.id = ledger::AccountId(1),
                             .flags = ledger::AccountFlags(ledger::AccountFlag::history) |
                                      ledger::AccountFlag::closed},
                 text);
  EXPECT_EQ(text, "1,0,0,history|closed,0,0,0,0,\r\n");
}

TEST(Document, is_cut_where_the_elements_of_its_list_go) {
  std::string json;
  to_json(StatementBody{.balance = "3"}, json);
  const CutAtList cut = cut_at_list(json, "lines");
  EXPECT_TRUE(cut.before.ends_with("\"lines\":["));
  EXPECT_TRUE(cut.after.starts_with("],"));
  EXPECT_EQ(cut.before + cut.after, json);
}

TEST(Document, balance_is_credits_less_debits_and_may_be_negative) {
  EXPECT_EQ(signed_balance({.debits_posted = 5, .credits_posted = 3}), "-2");
  EXPECT_EQ(signed_balance({.debits_pending = 9, .credits_posted = ~uint128{0}}),
            "340282366920938463463374607431768211455");
  EXPECT_EQ(signed_balance({}), "0");
}

// --- problems ---

TEST(Problem, an_unknown_outcome_cuts_the_connection_and_says_nothing) {
  constexpr ErrorKind kUnknown{9020, "test.unknown", ErrorClass::unknown};
  Reply reply;
  write_problem(Error(kUnknown), reply);
  EXPECT_TRUE(reply.cut);
  EXPECT_TRUE(reply.body.empty());
}

TEST(Problem, says_its_code_and_when_to_try_again) {
  constexpr ErrorKind kFullKind{9021, "test.full", ErrorClass::overload};
  Reply reply;
  write_problem(Error(kFullKind, "all 3 are taken"), reply);
  EXPECT_EQ(reply.status, http::Status::service_unavailable);
  EXPECT_EQ(reply.fields.front().name, "Retry-After");
  EXPECT_NE(reply.body.find("\"code\":\"test.full\""), std::string::npos);
  EXPECT_NE(reply.body.find("all 3 are taken"), std::string::npos);
}

// --- correlation ---

CorrelationId correlation(std::string_view fields) {
  const std::string text = "GET / HTTP/1.1\r\nHost: h\r\n" + std::string(fields) + "\r\n";
  http::RequestParser parser;
  parser.feed(as_bytes(text));
  EXPECT_EQ(parser.next(), http::RequestStep::request);
  return correlation_of(parser.request(), CommandId(7));
}

TEST(Correlation, is_the_trace_of_a_well_formed_traceparent_and_else_the_command) {
  constexpr std::string_view kTrace = "traceparent: 00-0000000000000000000000000000002a-";
  EXPECT_EQ(correlation(std::string(kTrace) + "00f067aa0ba902b7-01\r\n"), CorrelationId(42));
  const std::string all_zero(32, '0');
  for (const std::string& wrong :
       {std::string(), std::string(kTrace) + "0000000000000000-01\r\n",
        std::string(kTrace) + "00F067aa0ba902b7-01\r\n", std::string(kTrace) + "00f067aa-01\r\n",
        "traceparent: 00-" + all_zero + "-00f067aa0ba902b7-01\r\n",
        std::string("traceparent: ff-0000000000000000000000000000002a-00f067aa0ba902b7-01\r\n")})
    EXPECT_EQ(correlation(wrong), CorrelationId(7)) << wrong;
}

// --- events ---

TEST(EventJson, a_fact_of_charging_is_shown_in_words_and_its_secret_is_not) {
  Bytes payload;
  encode(charging::StationRegistered{.station = "CP-1", .secret = sha256(as_bytes("s"))}, payload);
  journal::Envelope envelope{.sequence = Position(9),
                             .correlation = CorrelationId(5),
                             .causation = CausationId(6),
                             .type = charging::StationRegistered::kEventType.value(),
                             .schema_version = 1};
  EXPECT_EQ(event_name(envelope), "charging.station_registered");
  std::string text;
  write_record(envelope, payload, 0, 1, text);
  EXPECT_NE(text.find(R"("correlation":"5","causation":"6")"), std::string::npos) << text;
  EXPECT_NE(text.find(R"("station":"CP-1")"), std::string::npos) << text;
  EXPECT_NE(text.find("\"secret\":\"" + std::string(64, '0')), std::string::npos) << text;
}

TEST(EventTypes, are_named_one_by_one_or_by_their_module) {
  EXPECT_TRUE(event_types("").value().empty());
  const auto one = event_types("ledger.transfer_created").value();
  EXPECT_EQ(one, std::vector{ledger::TransferCreated::kEventType});
  EXPECT_EQ(event_types("charging").value().size(), charging_events().size());
  EXPECT_EQ(event_types("charging,ledger.transfer_created").value().size(),
            charging_events().size() + 1);
  for (const std::string_view wrong : {"charge", "charging.", "ledger.transfer", ",charging", "*"})
    EXPECT_TRUE(event_types(wrong).error().is(kBadParameter)) << wrong;
  EXPECT_TRUE(event_types("charging,charging,charging").error().is(kBadParameter));
}

TEST(EventJson, a_packed_record_is_written_in_slices_and_the_unknown_as_base64) {
  ledger::TransferExpired first{.pending_id = ledger::TransferId(1)};
  ledger::TransferExpired second{.pending_id = ledger::TransferId(2)};
  Bytes payload;
  append(payload, object_bytes(first));
  append(payload, object_bytes(second));
  journal::Envelope envelope{.sequence = Position(9),
                             .type = ledger::TransferExpired::kEventType.value(),
                             .schema_version = 1,
                             .row_bytes = sizeof(first)};
  EXPECT_EQ(event_name(envelope), "ledger.transfer_expired");
  EXPECT_EQ(row_count(envelope, payload), 2u);
  std::string text;
  write_record(envelope, payload, 1, 1, text);
  EXPECT_NE(text.find("\"position\":\"9\""), std::string::npos);
  EXPECT_NE(text.find("\"pending_id\":\"2\""), std::string::npos);
  EXPECT_EQ(text.find("\"pending_id\":\"1\""), std::string::npos);

  envelope.type = (std::uint32_t{77} << 16) + 5;
  envelope.row_bytes = 0;
  EXPECT_EQ(event_name(envelope), "type 77.5");
  const Bytes foreign{std::byte{1}, std::byte{2}, std::byte{3}};
  text.clear();
  write_record(envelope, foreign, 0, 1, text);
  EXPECT_NE(text.find("\"AQID\""), std::string::npos);
}

}  // namespace
}  // namespace keel::servers
