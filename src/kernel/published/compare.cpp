#include <algorithm>
#include <charconv>
#include <set>

#include "base/json/json.hpp"
#include "kernel/published/module_schema.hpp"

namespace keel::kernel {
namespace {

template <typename List, typename Key, typename Member>
auto find_by(const List& list, const Key& key, Member member) -> decltype(list.data()) {
  const auto found = std::ranges::find(list, key, member);
  return found == list.end() ? nullptr : std::to_address(found);
}

template <typename T>
std::string labelled(std::string_view what, const T& one) {
  return std::string(what) + " " + std::to_string(one.number) + " " + one.name + " (version " +
         std::to_string(one.version) + ")";
}

// The names in "BatchHeader Transfer[]", "flags16 AccountFlag" and "Slot[36]": those that are no
// rows or values are found nowhere, and do not matter.
std::set<std::string> names_in(std::string_view text) {
  std::set<std::string> names;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    names.emplace(word.substr(0, word.find('[')));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return names;
}

// The names in a text, and those that they are made of.
void reach(const ModuleSchema& schema, std::string_view text, std::set<std::string>& reached) {
  for (const std::string& name : names_in(text)) {
    if (!reached.insert(name).second) continue;
    if (const RowSchema* row = find_by(schema.rows, name, &RowSchema::name)) {
      for (const FieldLayout& field : row->fields) reach(schema, field.type, reached);
    }
    if (const VariantSchema* one = find_by(schema.variants, name, &VariantSchema::name)) {
      reach(schema, one->head, reached);
      for (const CaseSchema& kind : one->cases) reach(schema, kind.payload, reached);
    }
  }
}

class Comparison {
 public:
  Comparison(const ModuleSchema& old, const ModuleSchema& current) : old_(old), current_(current) {}

  std::vector<std::string> run() {
    if (old_.module != current_.module || old_.name != current_.name) {
      say("the module was " + std::to_string(old_.module) + " " + old_.name);
    }
    types("event", old_.events, current_.events);
    types("command", old_.commands, current_.commands);
    types("query", old_.queries, current_.queries);
    for (const TableSchema& table : old_.tables) tables(table);
    for (const std::string& name : reached_) {
      if (const RowSchema* row = find_by(old_.rows, name, &RowSchema::name)) rows(*row);
      if (const ValuesSchema* values = find_by(old_.values, name, &ValuesSchema::name)) {
        named(*values);
      }
      if (const VariantSchema* one = find_by(old_.variants, name, &VariantSchema::name)) {
        variants(*one);
      }
    }
    return std::move(sentences_);
  }

 private:
  void say(std::string sentence) { sentences_.push_back(std::move(sentence)); }
  void keep(std::string_view payload) { reach(old_, payload, reached_); }

  void types(std::string_view what, const std::vector<TypeSchema>& old,
             const std::vector<TypeSchema>& current) {
    for (const TypeSchema& one : old) {
      keep(one.payload), keep(one.reply);
      const auto same = std::ranges::find_if(current, [&](const TypeSchema& other) {
        return other.number == one.number && other.version == one.version;
      });
      if (same == current.end()) {
        say(labelled(what, one) + " is gone");
      } else if (same->name != one.name) {
        say(labelled(what, one) + " is called " + same->name);
      } else if (same->payload != one.payload || same->reply != one.reply) {
        say(labelled(what, one) + " has another payload or reply: give it a higher version");
      }
    }
  }

  void tables(const TableSchema& one) {
    const TableSchema* same = find_by(current_.tables, one.number, &TableSchema::number);
    if (same == nullptr) return say(labelled("table", one) + " is gone");
    if (same->name != one.name) return say(labelled("table", one) + " is called " + same->name);
    if (same->version > one.version) return;
    if (same->version < one.version) return say(labelled("table", one) + " has a lower version");
    keep(one.record), keep(one.holds);
    if (same->record != one.record || same->holds != one.holds) {
      say(labelled("table", one) + " has another record: give it a higher version");
    }
  }

  void rows(const RowSchema& row) {
    const RowSchema* same = find_by(current_.rows, row.name, &RowSchema::name);
    if (same == nullptr) return say("row " + row.name + " is gone");
    if (same->bytes != row.bytes) say("row " + row.name + " has another size");
    for (const FieldLayout& field : row.fields) {
      const FieldLayout* now = find_by(same->fields, field.name, &FieldLayout::name);
      if (field.name.starts_with("reserved") && (now == nullptr || *now != field)) continue;
      if (now == nullptr) {
        say("field " + row.name + "." + field.name + " is gone");
      } else if (*now != field) {
        say("field " + row.name + "." + field.name + " has another place, size or type");
      }
    }
  }

  void named(const ValuesSchema& values) {
    const ValuesSchema* same = find_by(current_.values, values.name, &ValuesSchema::name);
    if (same == nullptr) return say("values of " + values.name + " are gone");
    for (const NamedValue& value : values.values) {
      const NamedValue* now = find_by(same->values, value.name, &NamedValue::name);
      if (now == nullptr) {
        say("value " + values.name + "." + value.name + " is gone");
      } else if (now->value != value.value) {
        say("value " + values.name + "." + value.name + " has another number");
      }
    }
  }

