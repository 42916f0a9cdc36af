// A document: an answer that takes several queries of the cell and is sent while it is made, so
// that its length costs no memory. One that breaks off lacks the last chunk (HTTP/1.1 says so to
// the client) and its end; asking again costs nothing but the work.
//
// Thread: the server's core.
#pragma once

#include "engine/requests/client.hpp"
#include "modules/ledger/requests.hpp"
#include "servers/api/caller.hpp"
#include "servers/api/parameters.hpp"
#include "servers/http/handler.hpp"

namespace keel::servers {

class Document : public BodyStream {
 public:
  enum class Form : std::uint8_t { json, csv };

  // Whose question it is, where it goes, and in which form it is answered.
  struct Context {
    engine::CellClient& cell;
    Caller caller;
    Form form = Form::json;
  };

  explicit Document(Context context) : context_(context) {}

  // Asks the first query: its error is still one answer for all.
  virtual runtime::Task<Result<>> begin(runtime::Wait wait) = 0;

 protected:
  bool is_csv() const noexcept { return context_.form == Form::csv; }
  // Keeps `payload` until the answer has come.
  runtime::Task<Result<engine::Answer>> ask(kernel::QueryType type, Bytes payload,
                                            runtime::Wait wait);

 private:
  Context context_;
};

// A JSON text with a list in it, cut where the list's elements go.
struct CutAtList {
  std::string before;  // up to and with "["
  std::string after;   // "]" and the rest
};
// `json` was made from a struct whose field `list` is empty.
CutAtList cut_at_list(std::string_view json, std::string_view list);

// Balances at a time, page by page, whatever the number of calls.
class BalancePages {
 public:
  // `ids`: packed account ids; empty: by the query's filter.
  BalancePages(ledger::BalanceQuery query, Bytes ids) : query_(query), ids_(std::move(ids)) {}

  Timestamp at() const noexcept { return query_.at; }
  // From the beginning, at another time.
  void restart_at(Timestamp at);
  // The payload of the next query; `take` its answer.
  Bytes payload() const;
  Result<> take(ByteView answer, std::vector<ledger::Account>& rows);
  bool at_end() const noexcept { return at_end_; }

 private:
  ledger::BalanceQuery query_;
  Bytes ids_;
  bool at_end_ = false;
};

// The documents, each from its parameters (routes.hpp lists their names).
using DocumentMade = Result<std::unique_ptr<Document>>;
DocumentMade read_account_balance(Parameters& parameters, Document::Context context);
DocumentMade read_statement(Parameters& parameters, Document::Context context);
DocumentMade read_balances(Parameters& parameters, Document::Context context);
DocumentMade read_ledger_balances(Parameters& parameters, Document::Context context);

}  // namespace keel::servers
