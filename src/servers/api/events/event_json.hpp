// Records of the journal as JSON, for GET /v1/events.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "engine/history/frames.hpp"
#include "kernel/types.hpp"

namespace keel::servers {

// The documented name of a record's type: "ledger.transfer_created"; "type 1.9" when it is not
// known here.
std::string event_name(const journal::Envelope& envelope);

// The types that are meant by a list of event names and modules,
// "charging,ledger.transfer_created"; kBadParameter names the one that is not known.
Result<std::vector<kernel::EventType>> event_types(std::string_view names);

// How many rows a record holds: 1 unless they are packed.
std::size_t row_count(const journal::Envelope& envelope, ByteView payload);

// Appends one row as a JSON value.
void write_row(const journal::Envelope& envelope, ByteView payload, std::size_t row,
               std::string& text);

// {"position", "time", "type", "version", "principal", "command_id", "correlation",
// "causation", "rows": […]} with rows first
// to first + count - 1. What is not known here stands as base64.
void write_record(const journal::Envelope& envelope, ByteView payload, std::size_t first,
                  std::size_t count, std::string& text);

}  // namespace keel::servers
