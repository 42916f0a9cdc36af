// The part of the command line that is about the books: `keel ledger …`.
#pragma once

#include <functional>
#include <string>

#include "node/commands/commands.hpp"
#include "node/commands/ledger/ledger_reads.hpp"

namespace CLI {
class App;
}

namespace keel::node {

struct LedgerOptions {
  std::string url;
  std::string id;
  OpenLedgerOptions open;
  CreateAccountOptions account;
  CreateTransferOptions transfer;
  QueryBooksOptions query;
  StatementOptions statement;
  TrialBalanceOptions trial_balance;
  ExportOptions export_books;
  ImportBooksOptions import;
};

// Adds the commands; the one that was given is put into `run`. All references outlive the parsing
// and the run.
void add_ledger(CLI::App& app, const Settings& settings, LedgerOptions& options,
                std::function<Exit()>& run);

}  // namespace keel::node
