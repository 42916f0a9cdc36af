#include "wire/http/events/event_stream.hpp"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "wire/http/errors.hpp"
#include "wire/http/events/event_stream_reader.hpp"

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

// Reads pieces that are gone as soon as the reader asks for more.
std::string read(const std::vector<std::string>& pieces, std::size_t limit_bytes = 1'000) {
  EventStreamReader reader(limit_bytes);
  std::string seen;
  for (const std::string& piece : pieces) {
    auto memory = std::make_unique<std::vector<char>>(piece.begin(), piece.end());
    reader.feed(std::as_bytes(std::span<const char>(*memory)));
    for (;;) {
      const auto event = reader.next();
      if (!event) return seen + std::string(event.error().kind().name);
      if (!*event) break;
      seen += std::string((*event)->id) + "|" + std::string((*event)->event) + "|" +
              std::string((*event)->data) + ";";
    }
  }
  return seen;
}

TEST(EventStreamReader, reads_what_the_standard_shows) {
  EXPECT_EQ(read({"data: YHOO\ndata: +2\ndata: 10\n\n"}), "||YHOO\n+2\n10;");
  EXPECT_EQ(read({": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  "
                  "third event\n\n"}),
            "1||first event;||second event;|| third event;");
  EXPECT_EQ(read({"data\n\ndata\ndata\n\ndata:"}), "||;||\n;");
  EXPECT_EQ(read({"event: add\ndata: 1\n\ndata: 2\n\nevent: lost\n\ndata: 3\n\n"}),
            "|add|1;||2;||3;");
}

TEST(EventStreamReader, does_not_care_where_it_is_cut_or_how_lines_end) {
  const std::string bytes =
      "\xef\xbb\xbfid: 7\r\nevent: e\rdata: a\ndata: b\r\n\r\n:\n\nid: 8\ndata: c\r\rretry: 10\n\n";
  const std::string whole = read({bytes});
  EXPECT_EQ(whole, "7|e|a\nb;8||c;");
  std::vector<std::string> single;
  for (const char c : bytes) single.emplace_back(1, c);
  EXPECT_EQ(read(single), whole);
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    EXPECT_EQ(read({bytes.substr(0, cut), bytes.substr(cut)}), whole) << cut;
  }
}

TEST(EventStreamReader, remembers_the_last_id_and_the_wait) {
  EventStreamReader reader;
  reader.feed(as_bytes("retry: 250\nretry: x\nid: 9\n\n"));
  EXPECT_EQ(reader.next().value(), std::nullopt);
  EXPECT_EQ(reader.last_id(), "9");
  EXPECT_EQ(reader.retry_ms(), 250u);
}

TEST(EventStreamReader, bounds_an_event) {
  EXPECT_EQ(read({"data: " + std::string(14, 'x') + "\n\n"}, 20),
            "||" + std::string(14, 'x') + ";");
  EXPECT_EQ(read({"data: " + std::string(15, 'x') + "\n\n"}, 20), "http.event_too_large");
  EXPECT_EQ(read({"data: 1234567\ndata: 123456\n\n"}, 20), "||1234567\n123456;");
  EXPECT_EQ(read({"data: 1234567\ndata: 1234567\n\n"}, 20), "http.event_too_large");
  // A mark at the very beginning does not count, wherever it is cut.
  const std::string marked = "\xef\xbb\xbf" + std::string("data:") + std::string(15, 'x') + "\n\n";
  for (std::size_t cut = 0; cut <= marked.size(); ++cut) {
    EXPECT_EQ(read({marked.substr(0, cut), marked.substr(cut)}, 20),
              "||" + std::string(15, 'x') + ";");
  }
  EXPECT_EQ(read({std::string(21, ':'), "\n"}, 20), "http.event_too_large");
}

TEST(EventStreamReader, reads_what_the_writer_writes) {
  EXPECT_EQ(read({write({.id = "42", .event = "transfer", .data = "a\nb\n"})}),
            "42|transfer|a\nb\n;");
}

}  // namespace
}  // namespace keel::http
