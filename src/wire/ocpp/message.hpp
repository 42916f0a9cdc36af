// One message of OCPP-J (1.6 section 4, 2.0.1 part 4 section 4): its frame, as text in and text
// out. What is in the payload is the business of a version's sub-folder.
//
//   [2, id, action, {payload}]            CALL
//   [3, id, {payload}]                    CALLRESULT
//   [4, id, code, description, {details}] CALLERROR
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "wire/ocpp/error_code.hpp"

namespace keel::ocpp {

enum class MessageType : std::uint8_t { call = 2, call_result = 3, call_error = 4 };

struct MessageLimits {
  std::size_t message_bytes = std::size_t{128} << 10;
  std::size_t id_bytes = 64;  // 36 by the specification; braces and prefixes are seen
  std::size_t action_bytes = 64;
  std::uint32_t depth = 16;  // objects and lists inside one another
};

// Views into the text. Texts are as they stand between their quotation marks, escapes and all: an
// id is sent back as it came.
struct Message {
  MessageType type = MessageType::call;
  std::string_view id;
  std::string_view action;   // of a call
  std::string_view payload;  // a JSON object as far as its brackets go: not looked into; details
                             // of an error, empty when it has none
  std::string_view code;     // of an error
  std::string_view description;  // of an error
};

// What could be read. A call with a `defect` has an id, and is refused with it; anything else that
// has one is passed over.
struct ReadMessage {
  Message message;
  std::optional<ErrorCode> defect;
  std::string_view why;  // of a defect; static lifetime
};

// Nothing: no message, and no id to answer it with.
std::optional<ReadMessage> read_message(std::string_view text [[clang::lifetimebound]],
                                        const MessageLimits& limits);

// Ids and actions as they stand between quotation marks; payloads are JSON objects.
std::string write_call(std::string_view id, std::string_view action, std::string_view payload);
std::string write_result(std::string_view id, std::string_view payload);
std::string write_error(std::string_view id, ErrorCode code, std::string_view description);

}  // namespace keel::ocpp
