// Records of the journal as JSON, for GET /v1/events.
#pragma once

#include <string>

#include "engine/history/frames.hpp"

namespace keel::servers {

// The documented name of a record's type: "ledger.transfer_created"; "type 1.9" when it is not
// known here.
std::string event_name(const journal::Envelope& envelope);

// How many rows a record holds: 1 unless they are packed.
std::size_t row_count(const journal::Envelope& envelope, ByteView payload);

// {"position", "time", "type", "version", "principal", "command_id", "rows": […]} with rows first
// to first + count - 1. What is not known here stands as base64.
void write_record(const journal::Envelope& envelope, ByteView payload, std::size_t first,
                  std::size_t count, std::string& text);

}  // namespace keel::servers
