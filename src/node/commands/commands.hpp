// The commands of `keel`, a function each. main.cpp parses the command line and calls one of them.
#pragma once

#include <cstdint>
#include <string>

#include "node/commands/command.hpp"

namespace keel::node {

struct ServeOptions {
  std::string ready_file;  // written when the node serves: its URL; for scripts
};
Exit serve(const Settings& settings, const ServeOptions& options);

struct VerifyOptions {
  std::string directory;  // empty: the configured journal
};
Exit verify(const Settings& settings, const VerifyOptions& options);

struct DemoOptions {
  std::uint64_t seconds = 10;
  std::uint32_t clients = 32;
  bool kill = false;  // kill -9 at the end, start again, count
};
Exit demo(const Settings& settings, const DemoOptions& options);

struct BenchLedgerOptions {
  std::uint32_t clients = 32;
  std::uint32_t batch = 1;
  bool binary = false;
  std::uint64_t rate = 0;  // requests a second; 0: closed loop
  std::uint64_t seconds = 10;
  std::uint64_t warm_up_ms = 2'000;
  std::uint64_t accounts = 10'000;
  bool standard = false;  // the shapes of docs/performance.md
  std::string directory = "keel_bench";
  bool keep = false;
};
Exit bench_ledger(const Settings& settings, const BenchLedgerOptions& options);

Exit explain_config(const Settings& settings);
Exit show_version(const Settings& settings);

}  // namespace keel::node
