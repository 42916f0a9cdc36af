// MosquittoProcess: the broker that Keel's is measured beside, in a process of its own, with
// settings that are printed with every result.
//
// Thread: the one that makes it. The destructor ends the process and waits for it.
#pragma once

#include <sys/types.h>

#include <string>

#include "base/result.hpp"

namespace keel::node {

struct MosquittoSettings {
  std::string program = "mosquitto";  // looked for as a shell does
  std::string directory;              // of its own: made, with its configuration and its database
  bool persistent = false;            // writes its database every second
  std::string certificate;            // with a key: TLS; files
  std::string key;
};

class MosquittoProcess {
 public:
  // Returns when it accepts connections; kCannotStart when the program is not there or ends.
  static Result<MosquittoProcess> start(const MosquittoSettings& settings);
  MosquittoProcess(MosquittoProcess&& other) noexcept;
  MosquittoProcess& operator=(MosquittoProcess&&) = delete;
  ~MosquittoProcess();

  pid_t pid() const noexcept { return pid_; }
  std::uint16_t port() const noexcept { return port_; }  // of loopback
  // Its configuration, without what differs from run to run.
  static std::string configuration(const MosquittoSettings& settings);

 private:
  MosquittoProcess() = default;

  pid_t pid_ = -1;
  std::uint16_t port_ = 0;
};

}  // namespace keel::node
