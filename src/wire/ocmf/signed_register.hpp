// What a record says of energy, the register of its last reading, and whether it names somebody.
//
// OCMF, section "readings" (RD): a list of objects with RV (value), RU (unit), RI (what was
// measured, an OBIS code); what a reading leaves out is as in the one before it. Thread: any.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace keel::ocmf {

// Wh, cut off, of imported energy (1.8.0, or no code at all) in Wh or kWh. Nothing: the payload
// says none, or is no JSON of that form.
std::optional<std::uint64_t> signed_register_wh(std::string_view payload);

// Whether the record says whose session it is: its ID (a card's number, an e-mail address, a
// contract) is there and not empty. Also when the payload cannot be read to its end: then nobody
// knows.
bool names_somebody(std::string_view payload);

}  // namespace keel::ocmf
