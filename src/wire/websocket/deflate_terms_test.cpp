#include "wire/websocket/deflate_terms.hpp"

#include <gtest/gtest.h>

#include "wire/http/request_parser.hpp"
#include "wire/websocket/errors.hpp"

namespace keel::websocket {
namespace {

// The value of Sec-WebSocket-Extensions in what the server says; "": it takes none of the offers.
std::string answer(std::string_view offers) {
  http::RequestParser parser;
  const std::string text =
      "GET / HTTP/1.1\r\nHost: h\r\nSec-WebSocket-Extensions: " + std::string(offers) + "\r\n\r\n";
  parser.feed(as_bytes(text));
  EXPECT_EQ(parser.next(), http::RequestStep::request);
  const std::optional<DeflateTerms> terms = choose_offer(parser.request().headers);
  return terms ? accepting(*terms) : "";
}

// What the client makes of it: "", the size of its window, or "refused".
std::string client_hears(std::string_view extensions, bool offered = true) {
  http::RequestParser parser;
  std::string text = "GET / HTTP/1.1\r\nHost: h\r\n";
  if (!extensions.empty()) text += "Sec-WebSocket-Extensions: " + std::string(extensions) + "\r\n";
  text += "\r\n";
  parser.feed(as_bytes(text));
  EXPECT_EQ(parser.next(), http::RequestStep::request);
  const auto heard = read_deflate_answer(parser.request().headers, offered);
  if (!heard.ok()) {
    EXPECT_TRUE(heard.error().is(kNotAccepted));
    return "refused";
  }
  return *heard ? std::to_string((*heard)->window_bits()) : "";
}

const std::string kPlain =
    "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

// RFC 7692, section 7.1.
TEST(DeflateTerms, a_server_takes_the_first_offer_that_it_understands) {
  EXPECT_EQ(answer("permessage-deflate"), kPlain);
  EXPECT_EQ(answer("x-other, permessage-deflate; client_max_window_bits"), kPlain);
  EXPECT_EQ(answer("PerMessage-Deflate;client_max_window_bits=10"), kPlain);
  EXPECT_EQ(answer(kPlain), kPlain);
  EXPECT_EQ(answer("permessage-deflate; server_max_window_bits=10"),
            kPlain + "; server_max_window_bits=10");
  EXPECT_EQ(answer("permessage-deflate; server_max_window_bits=\"15\""),
            kPlain + "; server_max_window_bits=15");
  EXPECT_EQ(answer("permessage-deflate; server_max_window_bits=8, permessage-deflate"), kPlain)
      << "a window that it cannot have, and the offer behind it";
}

TEST(DeflateTerms, a_server_takes_what_our_client_offers) {
  EXPECT_EQ(answer(kDeflateOffer), kPlain);
}

TEST(DeflateTerms, an_offer_that_is_malformed_is_passed_over) {
  for (const std::string_view offer :
       {"x-webkit-deflate-frame", "permessage-deflate; server_max_window_bits",
        "permessage-deflate; server_max_window_bits=8",
        "permessage-deflate; server_max_window_bits=16",
        "permessage-deflate; server_max_window_bits=010",
        "permessage-deflate; server_max_window_bits=\"\"",
        "permessage-deflate; server_max_window_bits=10; server_max_window_bits=10",
        "permessage-deflate; client_max_window_bits=7",
        "permessage-deflate; client_max_window_bits=",
        "permessage-deflate; client_max_window_bits; client_max_window_bits",
        "permessage-deflate; client_no_context_takeover=1",
        "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
        "permessage-deflate; unknown", "permessage-deflate; ", "permessage-deflate;;"})
    EXPECT_EQ(answer(offer), "") << offer;
}

TEST(DeflateTerms, a_client_understands_its_server_and_any_window) {
  EXPECT_EQ(client_hears(""), "");
  EXPECT_EQ(client_hears(kPlain), "15");
  EXPECT_EQ(client_hears("permessage-deflate; server_no_context_takeover"), "15");
  EXPECT_EQ(
      client_hears("permessage-deflate; server_no_context_takeover; server_max_window_bits=8"),
      "15");
  EXPECT_EQ(client_hears(accepting({.asked_window_bits = 12})), "15");
  EXPECT_EQ(client_hears(kPlain + "; client_max_window_bits=10"), "10");
}

TEST(DeflateTerms, a_client_refuses_what_it_has_not_offered) {
  for (const std::string_view extensions :
       {"x-other", "permessage-deflate", "permessage-deflate; client_no_context_takeover",
        "permessage-deflate; server_no_context_takeover; client_max_window_bits",
        "permessage-deflate; server_no_context_takeover; client_max_window_bits=8",
        "permessage-deflate; server_no_context_takeover; server_max_window_bits",
        "permessage-deflate; server_no_context_takeover; unknown=1",
        "permessage-deflate; server_no_context_takeover, permessage-deflate; "
        "server_no_context_takeover"})
    EXPECT_EQ(client_hears(extensions), "refused") << extensions;
  EXPECT_EQ(client_hears(kPlain, false), "refused");
}

}  // namespace
}  // namespace keel::websocket
