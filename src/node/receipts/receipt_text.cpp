#include "node/receipts/receipt_text.hpp"

#include <fstream>

#include <fmt/core.h>

#include "base/json/json.hpp"
#include "base/text/base64.hpp"
#include "base/text/rfc3339.hpp"
#include "node/receipts/errors.hpp"

namespace keel::node {
namespace {

using charging::LineKind;

// "12.30 EUR"; the exponent is that of the ledger.
std::string money(std::uint64_t minor_units, const charging::SessionClosed& bill) {
  std::string digits = std::to_string(minor_units);
  const std::size_t decimals = bill.exponent;
  if (digits.size() <= decimals) digits.insert(0, decimals + 1 - digits.size(), '0');
  if (decimals > 0) digits.insert(digits.size() - decimals, 1, '.');
  return digits + ' ' + bill.currency;
}

std::string moment(Timestamp when) {
  std::string text;
  append_rfc3339(text, when);
  return text;
}

std::string line_text(const charging::PriceLine& line, const charging::SessionClosed& bill) {
  std::string amount = money(line.amount, bill);
  switch (line.kind) {
    case LineKind::session_fee:
      return "session: " + amount;
    case LineKind::energy:
      return fmt::format("energy {}.{:03} kWh, rate {}: {}", line.quantity / 1000,
                         line.quantity % 1000, line.rate, amount);
    case LineKind::time:
      return fmt::format("time {} s, rate {}: {}", line.quantity, line.rate, amount);
    case LineKind::idle:
      return fmt::format("idle {} s: {}", line.quantity, amount);
  }
  return amount;
}

void row(std::string& to, std::string_view name, std::string_view value) {
  to += fmt::format("{:<12}{}\n", name, value);
}

Result<> write_file(const std::string& path, std::string_view content) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(content.data(), static_cast<std::streamsize>(content.size()));
  file.close();
  if (!file) return Error(kNotWritten, path + " cannot be written");
  return success();
}

// What the meter itself has signed.
void signed_rows(const charging::SessionClosed& bill, std::string& to) {
  if (!bill.signed_values) return;
  const charging::SignedValues& values = *bill.signed_values;
  row(to, "signed",
      fmt::format("{} values by a registered key, {} by another, {} refused", values.verified,
                  values.unregistered, values.refused));
  for (const charging::SignedValue& each : values.records) {
    const bool is_known = each.verdict == charging::SignedVerdict::verified;
    row(to, is_known ? "  meter" : "  unknown",
        each.signed_wh ? fmt::format("{} Wh, {}", *each.signed_wh, moment(each.time))
                       : moment(each.time));
  }
}

// What was used and what it cost.
void bill_rows(const charging::SessionClosed& bill, std::string& to) {
  row(to, "session", fmt::format("{}, version {} of its bill", bill.session.value(), bill.version));
  row(to, "station", fmt::format("{}, connector {}", bill.station, bill.connector.value()));
  row(to, "started", moment(bill.started_at));
  row(to, "stopped", moment(bill.stopped_at));
  row(to, "meter",
      fmt::format("{} Wh to {} Wh, {} readings", bill.start_register_wh, bill.stop_register_wh,
                  bill.usage.readings));
  signed_rows(bill, to);
  row(to, "tariff",
      fmt::format("{}, {} version {}", bill.terms.name, bill.tariff.value(),
                  bill.tariff_version.value()));
  for (const charging::PriceLine& line : bill.lines) row(to, "line", line_text(line, bill));
  row(to, "net", money(bill.net, bill));
  row(to, "tax",
      fmt::format("{} ({}.{:02} %)", money(bill.tax, bill), bill.terms.tax_basis_points / 100,
                  bill.terms.tax_basis_points % 100));
  row(to, "total", money(bill.total, bill));
  row(to, "paid",
      fmt::format("{} of the hold, {} from the account, {} to be collected",
                  money(bill.captured, bill), money(bill.charged, bill),
                  money(bill.receivable, bill)));
  for (const uint128 transfer : bill.transfers) row(to, "transfer", to_decimal(transfer));
  for (const uint128 transfer : bill.reversals) row(to, "reversal", to_decimal(transfer));
}

}  // namespace

std::string receipt_for_people(const Statement& statement, const Receipt& receipt) {
  std::string text;
  bill_rows(statement.bill, text);
  row(text, "journal",
      fmt::format("{}, cell {}, position {}", to_hex(statement.journal_id), statement.cell,
                  statement.position.value()));
  row(text, "recorded",
      fmt::format("{}, durable by {}", moment(statement.recorded_at), statement.durability));
  row(text, "head", to_hex(statement.head));
  row(text, "key", to_hex(receipt.public_key));
  return text;
}

std::string public_key_pem(const std::array<std::byte, 32>& key) {
  Bytes info = from_hex("302a300506032b6570032100").value();
  append(info, key);
  std::string text;
  append_base64(text, info);
  return "-----BEGIN PUBLIC KEY-----\n" + text + "\n-----END PUBLIC KEY-----\n";
}

ReceiptFiles names_of_receipt(const std::string& file) {
  return {.receipt = file,
          .statement = file + ".statement",
          .signature = file + ".signature",
          .public_key = file + ".pem"};
}

Result<> write_files(const ReceiptFiles& files, const Receipt& receipt) {
  std::string json;
  to_json(receipt, json);
  KEEL_TRY(write_file(files.receipt, json + "\n"));
  KEEL_TRY(write_file(files.statement, receipt.statement));
  KEEL_TRY(write_file(files.signature, as_text(receipt.signature)));
  return write_file(files.public_key, public_key_pem(receipt.public_key));
}

std::string openssl_command(const ReceiptFiles& files) {
  return fmt::format("openssl pkeyutl -verify -pubin -inkey '{}' -rawin -in '{}' -sigfile '{}'",
                     files.public_key, files.statement, files.signature);
}

}  // namespace keel::node
