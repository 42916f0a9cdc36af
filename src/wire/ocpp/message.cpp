#include "wire/ocpp/message.hpp"

#include "base/json/json_writer.hpp"

namespace keel::ocpp {
namespace {

constexpr std::size_t kMostDescriptionBytes = 255;  // section 4.2.3

// Walks over JSON without looking into it: where values begin and end. What is inside brackets is
// checked by whoever reads the payload.
class Scanner {
 public:
  Scanner(std::string_view text, std::uint32_t depth) : rest_(text), most_depth_(depth) {}

  bool take(char wanted) {
    skip_space();
    if (!rest_.starts_with(wanted)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool at_end() {
    skip_space();
    return rest_.empty();
  }
  // The inside of a text, escapes and all.
  std::optional<std::string_view> text() {
    skip_space();
    if (!rest_.starts_with('"')) return std::nullopt;
    for (std::size_t i = 1; i < rest_.size(); ++i) {
      const char c = rest_[i];
      if (static_cast<unsigned char>(c) < 0x20) return std::nullopt;
      if (c == '\\') ++i;
      if (c != '"') continue;
      const std::string_view inside = rest_.substr(1, i - 1);
      rest_.remove_prefix(i + 1);
      return inside;
    }
    return std::nullopt;
  }
  // An object as it stands, braces and all.
  std::optional<std::string_view> object() {
    skip_space();
    if (!rest_.starts_with('{')) return std::nullopt;
    const std::string_view whole = rest_;
    std::uint32_t depth = 0;
    while (!rest_.empty()) {
      const char c = rest_.front();
      if (c == '"') {
        if (!text()) return std::nullopt;
        continue;
      }
      rest_.remove_prefix(1);
      if ((c == '{' || c == '[') && ++depth > most_depth_) return std::nullopt;
      if ((c == '}' || c == ']') && --depth == 0)
        return whole.substr(0, whole.size() - rest_.size());
    }
    return std::nullopt;
  }

 private:
  void skip_space() {
    const std::size_t first = rest_.find_first_not_of(" \t\r\n");
    rest_.remove_prefix(first == std::string_view::npos ? rest_.size() : first);
  }

  std::string_view rest_;
  std::uint32_t most_depth_;
};

// What comes behind the id; false: not of its type's form.
bool read_rest(Scanner& scanner, Message& message) {
  const auto text = [&](std::string_view& into) {
    if (!scanner.take(',')) return false;
    const std::optional<std::string_view> found = scanner.text();
    into = found.value_or("");
    return found.has_value();
  };
  const auto object = [&](std::string_view& into) {
    if (!scanner.take(',')) return false;
    const std::optional<std::string_view> found = scanner.object();
    into = found.value_or("");
    return found.has_value();
  };
  switch (message.type) {
    case MessageType::call:
      if (!text(message.action) || !object(message.payload)) return false;
      break;
    case MessageType::call_result:
      if (!object(message.payload)) return false;
      break;
    case MessageType::call_error:
      if (!text(message.code)) return false;
      // Some leave out the rest.
      if (text(message.description)) static_cast<void>(object(message.payload));
      break;
  }
  return scanner.take(']') && scanner.at_end();
}

std::string begin(char type, std::string_view id) {
  std::string text{'[', type, ',', '"'};
  text += id;
  return text += '"';
}

}  // namespace

std::optional<ReadMessage> read_message(std::string_view text, const MessageLimits& limits) {
  if (text.size() > limits.message_bytes) return std::nullopt;
  Scanner scanner(text, limits.depth);
  ReadMessage read;
  if (!scanner.take('[')) return std::nullopt;
  if (scanner.take('2')) {
    read.message.type = MessageType::call;
  } else if (scanner.take('3')) {
    read.message.type = MessageType::call_result;
  } else if (scanner.take('4')) {
    read.message.type = MessageType::call_error;
  } else {
    return std::nullopt;
  }
  if (!scanner.take(',')) return std::nullopt;
  const std::optional<std::string_view> id = scanner.text();
  if (!id || id->empty() || id->size() > limits.id_bytes) return std::nullopt;
  read.message.id = *id;
  if (!read_rest(scanner, read.message)) {
    read.defect = ErrorCode::protocol_error;
    read.why = "not [2, id, action, {...}] to its end, or nested too deep";
  } else if (read.message.type == MessageType::call &&
             (read.message.action.empty() || read.message.action.size() > limits.action_bytes)) {
    read.defect = ErrorCode::not_implemented;
    read.why = "no such action";
  }
  return read;
}

std::string write_call(std::string_view id, std::string_view action, std::string_view payload) {
  std::string text = begin('2', id);
  text += ",\"";
  text += action;
  text += "\",";
  text += payload;
  return text += ']';
}

std::string write_result(std::string_view id, std::string_view payload) {
  std::string text = begin('3', id);
  text += ',';
  text += payload;
  return text += ']';
}

std::string write_error(std::string_view id, ErrorCode code, std::string_view description) {
  std::string text = begin('4', id);
  text += ",\"";
  text += to_string(code);
  text += "\",";
  append_json_text(text, description.substr(0, kMostDescriptionBytes));
  return text += ",{}]";
}

}  // namespace keel::ocpp