  void variants(const VariantSchema& variant) {
    const VariantSchema* same = find_by(current_.variants, variant.name, &VariantSchema::name);
    if (same == nullptr) return say("variant " + variant.name + " is gone");
    if (same->head != variant.head) say("variant " + variant.name + " has another head");
    for (const CaseSchema& kind : variant.cases) {
      const CaseSchema* now = find_by(same->cases, kind.value, &CaseSchema::value);
      if (now == nullptr) {
        say("kind " + variant.name + "." + kind.name + " is gone");
      } else if (*now != kind) {
        say("kind " + variant.name + "." + kind.name + " has another name or payload");
      }
    }
  }

  const ModuleSchema& old_;
  const ModuleSchema& current_;
  std::set<std::string> reached_;  // of the old schema: what may not change
  std::vector<std::string> sentences_;
};

std::uint32_t newest(const std::vector<TypeSchema>& types, std::uint32_t number) {
  std::uint32_t version = 0;
  for (const TypeSchema& one : types) {
    if (one.number == number) version = std::max(version, one.version);
  }
  return version;
}

// "uint32" -> 4; 0 for what is no integer.
std::uint32_t integer_bytes(std::string_view word) {
  if (word == "timestamp") return 8;
  if (!word.starts_with("uint") && !word.starts_with("sint")) return 0;
  word.remove_prefix(4);
  std::uint32_t bits = 0;
  const auto [end, error] = std::from_chars(word.begin(), word.end(), bits);
  return error == std::errc{} && end == word.end() ? bits / 8 : 0;
}

// The bytes of a record or payload that is rows and nothing else; 0: it is not.
std::uint32_t bytes_of(const ModuleSchema& schema, const std::string& payload) {
  std::uint32_t bytes = 0;
  for (std::string_view rest = payload; !rest.empty();) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    const std::string_view word = rest.substr(0, end);
    const RowSchema* row = find_by(schema.rows, word, &RowSchema::name);
    const std::uint32_t part = row == nullptr ? integer_bytes(word) : row->bytes;
    if (part == 0) return 0;
    bytes += part;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return bytes;
}

template <typename Types, typename Type>
void expect_number(const Types& published, std::string_view what, Type type,
                   std::vector<std::string>& sentences) {
  if (newest(published, type.value() & 0xFFFF) == 0) {
    sentences.push_back(std::string(what) + " " + std::to_string(type.value() & 0xFFFF) +
                        " is not published");
  }
}

}  // namespace

std::string to_text(const ModuleSchema& schema) {
  std::string text;
  JsonWriter json(text, JsonWriter::Layout::indented);
  to_json(schema, json);
  return text + "\n";
}

std::vector<std::string> incompatibilities(const ModuleSchema& old, const ModuleSchema& current) {
  return Comparison(old, current).run();
}

std::vector<std::string> omissions(const ModuleSchema& schema, std::span<TableBase* const> tables) {
  std::vector<std::string> sentences;
  for (const TableBase* table : tables) {
    const std::uint32_t number = table->id().value() & 0xFFFF;
    const TableSchema* published = find_by(schema.tables, number, &TableSchema::number);
    if (published == nullptr || published->name != table->name()) {
      sentences.push_back("table " + std::string(table->name()) + " is not published");
    } else if (bytes_of(schema, published->record) != table->record_bytes()) {
      sentences.push_back("table " + published->name + " has records of " +
                          std::to_string(table->record_bytes()) + " bytes, its schema " +
                          std::to_string(bytes_of(schema, published->record)));
    }
  }
  if (schema.tables.size() > tables.size()) sentences.push_back("tables that there are not");
  return sentences;
}

std::vector<std::string> omissions(const ModuleSchema& schema, Module& module) {
  std::vector<std::string> sentences = omissions(schema, module.tables());
  const ModuleInfo info = module.info();
  if (info.id.value() != schema.module || info.name != schema.name) {
    sentences.push_back("the module is " + std::string(info.name));
  }
  for (const EventSchema& event : info.events) {
    const std::uint32_t number = event.type.value() & 0xFFFF;
    const auto published = std::ranges::find_if(schema.events, [&](const TypeSchema& one) {
      return one.number == number && one.version == event.version.value();
    });
    if (published == schema.events.end() || published->name != event.name) {
      sentences.push_back("event " + std::string(event.name) + " is not published");
    } else if (event.row_bytes != 0 && bytes_of(schema, published->payload) != event.row_bytes) {
      sentences.push_back("event " + published->name + " has another size than its schema");
    }
    if (newest(schema.events, number) > event.version.value()) {
      sentences.push_back("event " + std::string(event.name) + " is published too new");
    }
  }
  for (const CommandType type : info.commands) {
    expect_number(schema.commands, "command", type, sentences);
  }
  for (const QueryType type : info.queries) {
    expect_number(schema.queries, "query", type, sentences);
  }
  return sentences;
}

}  // namespace keel::kernel
