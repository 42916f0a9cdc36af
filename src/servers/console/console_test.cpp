#include "servers/console/console.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "runtime/manual_core.hpp"
#include "servers/http/testing/lone_exchange.hpp"

namespace keel::servers {
namespace {

constexpr std::array kFiles{
    Asset{"/", "text/html; charset=utf-8", "<p>page</p>", ""},
    Asset{"/console/assets/a.js", "text/javascript; charset=utf-8", "let plain;", "packed"},
};

class Behind final : public Handler {
 public:
  runtime::Task<> handle(Exchange& exchange) override {
    exchange.reply().body = "behind";
    co_return;
  }
};

runtime::Task<> hand_over(Console* console, test::LoneExchange* asked) {
  co_await console->handle(*asked);
}

struct ConsoleTest : testing::Test {
  Reply ask(std::string_view line, std::string_view more = "") {
    test::LoneExchange asked(std::string(line) + " HTTP/1.1\r\nHost: h\r\n" + std::string(more) +
                             "\r\n");
    core.run_to_end(hand_over, &console, &asked);
    return std::move(asked.reply());
  }

  runtime::ManualCore core;
  Behind behind;
  Console console{behind, kFiles};
};

std::optional<std::string> field(const Reply& reply, std::string_view name) {
  const auto found = std::ranges::find(reply.fields, name, &Reply::Field::name);
  if (found == reply.fields.end()) return std::nullopt;
  return found->value;
}

TEST_F(ConsoleTest, the_page_is_asked_for_again_each_time_and_loads_nothing_from_elsewhere) {
  const Reply page = ask("GET /");
  EXPECT_EQ(page.body, "<p>page</p>");
  EXPECT_EQ(page.content_type, "text/html; charset=utf-8");
  EXPECT_EQ(field(page, "Cache-Control"), "no-cache");
  EXPECT_TRUE(field(page, "Content-Security-Policy")->starts_with("default-src 'none';"));
  EXPECT_EQ(field(page, "Content-Security-Policy")->find("unsafe"), std::string::npos);
  EXPECT_EQ(field(page, "X-Content-Type-Options"), "nosniff");
}

TEST_F(ConsoleTest, what_it_is_made_of_is_kept_for_ever) {
  const Reply script = ask("GET /console/assets/a.js");
  EXPECT_EQ(script.body, "let plain;");
  EXPECT_EQ(field(script, "Content-Encoding"), std::nullopt);
  EXPECT_EQ(field(script, "Cache-Control"), "public, max-age=31536000, immutable");
}

TEST_F(ConsoleTest, it_is_compressed_for_who_takes_that) {
  const Reply script = ask("GET /console/assets/a.js", "Accept-Encoding: br, gzip\r\n");
  EXPECT_EQ(script.body, "packed");
  EXPECT_EQ(field(script, "Content-Encoding"), "gzip");
  EXPECT_EQ(ask("GET /console/assets/a.js", "Accept-Encoding: gzip;q=0\r\n").body, "let plain;");
  EXPECT_EQ(ask("GET /", "Accept-Encoding: gzip\r\n").body, "<p>page</p>");
}

TEST_F(ConsoleTest, everything_else_goes_to_who_stands_behind) {
  EXPECT_EQ(ask("GET /healthz").body, "behind");
  EXPECT_EQ(ask("GET /console/assets/b.js").body, "behind");
  EXPECT_EQ(ask("GET /console/../token").body, "behind");
  EXPECT_EQ(ask("DELETE /").body, "behind");
}

TEST(ConsoleAssets, the_page_and_all_that_it_names_are_there) {
  const auto files = console_assets();
  const auto page = std::ranges::find(files, std::string_view("/"), &Asset::path);
  ASSERT_NE(page, files.end());
  std::size_t named = 0;
  for (const Asset& each : files) {
    EXPECT_FALSE(each.content.empty());
    EXPECT_LT(each.gzip.size(), each.content.size());
    if (page->content.find(each.path) != std::string_view::npos && each.path != "/") ++named;
  }
  EXPECT_EQ(named + 1, files.size());
}

}  // namespace
}  // namespace keel::servers
