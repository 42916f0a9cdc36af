// The ports of a world: clock, entropy, disk and network. Everything above this file reaches the
// outside through them and through nothing else; three worlds stand behind them: io_uring
// (runtime/uring), a plain thread pool with epoll (runtime/pool) and the simulated one (sim/world).
//
// Thread: each core has its own instance of each port, used on that core only. Lifetimes: what a
// port opens must be destroyed before the world. Errors are of runtime/errors.hpp.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "runtime/security.hpp"
#include "runtime/task.hpp"
#include "runtime/wait.hpp"

namespace keel::runtime {

class Clock {
 public:
  virtual ~Clock() = default;
  // Never runs backwards; from the world's start. Read once per turn of the loop, so cheap.
  virtual Timestamp monotonic() const noexcept = 0;
  // Unix time; may jump.
  virtual Timestamp wall() const noexcept = 0;
};

class Entropy {
 public:
  virtual ~Entropy() = default;
  // Fills the whole span with random bytes fit for keys (in the simulated world: seeded).
  virtual void fill(ByteSpan into) noexcept = 0;
};

// An open file. Direct (see OpenFile) files take offsets, sizes and addresses that are multiples of
// 4096. Disk operations are not cancelled half way: their buffer belongs to the kernel until they
// end.
class File {
 public:
  virtual ~File() = default;  // closes; data not synced may be lost

  // Reads into the whole of `into`, or less at the end of the file; the count in bytes.
  virtual Task<Result<std::size_t>> read(std::uint64_t offset_bytes, ByteSpan into) = 0;
  // Writes all of `from` or fails. Not durable until sync() has succeeded. After a failure the
  // content of the range is unknown.
  virtual Task<Result<>> write(std::uint64_t offset_bytes, ByteView from) = 0;
  // Makes every completed write durable (fdatasync). After a failure the file is not to be trusted:
  // reopen.
  virtual Task<Result<>> sync() = 0;
  // write() and sync() of just this range in one step (RWF_DSYNC where there is one).
  virtual Task<Result<>> write_durable(std::uint64_t offset_bytes, ByteView from) = 0;
  // Makes the file this large, with zeros, with its space reserved and its metadata written, so
  // that later writes inside it neither fail for lack of space nor change metadata.
  virtual Task<Result<>> preallocate(std::uint64_t size_bytes) = 0;
  virtual Task<Result<std::uint64_t>> size() = 0;
  virtual Task<Result<>> truncate(std::uint64_t size_bytes) = 0;
};

struct OpenFile {
  bool write = false;      // else read only
  bool create = false;     // make it when it is not there
  bool exclusive = false;  // with create: fail when it is there
  bool direct = false;     // bypass the page cache where the file system can
};

class Disk {
 public:
  virtual ~Disk() = default;

  virtual Task<Result<std::unique_ptr<File>>> open(std::string_view path, OpenFile how) = 0;
  // Names (not paths) of the entries of a directory, sorted.
  virtual Task<Result<std::vector<std::string>>> list(std::string_view directory) = 0;
  virtual Task<Result<>> make_directory(
      std::string_view path) = 0;  // and parents; there already: success
  virtual Task<Result<>> rename(std::string_view from, std::string_view to) = 0;
  virtual Task<Result<>> remove(std::string_view path) = 0;
  // Makes creations, renames and removals in this directory durable.
  virtual Task<Result<>> sync_directory(std::string_view path) = 0;
  virtual Task<Result<std::uint64_t>> free_bytes(std::string_view path) = 0;
  // Holds an advisory lock on a file until the returned object dies; kInUse when another holds it.
  virtual Task<Result<std::unique_ptr<File>>> lock(std::string_view path) = 0;
};

// Bytes that have arrived, in a buffer of the core's pool; gives it back when destroyed. Keep it
// short: the pool is bounded, and a connection that holds its buffers receives nothing more.
class Received {
 public:
  class Owner {
   public:
    virtual void give_back(std::uint32_t token) noexcept = 0;

   protected:
    ~Owner() = default;
  };

  Received() = default;  // the orderly end of the stream
  Received(ByteView bytes, Owner* owner, std::uint32_t token)
      : bytes_(bytes), owner_(owner), token_(token) {}
  Received(Received&& other) noexcept { *this = std::move(other); }
  Received& operator=(Received&& other) noexcept {
    if (this != &other) {
      reset();
      bytes_ = std::exchange(other.bytes_, {});
      owner_ = std::exchange(other.owner_, nullptr);
      token_ = other.token_;
    }
    return *this;
  }
  ~Received() { reset(); }

  bool end_of_stream() const noexcept { return bytes_.empty(); }
  ByteView bytes() const noexcept [[clang::lifetimebound]] { return bytes_; }

 private:
  void reset() noexcept {
    if (owner_ != nullptr) std::exchange(owner_, nullptr)->give_back(token_);
  }
  ByteView bytes_;
  Owner* owner_ = nullptr;
  std::uint32_t token_ = 0;
};

// A connected stream: a socket, or what another transport makes of one (runtime/tls). One task
// receives and one sends at a time; the two may differ.
class Connection {
 public:
  virtual ~Connection() = default;  // closes; nothing may be waiting

  virtual Task<Result<Received>> receive(Wait wait) = 0;
  // Sends all of the parts, in order, or fails; on failure an unknown prefix has been sent. The
  // parts must live until it returns.
  virtual Task<Result<>> send(std::span<const ByteView> parts, Wait wait) = 0;
  // Tells the peer that nothing more will be sent. Last of the sends, and only once.
  virtual Task<Result<>> finish_sending(Wait wait) = 0;
  // Cuts the connection: whatever waits on it fails with kConnectionLost.
  virtual void cut() noexcept = 0;
  virtual const std::string& peer() const noexcept
      [[clang::lifetimebound]] = 0;  // "127.0.0.1:50312"
  // What protects it and who the peer has proved to be; null: nothing does (a plain socket).
  virtual const Security* security() const noexcept [[clang::lifetimebound]] { return nullptr; }
};

class Listener {
 public:
  virtual ~Listener() = default;
  virtual Task<Result<std::unique_ptr<Connection>>> accept(Wait wait) = 0;
  virtual std::uint16_t port() const noexcept = 0;  // the one that was given for port 0
};

struct Endpoint {
  std::string address = "127.0.0.1";  // numeric IPv4 or IPv6
  std::uint16_t port = 0;             // 0: any free one
};

class Network {
 public:
  virtual ~Network() = default;
  // A port that is in use may be tried for some seconds, in case its owner has only just ended.
  virtual Task<Result<std::unique_ptr<Listener>>> listen(Endpoint at, int backlog) = 0;
  virtual Task<Result<std::unique_ptr<Connection>>> connect(Endpoint to, Wait wait) = 0;
};

}  // namespace keel::runtime
