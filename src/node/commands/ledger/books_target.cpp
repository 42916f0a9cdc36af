#include "node/commands/ledger/books_target.hpp"

namespace keel::node {
namespace {

// RFC 3986, 2.3: what needs no escape.
bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-._~").contains(c);
}

}  // namespace

void BooksTarget::add(std::string_view name, std::string_view value) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  if (value.empty()) return;
  text_ += text_.contains('?') ? '&' : '?';
  text_ += name;
  text_ += '=';
  for (const char c : value) {
    if (is_unreserved(c)) {
      text_ += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    text_ += '%';
    text_ += kDigits[byte >> 4];
    text_ += kDigits[byte & 15];
  }
}

void BooksTarget::add(const BooksFilter& filter) {
  add("account", filter.account);
  add("debit_account", filter.debit_account);
  add("credit_account", filter.credit_account);
  add("account_ids", filter.account_ids);
  add("ledger", filter.ledger);
  add("code", filter.code);
  add("user_data_128", filter.user_data_128);
  add("user_data_64", filter.user_data_64);
  add("user_data_32", filter.user_data_32);
  add("flags", filter.flags);
  add("from", filter.from);
  add("to", filter.to);
  add("at", filter.at);
  if (filter.newest_first) add("order", "newest");
  if (filter.sums_only) add("detail", "sums");
}

}  // namespace keel::node
