// Console: answers for the page at "/" and what it is made of, and hands every other request on.
// The files need no token: they are the same for everyone. What the page shows it asks of the API,
// with the token of who looks at it.
//
// The page may load nothing from elsewhere, is not shown inside another, and works without a
// network beyond the node.
//
// Thread: the server's core. The handler behind it, and the assets, outlive it.
#pragma once

#include <span>

#include "servers/console/asset.hpp"
#include "servers/http/handler.hpp"

namespace keel::servers {

class Console final : public Handler {
 public:
  Console(Handler& others, std::span<const Asset> assets) : others_(others), assets_(assets) {}

  runtime::Task<> handle(Exchange& exchange) override;

 private:
  bool answer(const http::Request& request, Reply& reply) const;

  Handler& others_;
  std::span<const Asset> assets_;
};

}  // namespace keel::servers
