// What `keel ledger query, statement, trial-balance, import` and `export` are asked for, and the
// commands themselves. Values stand here as they were given: the node checks them, and names what
// it refuses.
#pragma once

#include <string>

#include "node/bulk/importer.hpp"
#include "node/commands/command.hpp"

namespace keel::node {

// Empty: not given.
struct BooksFilter {
  std::string account;
  std::string debit_account;
  std::string credit_account;
  std::string account_ids;  // "1,2,3"
  std::string ledger;
  std::string code;
  std::string user_data_128;
  std::string user_data_64;
  std::string user_data_32;
  std::string flags;
  std::string from;
  std::string to;
  std::string at;
  bool newest_first = false;
  bool sums_only = false;
};

struct QueryBooksOptions {
  std::string url;
  std::string what;  // transfers, accounts, history, balance or balances
  std::string id;    // of the account, with history and balance
  BooksFilter filter;
  std::uint64_t limit = 100;  // rows; 0: all
  bool csv = false;
};
// Rows on standard output: JSON, one a line, or CSV. Balances are one document.
Exit query_books(const Settings& settings, const QueryBooksOptions& options);

struct StatementOptions {
  std::string url;
  std::string account;
  BooksFilter filter;  // from, to
  bool csv = false;
};
Exit statement(const Settings& settings, const StatementOptions& options);

struct TrialBalanceOptions {
  std::string url;
  std::string ledger;
  BooksFilter filter;  // at, sums_only
  bool csv = false;
};
Exit trial_balance(const Settings& settings, const TrialBalanceOptions& options);

struct ExportOptions {
  std::string url;
  std::string what;  // transfers or accounts
  std::string file;  // its name says the form: .csv or .jsonl
  BooksFilter filter;
};
// Writes FILE.partial, which becomes FILE when it is complete.
Exit export_books(const Settings& settings, const ExportOptions& options);

struct ImportBooksOptions {
  std::string url;
  ImportOptions import;
};
Exit import_books(const Settings& settings, const ImportBooksOptions& options);

}  // namespace keel::node
