// Which commands and queries of the modules a campaign has had answered: a name for each of all
// that they publish, as "answered: charging.start_session". What torture does not send is listed by
// name; everything else is declared, so that a type which nobody ever sends fails a long campaign.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/torture/counts.hpp"
#include "sim/torture/workload.hpp"

namespace keel::torture {

std::string answered_name(const Ask& ask);
// Of every command and query of every module.
std::vector<std::string> all_answered_names();
// Those that no workload draws (docs/reliability.md, "Not in it").
std::span<const std::string_view> never_asked() noexcept;
// All but these, at zero.
void declare_answered(Counts& counts);

}  // namespace keel::torture
