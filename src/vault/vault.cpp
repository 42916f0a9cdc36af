#include "vault/vault.hpp"

#include "base/hash/crc32c.hpp"
#include "kernel/errors.hpp"
#include "vault/errors.hpp"

namespace keel::vault {

using kernel::Subject;
using runtime::Task;

namespace {

std::uint32_t crc_of(MasterRecord record) {
  record.crc = 0;
  return crc32c(object_bytes(record));
}

}  // namespace

std::size_t Vault::HashSubject::operator()(const Subject& subject) const noexcept {
  const auto low = static_cast<std::uint64_t>(subject.id.value());
  const auto high = static_cast<std::uint64_t>(subject.id.value() >> 64U);
  return std::hash<std::uint64_t>()((low ^ high * 0x9e37'79b9'7f4a'7c15U) + subject.tenant.value());
}

Vault::Vault(runtime::Core& core, VaultOptions options)
    : core_(core), options_(std::move(options)), shelf_(options_.keys_at_hand), turn_(core, 1) {}

Vault::~Vault() {
  wipe(master_);
}

Task<Result<std::unique_ptr<Vault>>> Vault::open(runtime::Core& core, VaultOptions options) {
  std::unique_ptr<Vault> vault(new Vault(core, std::move(options)));
  KEEL_CO_TRY(co_await vault->open_files());
  co_return vault;
}

Task<Result<>> Vault::open_files() {
  runtime::Disk& disk = core_.disk();
  const std::string& directory = options_.directory;
  KEEL_CO_TRY(co_await disk.make_directory(directory));
  lock_ = KEEL_CO_TRY(co_await disk.lock(directory + "/" + std::string(kLockFile)));
  bool keys_exist = false;
  for (const std::string& name : KEEL_CO_TRY(co_await disk.list(directory))) {
    if (std::ranges::find(kKeyFiles, name) == kKeyFiles.end()) continue;
    const auto file = KEEL_CO_TRY(co_await disk.open(directory + "/" + name, {}));
    keys_exist = keys_exist || KEEL_CO_TRY(co_await file->size()) != 0;
  }
  KEEL_CO_TRY(co_await read_or_make_master(directory + "/" + std::string(kMasterFile), keys_exist));
  file_ = KEEL_CO_TRY(
      co_await KeyFile::open(core_, directory, id_, [this](std::uint64_t number, const Slot& slot) {
        const bool erased = slot.state == SlotState::erased;
        index_[slot.whose()] = {.slot = number, .erased = erased};
        erased_ += erased ? 1 : 0;
        next_slot_ = number + 1;
      }));
  co_return success();
}

// The file appears whole under its name, or not at all.
Task<Result<>> Vault::read_or_make_master(const std::string& path, bool keys_exist) {
  runtime::Disk& disk = core_.disk();
  MasterRecord record;
  const ByteSpan bytes = std::as_writable_bytes(std::span(&record, 1));
  const std::vector<std::string> names = KEEL_CO_TRY(co_await disk.list(options_.directory));
  if (std::ranges::find(names, kMasterFile) != names.end()) {
    const auto file = KEEL_CO_TRY(co_await disk.open(path, {}));
    const std::size_t size = KEEL_CO_TRY(co_await file->read(0, bytes));
    if (size != sizeof record || record.magic != kMasterMagic || record.crc != crc_of(record))
      co_return Error(kDamaged, path + ": this is not a master key, or not what was written");
    if (record.version > kFormatVersion) co_return Error(kNewerFormat, path);
  } else if (keys_exist) {
    co_return Error(kNoMasterKey, path + " is missing; without it every person's data is lost");
  } else {
    core_.entropy().fill(record.vault);
    core_.entropy().fill(record.key);
    record.crc = crc_of(record);
    const std::string unfinished = path + ".unfinished";
    {
      const auto file =
          KEEL_CO_TRY(co_await disk.open(unfinished, {.write = true, .create = true}));
      KEEL_CO_TRY(co_await file->write(0, bytes));
      KEEL_CO_TRY(co_await file->sync());
    }
    KEEL_CO_TRY(co_await disk.rename(unfinished, path));
    KEEL_CO_TRY(co_await disk.sync_directory(options_.directory));
  }
  id_ = record.vault;
  master_ = record.key;
  wipe(bytes);
  co_return success();
}

bool Vault::is_erased(const Subject& subject) const {
  const auto found = index_.find(subject);
  return found != index_.end() && found->second.erased;
}

bool Vault::is_ready(const Subject& subject) const {
  const auto found = index_.find(subject);
  if (found == index_.end()) return false;
  return found->second.erased || shelf_.find(subject) != nullptr;
}

Task<Result<>> Vault::prepare(std::span<const Subject> subjects) {
  KEEL_ASSERT(subjects.size() <= options_.keys_at_hand);
  KEEL_CO_TRY(co_await turn_.take({}));
  const Result<> prepared = co_await prepare_locked(subjects);
  turn_.give_back();
  co_return prepared;
}

Task<Result<>> Vault::prepare_locked(std::span<const Subject> subjects) {
  std::vector<Subject> unknown;
  for (const Subject& subject : subjects) {
    const auto found = index_.find(subject);
    if (found == index_.end()) {
      if (std::ranges::find(unknown, subject) == unknown.end()) unknown.push_back(subject);
    } else if (!found->second.erased && shelf_.find(subject) == nullptr) {
      KEEL_CO_TRY(co_await fetch(subject, found->second.slot));
    }
  }
  if (index_.size() + unknown.size() > options_.max_subjects)
    co_return Error(kFull, std::to_string(options_.max_subjects) +
                               " persons have a key; raise vault.max_subjects");
  if (!unknown.empty()) KEEL_CO_TRY(co_await make(unknown));
  co_return success();
}

Task<Result<>> Vault::fetch(const Subject& subject, std::uint64_t slot) {
  const Block block = KEEL_CO_TRY(co_await file_->read(slot / kSlotsABlock));
  const Slot& stored = block.slots.at(slot % kSlotsABlock);
  Key key;
  if (stored.whose() != subject || !unwrap(master_, id_, stored, key))
    co_return Error(kDamaged, options_.directory + ": slot " + std::to_string(slot) +
                                  " does not open under this master key");
  shelf_.put(subject, key);
  wipe(key);
  co_return success();
}

Task<Result<>> Vault::make(std::span<const Subject> subjects) {
  while (!subjects.empty()) {
    const std::uint64_t number = next_slot_ / kSlotsABlock;
    Block block = KEEL_CO_TRY(co_await file_->read(number));
    const std::size_t first = next_slot_ % kSlotsABlock;
    const std::size_t count = std::min(subjects.size(), kSlotsABlock - first);
    std::vector<Key> keys(count);
    for (std::size_t i = 0; i < count; ++i) {
      Slot& slot = block.slots.at(first + i);
      slot = {.state = SlotState::key,
              .tenant = subjects[i].tenant.value(),
              .subject = subjects[i].id.value()};
      core_.entropy().fill(keys[i]);
      core_.entropy().fill(slot.nonce);
      slot.wrapped = wrap(master_, id_, subjects[i], slot.nonce, keys[i]);
    }
    const Result<> written = co_await file_->write(block);
    for (std::size_t i = 0; i < count; ++i) {
      if (written.ok()) {
        index_[subjects[i]] = {.slot = next_slot_++};
        shelf_.put(subjects[i], keys[i]);
      }
      wipe(keys[i]);
    }
    if (!written.ok()) co_return written.error();
    subjects = subjects.subspan(count);
  }
  co_return success();
}

Task<Result<>> Vault::erase(Subject subject) {
  KEEL_CO_TRY(co_await turn_.take({}));
  const Result<> erased = co_await erase_locked(subject);
  turn_.give_back();
  co_return erased;
}

Task<Result<>> Vault::erase_locked(const Subject& subject) {
  const auto found = index_.find(subject);
  if (found == index_.end())
    co_return Error(kNoSuchSubject, "tenant " + std::to_string(subject.tenant.value()) +
                                        ", subject " + to_decimal(subject.id.value()));
  if (found->second.erased) co_return success();
  const std::uint64_t number = found->second.slot;
  Block block = KEEL_CO_TRY(co_await file_->read(number / kSlotsABlock));
  block.slots.at(number % kSlotsABlock) = {
      .state = SlotState::erased, .tenant = subject.tenant.value(), .subject = subject.id.value()};
  shelf_.drop(subject);
  KEEL_CO_TRY(co_await file_->write(block));
  index_.at(subject).erased = true;
  ++erased_;
  co_return success();
}

Result<> Vault::seal(const kernel::SealedPlace& place, const kernel::SealNonce& nonce,
                     ByteView value, Bytes& sealed) const {
  const auto found = index_.find(place.subject);
  if (found != index_.end() && found->second.erased) return kernel::kSubjectErased;
  const Key* key = shelf_.find(place.subject);
  if (key == nullptr) return kernel::kSubjectUnknown;
  vault::seal(*key, place, nonce, value, sealed);
  return success();
}

Result<std::optional<Bytes>> Vault::open(const kernel::SealedPlace& place, ByteView sealed) const {
  const auto found = index_.find(place.subject);
  if (found != index_.end() && found->second.erased) return std::optional<Bytes>();
  const Key* key = shelf_.find(place.subject);
  if (key == nullptr) return kernel::kSubjectUnknown;
  std::optional<Bytes> value = vault::open(*key, place, sealed);
  if (!value) return kernel::kSealBroken;
  return value;
}

}  // namespace keel::vault
