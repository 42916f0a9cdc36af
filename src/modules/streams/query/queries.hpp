// Answers to queries, from the state. Private to this folder.
#pragma once

#include "kernel/command.hpp"
#include "modules/streams/state/state.hpp"

namespace keel::streams {

Result<> answer(const State& state, const kernel::Query& query, Bytes& reply);
// Of named streams; kUnknownType: of nothing.
Result<> answer_about_logs(const State& state, const kernel::Query& query, Bytes& reply);

// One query each; its payload has been read, but for what follows its head.
void list_sessions(const State& state, TenantId tenant, const ListSessions& query, Bytes& reply);
void list_subscriptions(const State& state, TenantId tenant, const ListSubscriptions& query,
                        Bytes& reply);
void list_entries(const State& state, TenantId tenant, const ListEntries& query, Bytes& reply);
void list_wills(const State& state, TenantId tenant, const ListWills& query, Bytes& reply);
void find_retained(const State& state, TenantId tenant, const FindRetained& query,
                   std::string_view filter, Bytes& reply);

}  // namespace keel::streams
