#include "node/mqtt/scram.hpp"

#include <gsasl.h>

#include <array>
#include <charconv>
#include <vector>

#include "base/hash/sha256.hpp"
#include "node/config/errors.hpp"

namespace keel::node {

using runtime::Task;

namespace {

constexpr std::string_view kPrefix = "{SCRAM-SHA-256}";
constexpr std::uint32_t kLeastIterations = 4'096;  // RFC 7677, section 4
constexpr std::uint32_t kMostIterations = 10'000'000;
constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kSaltBytes = 16;

// What GNU SASL hands out with malloc.
struct LibraryText {
  LibraryText() = default;
  LibraryText(const LibraryText&) = delete;
  LibraryText& operator=(const LibraryText&) = delete;
  ~LibraryText() { ::gsasl_free(text); }
  std::string_view view() const noexcept { return {text == nullptr ? "" : text, size}; }

  char* text = nullptr;
  std::size_t size = 0;
};

std::string to_base64(ByteView bytes) {
  LibraryText text;
  const std::string_view from = as_text(bytes);
  if (::gsasl_base64_to(from.data(), from.size(), &text.text, &text.size) != GSASL_OK) return {};
  return std::string(text.view());
}

std::optional<std::size_t> base64_size(const std::string& text) {
  LibraryText bytes;
  if (::gsasl_base64_from(text.data(), text.size(), &bytes.text, &bytes.size) != GSASL_OK)
    return std::nullopt;
  return bytes.size;
}

Error bad() {
  return Error(kBadConfig,
               "scram: expected \"{SCRAM-SHA-256}ITERATIONS,SALT,STORED_KEY,SERVER_KEY\", at least "
               "4096 iterations and the rest in base64, as `gsasl --mkpasswd --mechanism "
               "SCRAM-SHA-256` prints it; never the password itself");
}

}  // namespace

Result<ScramVerifier> parse_scram(std::string_view text) {
  if (!text.starts_with(kPrefix)) return bad();
  std::vector<std::string> parts(1);
  for (const char letter : text.substr(kPrefix.size())) {
    if (letter == ',') {
      parts.emplace_back();
    } else {
      parts.back() += letter;
    }
  }
  if (parts.size() != 4) return bad();
  std::uint32_t iterations = 0;
  const std::string& count = parts[0];
  const auto [end, failed] =
      std::from_chars(std::to_address(count.begin()), std::to_address(count.end()), iterations);
  const bool is_number = failed == std::errc{} && end == std::to_address(count.end());
  if (!is_number || iterations < kLeastIterations || iterations > kMostIterations) return bad();
  if (base64_size(parts[1]).value_or(0) == 0 || base64_size(parts[2]) != kKeyBytes ||
      base64_size(parts[3]) != kKeyBytes)
    return bad();
  return ScramVerifier{
      .iterations = parts[0], .salt = parts[1], .stored_key = parts[2], .server_key = parts[3]};
}

class ScramExchange final : public broker::AuthenticationExchange {
 public:
  ScramExchange(Scram& scram, std::string_view name) : scram_(scram), name_(name) {
    Gsasl_session* session = nullptr;
    const std::string method(kScramMethod);
    if (::gsasl_server_start(scram.library_.get(), method.c_str(), &session) != GSASL_OK) return;
    ::gsasl_session_hook_set(session, this);
    session_.reset(session);
  }

  Task<Result<Round>> next(ByteView data) override {
    if (session_ == nullptr) co_return kCannotStart;
    const std::string_view said = as_text(data);
    LibraryText answer;
    const int outcome =
        ::gsasl_step(session_.get(), said.data(), said.size(), &answer.text, &answer.size);
    const ByteView bytes = as_bytes(answer.view());
    Round round{.data = Bytes(bytes.begin(), bytes.end())};
    if (outcome == GSASL_NEEDS_MORE) {
      round.verdict = Verdict::more;
    } else if (outcome == GSASL_OK && user_.verifier != nullptr && may_be_itself()) {
      round.verdict = Verdict::let_in;
      round.identity = {.user = property(GSASL_AUTHID), .access = user_.access};
    } else {
      round.data.clear();
    }
    co_return round;
  }

  // The library asks for what it needs of the user that the client has named.
  static int provide(Gsasl*, Gsasl_session* session, Gsasl_property wanted) {
    auto* own = static_cast<ScramExchange*>(::gsasl_session_hook_get(session));
    switch (wanted) {
      case GSASL_SCRAM_ITER:
      case GSASL_SCRAM_SALT:
      case GSASL_SCRAM_STOREDKEY:
      case GSASL_SCRAM_SERVERKEY:
        return own->give_verifier();
      default:
        return GSASL_NO_CALLBACK;  // no channel binding, no passwords
    }
  }

 private:
  struct Finished {
    void operator()(Gsasl_session* session) const noexcept { ::gsasl_finish(session); }
  };

  std::string property(Gsasl_property which) const {
    const char* text = ::gsasl_property_fast(session_.get(), which);
    return text == nullptr ? std::string() : std::string(text);
  }
  // Nobody acts for another, and who said a name in CONNECT proves that one.
  bool may_be_itself() const {
    const std::string proved = property(GSASL_AUTHID);
    const std::string acts_as = property(GSASL_AUTHZID);
    return (acts_as.empty() || acts_as == proved) && (name_.empty() || name_ == proved);
  }
  int give_verifier() {
    const std::string name = property(GSASL_AUTHID);
    user_ = scram_.users_.find_scram(name);
    const ScramVerifier decoy = user_.verifier == nullptr ? make_decoy(name) : ScramVerifier();
    const ScramVerifier& given = user_.verifier == nullptr ? decoy : *user_.verifier;
    const std::array<std::pair<Gsasl_property, const std::string*>, 4> properties{
        {{GSASL_SCRAM_ITER, &given.iterations},
         {GSASL_SCRAM_SALT, &given.salt},
         {GSASL_SCRAM_STOREDKEY, &given.stored_key},
         {GSASL_SCRAM_SERVERKEY, &given.server_key}}};
    for (const auto& [which, value] : properties) {
      const int outcome = ::gsasl_property_set(session_.get(), which, value->c_str());
      if (outcome != GSASL_OK) return outcome;
    }
    return GSASL_OK;
  }
  ScramVerifier make_decoy(std::string_view name) const {
    Bytes of(scram_.decoy_key_);
    const ByteView bytes = as_bytes(name);
    of.insert(of.end(), bytes.begin(), bytes.end());
    const Digest salt = sha256(of);
    of.push_back(std::byte{1});
    const std::string key = to_base64(sha256(of));
    return {.iterations = std::to_string(kLeastIterations),
            .salt = to_base64(ByteView(salt).first(kSaltBytes)),
            .stored_key = key,
            .server_key = key};
  }

  Scram& scram_;
  std::string name_;
  ScramUsers::User user_;
  std::unique_ptr<Gsasl_session, Finished> session_;
};

void Scram::Freed::operator()(Gsasl* library) const noexcept {
  ::gsasl_done(library);
}

Scram::Scram(const ScramUsers& users, Bytes decoy_key)
    : users_(users), decoy_key_(std::move(decoy_key)) {
  Gsasl* library = nullptr;
  if (::gsasl_init(&library) != GSASL_OK) return;
  library_.reset(library);
  ::gsasl_callback_set(library, &ScramExchange::provide);
}

Scram::~Scram() = default;

std::unique_ptr<broker::AuthenticationExchange> Scram::begin(std::string_view name) {
  if (library_ == nullptr) return nullptr;
  return std::make_unique<ScramExchange>(*this, name);
}

}  // namespace keel::node
