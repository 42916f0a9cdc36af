#include "servers/console/console.hpp"

#include <algorithm>

namespace keel::servers {
namespace {

using http::Method;

constexpr std::string_view kPage = "/";
// Everything from here only, nothing in line, and no text becomes markup or script.
constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'";

// A client that takes it with any weight but none; whoever spells "q=0" otherwise gets what is
// plain.
bool takes_gzip(const http::Request& request) {
  const std::string_view accepted = request.headers.find("Accept-Encoding").value_or("");
  const std::size_t at = accepted.find("gzip");
  if (at == std::string_view::npos) return false;
  const std::string_view behind = accepted.substr(at + std::string_view("gzip").size());
  return behind.empty() || behind.front() == ',' || behind.front() == ' ';
}

}  // namespace

runtime::Task<> Console::handle(Exchange& exchange) {
  if (!answer(exchange.request(), exchange.reply())) co_await others_.handle(exchange);
}

bool Console::answer(const http::Request& request, Reply& reply) const {
  if (request.method != Method::get && request.method != Method::head) return false;
  const std::string_view path = request.target.path;
  const auto asset = std::ranges::find(assets_, path, &Asset::path);
  if (asset == assets_.end()) return false;
  const bool compressed = !asset->gzip.empty() && takes_gzip(request);
  reply.content_type = asset->content_type;
  reply.body = compressed ? asset->gzip : asset->content;
  if (compressed) reply.fields.push_back({"Content-Encoding", "gzip"});
  reply.fields.push_back({"Vary", "Accept-Encoding"});
  // The names of all but the page change with their content.
  reply.fields.push_back(
      {"Cache-Control", path == kPage ? "no-cache" : "public, max-age=31536000, immutable"});
  reply.fields.push_back({"Content-Security-Policy", std::string(kPolicy)});
  reply.fields.push_back({"X-Content-Type-Options", "nosniff"});
  reply.fields.push_back({"Referrer-Policy", "no-referrer"});
  reply.fields.push_back({"Cross-Origin-Opener-Policy", "same-origin"});
  reply.fields.push_back({"Cross-Origin-Resource-Policy", "same-origin"});
  return true;
}

}  // namespace keel::servers
