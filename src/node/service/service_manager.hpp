// ServiceManager: tells whoever started the process (systemd, Type=notify) how far it is, by the
// protocol of sd_notify(3): a datagram of "KEY=value" lines to a Unix socket.
//
// Thread: any. Nothing that goes wrong here is an error of the node: it goes on.
#pragma once

#include <string>
#include <string_view>

namespace keel::node {

class ServiceManager {
 public:
  // The value of $NOTIFY_SOCKET: a path, or "@" and an abstract name; null or empty: there is none.
  explicit ServiceManager(const char* socket) : socket_(socket != nullptr ? socket : "") {}

  // It serves; `status` is what `systemctl status` shows.
  void ready(std::string_view status) const { tell("READY=1\nSTATUS=", status); }
  void stopping() const { tell("STOPPING=1\nSTATUS=", "draining"); }

 private:
  void tell(std::string_view state, std::string_view status) const;

  std::string socket_;
};

}  // namespace keel::node
