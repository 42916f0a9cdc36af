// The commands on what is stored, a function each. main.cpp parses the command line and calls one
// of them. The journals that they work on are those of the configured data directory.
#pragma once

#include <string>
#include <vector>

#include "node/commands/command.hpp"

namespace keel::node {

struct BackupCommand {
  std::string to;
  std::vector<std::string> archives;  // where older segments went, oldest first
  bool quick = false;                 // reads back what was copied now, not all of the copy
};
Exit backup(const Settings& settings, const BackupCommand& command);

struct RestoreCommand {
  std::string from;
  std::string to;     // a data directory; empty: the configured one
  std::string until;  // a position, or a moment (RFC 3339); empty: everything
};
Exit restore(const Settings& settings, const RestoreCommand& command);

struct ReplayCommand {
  std::string directory;       // a journal or a backup; empty: the configured journal
  std::string until;           // a position, or a moment (RFC 3339); empty: everything
  std::string with;            // another keel, which must come to the same state; empty: none
  std::string cell = "money";  // whose journal it is; of a directory, what that holds
};
Exit replay(const Settings& settings, const ReplayCommand& command);

struct ArchiveCommand {
  std::uint64_t before = 0;
  std::string to;
  std::uint64_t keep_hours = 24;  // younger records stay: their commands may come again
  std::string cell = "money";
};
Exit archive(const Settings& settings, const ArchiveCommand& command);

struct ProveCommand {
  std::uint64_t position = 0;
  std::string directory;  // a journal, an archive or a backup; empty: the configured journal
};
Exit prove(const Settings& settings, const ProveCommand& command);

struct ReceiptCommand {
  std::string url;  // the node; empty: as configured
  std::uint32_t session = 0;
  std::uint32_t version = 0;  // of the bill; 0: the newest
  std::string out;            // files that others check; empty: none
};
Exit receipt(const Settings& settings, const ReceiptCommand& command);

struct ScrubCommand {
  std::string url;  // the node; empty: as configured
};
Exit scrub(const Settings& settings, const ScrubCommand& command);

}  // namespace keel::node
