#include "node/mqtt/password_hasher.hpp"

#include "node/mqtt/users.hpp"
#include "runtime/offload.hpp"

namespace keel::node {

runtime::Task<Result<std::string>> Argon2idHasher::hash(std::string password) {
  co_return KEEL_CO_TRY(
      co_await core_.offload().run([&password] { return make_argon2id(password); }));
}

}  // namespace keel::node
