#include "wire/ocpp/rpc.hpp"

#include <algorithm>

#include "base/hash/hash64.hpp"

namespace keel::ocpp {
namespace {

std::uint64_t content_of(const Message& message) {
  return hash64(as_bytes(message.payload), hash64(as_bytes(message.action), 0));
}

}  // namespace

Step Rpc::receive(std::string_view text) {
  KEEL_ASSERT(!answering_);
  const std::optional<ReadMessage> read = read_message(text, limits_.message);
  if (!read) return bad();
  message_ = read->message;
  if (message_.type == MessageType::call) return receive_call(*read);
  return receive_answer(*read);
}

Step Rpc::bad() {
  ++counts_.bad_messages;
  return ++bad_ >= limits_.bad_in_a_row ? Step::hopeless : Step::nothing;
}

Step Rpc::receive_call(const ReadMessage& read) {
  if (read.defect) {
    const Step step = bad();
    ++counts_.refused;
    output_ = write_error(message_.id, *read.defect, read.why);
    return step;
  }
  bad_ = 0;
  const auto known = std::ranges::find(answers_, message_.id, &Answered::id);
  if (known != answers_.end() && known->content == content_of(message_)) {
    ++counts_.repeated_calls;
    output_ = known->answer;
    return Step::nothing;
  }
  if (known != answers_.end()) {
    ++counts_.reused_ids;
    answers_bytes_ -= known->answer.size();
    answers_.erase(known);
  }
  ++counts_.calls;
  answering_ = true;
  return Step::call;
}

Step Rpc::receive_answer(const ReadMessage& read) {
  const std::string_view id = message_.id;
  if (own_call_.empty() || own_call_ != id) {
    if (id == last_answered_) {
      ++counts_.repeated_answers;
    } else if (std::ranges::find(given_up_, id) != given_up_.end()) {
      ++counts_.late_answers;
    } else {
      ++counts_.unknown_answers;
    }
    return Step::nothing;
  }
  // An answer that cannot be read is an answer all the same: there will be no other.
  if (read.defect) ++counts_.bad_messages;
  const bool accepted = message_.type == MessageType::call_result && !read.defect;
  result_ = {.accepted = accepted,
             .payload = message_.payload,
             .code = read.defect ? to_string(*read.defect) : message_.code,
             .description = read.defect ? read.why : message_.description};
  last_answered_ = std::exchange(own_call_, {});
  return Step::answered;
}

void Rpc::finish(std::string answer) {
  KEEL_ASSERT(answering_);
  answering_ = false;
  output_ = std::move(answer);
  if (output_.size() > limits_.kept_bytes || limits_.kept_answers == 0) return;
  while (!answers_.empty() && (answers_.size() == limits_.kept_answers ||
                               answers_bytes_ + output_.size() > limits_.kept_bytes)) {
    answers_bytes_ -= answers_.front().answer.size();
    answers_.erase(answers_.begin());
  }
  answers_bytes_ += output_.size();
  answers_.push_back(
      {.id = std::string(message_.id), .content = content_of(message_), .answer = output_});
}

void Rpc::answer(std::string_view payload) {
  finish(write_result(message_.id, payload));
}

void Rpc::refuse(ErrorCode code, std::string_view why) {
  ++counts_.refused;
  // What may go better another time is not remembered.
  if (code == ErrorCode::internal_error || code == ErrorCode::generic_error) {
    KEEL_ASSERT(answering_);
    answering_ = false;
    output_ = write_error(message_.id, code, why);
    return;
  }
  finish(write_error(message_.id, code, why));
}

Result<std::string> Rpc::call(std::string_view action, std::string_view payload) {
  if (!may_call()) return kCallUnderWay;
  own_call_ = name_ + std::to_string(++last_id_);
  output_ = write_call(own_call_, action, payload);
  return own_call_;
}

void Rpc::give_up() {
  if (own_call_.empty()) return;
  given_up_.at(next_given_up_) = std::exchange(own_call_, {});
  next_given_up_ = (next_given_up_ + 1) % given_up_.size();
}

}  // namespace keel::ocpp
