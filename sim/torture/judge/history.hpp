// History: the records of a journal, read from the bytes of its groups as docs/journal-format.md
// describes them, by code of its own: what the journal's readers say is judged with it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/hash/digest.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"

namespace keel::torture {

struct Entry {
  Position position;
  Timestamp time;
  TenantId tenant;
  std::uint32_t type = 0;
  PrincipalId principal;
  CommandId command;
  std::uint16_t schema_version = 0;
  std::uint16_t row_bytes = 0;
  Bytes payload;
};

struct History {
  std::vector<Entry> entries;
  std::vector<Digest> heads;          // SHA-256 of each group's header, in order
  std::vector<std::string> problems;  // what is not as the document says; reading ends at the first

  Position last() const { return Position(entries.size()); }
};

// The segments of class `main`, in the order of their names.
History read_segments(const std::map<std::string, Bytes>& segments);
// Groups one after the other, as the distributed log keeps them.
History read_groups(const std::vector<Bytes>& groups);

}  // namespace keel::torture
