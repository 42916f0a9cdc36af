#include "wire/http/event_stream.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "wire/http/errors.hpp"

namespace keel::http {
namespace {

std::string write(const StreamEvent& event) {
  std::array<std::byte, 128> space;
  const auto bytes = write_stream_event(space, event);
  return bytes ? std::string(as_text(*bytes)) : std::string(bytes.error().kind().name);
}

TEST(EventStream, writes_id_name_and_each_line_of_data) {
  EXPECT_EQ(write({.id = "42", .event = "transfer", .data = "{}"}),
            "id: 42\nevent: transfer\ndata: {}\n\n");
  EXPECT_EQ(write({.data = ""}), "data: \n\n");
  EXPECT_EQ(write({.data = "a\nb\r\nc\rd\n"}), "data: a\ndata: b\ndata: c\ndata: d\ndata: \n\n");
}

TEST(EventStream, refuses_text_that_would_break_out_of_its_field) {
  EXPECT_EQ(write({.id = "1\ndata: x", .data = "a"}), "http.bad_output");
  EXPECT_EQ(write({.id = std::string_view("1\0", 2), .data = "a"}), "http.bad_output");
  EXPECT_EQ(write({.event = "e\r", .data = "a"}), "http.bad_output");
  EXPECT_EQ(write({.data = std::string(200, 'x')}), "http.output_full");
}

TEST(EventStream, fits_into_the_space_that_it_names) {
  const std::string breaks(50, '\n');
  const StreamEvent event{.id = "1", .event = "e", .data = breaks};
  std::string space(stream_event_bytes(event), '\0');
  EXPECT_TRUE(write_stream_event(std::as_writable_bytes(std::span(space)), event).ok());
}

}  // namespace
}  // namespace keel::http
