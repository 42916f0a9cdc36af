#include "node/commands/ledger/ledger_line.hpp"

#include <CLI/CLI.hpp>

namespace keel::node {
namespace {

using Run = std::function<Exit()>;

// Sends a command to the node of --url.
struct Send {
  const Settings& settings;
  const LedgerOptions& options;

  Exit operator()(Result<LedgerCommand> command) const {
    if (!command.ok()) return report(command.error());
    command->url = options.url;
    return ledger_command(settings, *command);
  }
};

void add_changes(CLI::App* ledger, Send send, LedgerOptions& options, Run& run) {
  CLI::App* open = ledger->add_subcommand("open", "Open a ledger");
  open->add_option("--id", options.open.id, "Its number")->check(CLI::Range(1u, UINT32_MAX));
  open->add_option("--currency", options.open.currency, "ISO 4217");
  open->add_option("--exponent", options.open.exponent, "Digits of the minor unit")
      ->check(CLI::Range(0, 18));
  open->callback([&run, &options, send] {
    run = [&options, send] { return send(open_ledger(options.open)); };
  });

  CLI::App* account = ledger->add_subcommand("account", "Create an account");
  account->add_option("id", options.account.id, "128-bit, decimal")->required();
  account->add_option("--ledger", options.account.ledger, "Its ledger");
  account->add_option("--code", options.account.code, "Its kind")->check(CLI::Range(1, 65'535));
  account->add_option("--credit-limit", options.account.credit_limit,
                      "How far it may exceed its cap");
  account->add_flag("--no-overdraft", options.account.no_overdraft,
                    "Its debits must not exceed its credits");
  account->add_flag("--history", options.account.history, "Keep its past balances");
  account->callback([&run, &options, send] {
    run = [&options, send] { return send(create_account(options.account)); };
  });

  CLI::App* transfer = ledger->add_subcommand("transfer", "Move money");
  transfer->add_option("--id", options.transfer.id, "128-bit, decimal: the same id moves once")
      ->required();
  transfer->add_option("--from", options.transfer.debit, "The account to debit")->required();
  transfer->add_option("--to", options.transfer.credit, "The account to credit")->required();
  transfer->add_option("--amount", options.transfer.amount, "Minor units")->required();
  transfer->add_option("--ledger", options.transfer.ledger, "Their ledger");
  transfer->add_option("--code", options.transfer.code, "Its kind")->check(CLI::Range(1, 65'535));
  transfer->callback([&run, &options, send] {
    run = [&options, send] { return send(create_transfer(options.transfer)); };
  });
}

void add_looks(CLI::App* ledger, Send send, LedgerOptions& options, Run& run) {
  CLI::App* show = ledger->add_subcommand("show", "An account with its balances");
  show->add_option("id", options.id, "The account")->required();
  show->callback([&run, &options, send] {
    run = [&options, send] {
      return send(LedgerCommand{.url = {}, .target = "/v1/accounts/" + options.id, .body = {}});
    };
  });
  CLI::App* balance = ledger->add_subcommand("balance", "The trial balance of every ledger");
  balance->callback([&run, send] {
    run = [send] {
      return send(LedgerCommand{.url = {}, .target = "/v1/trial-balance", .body = {}});
    };
  });
}

// What rows have in common: the same for queries and exports.
void add_filter(CLI::App* command, BooksFilter& filter) {
  command->add_option("--account", filter.account, "On either side of a transfer");
  command->add_option("--debit-account", filter.debit_account, "The account debited");
  command->add_option("--credit-account", filter.credit_account, "The account credited");
  command->add_option("--ledger", filter.ledger, "Its number");
  command->add_option("--code", filter.code, "The kind");
  command->add_option("--user-data-128", filter.user_data_128, "Decimal");
  command->add_option("--user-data-64", filter.user_data_64, "Decimal");
  command->add_option("--user-data-32", filter.user_data_32, "Decimal");
  command->add_option("--flags", filter.flags, "Of accounts: history,closed: all of them are set");
}

void add_period(CLI::App* command, BooksFilter& filter) {
  command->add_option("--from", filter.from, "RFC 3339, inclusive");
  command->add_option("--to", filter.to, "RFC 3339, inclusive");
}

void add_query(CLI::App* ledger, const Settings& settings, LedgerOptions& all, Run& run) {
  QueryBooksOptions& options = all.query;
  CLI::App* command = ledger->add_subcommand("query", "Transfers, accounts and balances, as rows");
  command->add_option("what", options.what, "What to show")
      ->required()
      ->check(CLI::IsMember({"transfers", "accounts", "history", "balance", "balances"}));
  command->add_option("id", options.id, "The account, with history and balance");
  add_filter(command, options.filter);
  add_period(command, options.filter);
  command->add_option("--at", options.filter.at, "With balance and balances: RFC 3339");
  command->add_option("--ids", options.filter.account_ids, "With balances: 1,2,3");
  command->add_flag("--sums", options.filter.sums_only, "With balances: the sums alone");
  command->add_flag("--newest", options.filter.newest_first, "The newest first");
  command->add_option("--limit", options.limit, "Rows; 0: all");
  command->add_flag("--csv", options.csv, "CSV instead of JSON");
  command->callback([&settings, &options, &all, &run] {
    run = [&settings, &options, &all] {
      options.url = all.url;
      return query_books(settings, options);
    };
  });
}

void add_documents(CLI::App* ledger, const Settings& settings, LedgerOptions& all, Run& run) {
  CLI::App* statement_of =
      ledger->add_subcommand("statement", "What happened to an account in a period");
  statement_of->add_option("account", all.statement.account, "The account")->required();
  add_period(statement_of, all.statement.filter);
  statement_of->add_flag("--csv", all.statement.csv, "CSV instead of JSON");
  statement_of->callback([&settings, &all, &run] {
    run = [&settings, &all] {
      all.statement.url = all.url;
      return statement(settings, all.statement);
    };
  });

  CLI::App* sheet = ledger->add_subcommand("trial-balance",
                                           "Every account of a ledger at a time, and their sums");
  sheet->add_option("ledger", all.trial_balance.ledger, "The ledger")->required();
  sheet->add_option("--at", all.trial_balance.filter.at, "RFC 3339 (default: now)");
  sheet->add_flag("--sums", all.trial_balance.filter.sums_only, "The sums alone");
  sheet->add_flag("--csv", all.trial_balance.csv, "CSV instead of JSON");
  sheet->callback([&settings, &all, &run] {
    run = [&settings, &all] {
      all.trial_balance.url = all.url;
      return trial_balance(settings, all.trial_balance);
    };
  });
}

void add_files(CLI::App* ledger, const Settings& settings, LedgerOptions& all, Run& run) {
  ImportOptions& import = all.import.import;
  CLI::App* in = ledger->add_subcommand("import", "A file into the books, with its own times");
  in->add_option("file", import.path, "FILE.csv or FILE.jsonl")->required();
  in->add_flag("--accounts", import.accounts, "The file holds accounts, not transfers");
  in->add_flag("--dry-run", import.dry_run, "Read and check everything, change nothing");
  in->add_flag("--keep-going", import.keep_going, "Go on after a batch with refused rows");
  in->add_option("--name", import.name, "Ids that the file lacks follow from it (default: FILE)");
  in->add_option("--batch", import.batch, "Rows a request")->check(CLI::Range(1, 8'189));
  in->callback([&settings, &all, &run] {
    run = [&settings, &all] {
      all.import.url = all.url;
      return import_books(settings, all.import);
    };
  });

  ExportOptions& options = all.export_books;
  CLI::App* out = ledger->add_subcommand("export", "Transfers or accounts into a file");
  out->add_option("what", options.what, "What to write")
      ->required()
      ->check(CLI::IsMember({"transfers", "accounts"}));
  out->add_option("file", options.file, "FILE.csv or FILE.jsonl")->required();
  add_filter(out, options.filter);
  add_period(out, options.filter);
  out->callback([&settings, &all, &run] {
    run = [&settings, &all] {
      all.export_books.url = all.url;
      return export_books(settings, all.export_books);
    };
  });
}

}  // namespace

void add_ledger(CLI::App& app, const Settings& settings, LedgerOptions& options, Run& run) {
  CLI::App* ledger = app.add_subcommand("ledger", "The books of a running node");
  ledger->require_subcommand(1);
  ledger->add_option("--url", options.url, "The node (default: as configured)");
  const Send send{settings, options};
  add_changes(ledger, send, options, run);
  add_looks(ledger, send, options, run);
  add_query(ledger, settings, options, run);
  add_documents(ledger, settings, options, run);
  add_files(ledger, settings, options, run);
}

}  // namespace keel::node
