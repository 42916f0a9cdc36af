#include "node/service/service_manager.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>

namespace keel::node {
namespace {

// A service manager's end, at an abstract name of its own.
class Socket {
 public:
  Socket() : name_("@keel-test-" + std::to_string(::getpid())) {
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    std::memcpy(at.sun_path, name_.data(), name_.size());
    at.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name_.size());
    EXPECT_EQ(::bind(file_, static_cast<const sockaddr*>(static_cast<const void*>(&at)), size), 0);
  }
  ~Socket() { ::close(file_); }

  const std::string& name() const { return name_; }
  std::string receive() const {
    std::array<char, 256> text;
    const ssize_t size = ::recv(file_, text.data(), text.size(), MSG_DONTWAIT);
    return size < 0 ? std::string() : std::string(text.data(), static_cast<std::size_t>(size));
  }

 private:
  std::string name_;
  int file_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
};

TEST(ServiceManager, is_told_when_the_node_serves_and_when_it_stops) {
  const Socket socket;
  const ServiceManager manager(socket.name().c_str());
  manager.ready("http://127.0.0.1:7411");
  EXPECT_EQ(socket.receive(), "READY=1\nSTATUS=http://127.0.0.1:7411");
  manager.stopping();
  EXPECT_EQ(socket.receive(), "STOPPING=1\nSTATUS=draining");
}

TEST(ServiceManager, is_nobody_when_there_is_no_socket) {
  ServiceManager(nullptr).ready("");
  ServiceManager("").stopping();
  ServiceManager("/no/such/socket").ready("");
  ServiceManager(std::string(200, 'a').c_str()).ready("");
}

}  // namespace
}  // namespace keel::node
