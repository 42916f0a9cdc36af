// From the configuration to each part's own options.
#pragma once

#include <memory>
#include <string>

#include "node/config/config.hpp"
#include "node/node.hpp"
#include "runtime/world.hpp"

namespace keel::node {

NodeOptions node_options(const Config& config);

// The world that is configured; `chosen` says which it is, and why.
Result<std::unique_ptr<runtime::World>> make_world(const Config& config, std::string& chosen,
                                                   runtime::StallLimit stall_limit = {});

}  // namespace keel::node
