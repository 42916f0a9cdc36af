// Enroll: makes a node know a fleet: settings, a tariff, and for each station a driver with a token
// and money. Through the node's HTTP API, as an operator would; done before it changes nothing.
//
// Thread: one core.
#pragma once

#include <string>
#include <vector>

#include "node/client/http_client.hpp"

namespace keel::node {

// What a device knows of itself.
struct EnrolledStation {
  std::string name;
  std::string secret;
  std::string token;  // who charges there
};

struct EnrollOptions {
  std::uint32_t stations = 1;
  std::uint32_t without_driver = 0;  // more stations, where nobody charges
  std::string prefix = "demo";       // of the stations' names
  std::string currency = "EUR";
  std::uint32_t ledger = 10;
  std::uint32_t tariff = 1;
  std::uint64_t energy_per_kwh = 490'000;  // ten-thousandths of a minor unit: 0.49 EUR
  std::uint64_t session_fee = 350'000;     // 0.35 EUR
  std::uint32_t tax_basis_points = 1'900;
  std::uint64_t hold = 5'000;  // minor units
  std::uint64_t credit_limit = 10'000'000'000;
  std::uint64_t seed = 1;  // of the stations' secrets
};

// The stations, with their secrets; those without a driver come last, and without a token.
// fleet.not_enrolled with what the node said; those of the connections, of which there are a few at
// a time.
runtime::Task<Result<std::vector<EnrolledStation>>> enroll(runtime::Core& core,
                                                           const NodeAddress& node,
                                                           const EnrollOptions& options,
                                                           runtime::Wait wait);

}  // namespace keel::node
