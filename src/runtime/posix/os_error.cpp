#include "runtime/posix/os_error.hpp"

#include <cerrno>
#include <cstring>
#include <string>

#include "runtime/errors.hpp"

namespace keel::runtime {
namespace {

const ErrorKind& disk_kind(int error_number) {
  switch (error_number) {
    case ENOENT:
    case ENOTDIR:
      return kNoSuchFile;
    case EEXIST:
    case ENOTEMPTY:
      return kFileExists;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return kDiskFull;
    case EACCES:
    case EPERM:
    case EROFS:
      return kNotPermitted;
    case EWOULDBLOCK:
    case EBUSY:
    case ETXTBSY:
      return kInUse;
    case EMFILE:
    case ENFILE:
      return kTooManyOpen;
    default:
      return kDiskFailed;
  }
}

std::string sentence(std::string_view what, int error_number) {
  std::string text(what);
  text += ": ";
  text += error_text(error_number);
  return text;
}

}  // namespace

std::string_view error_text(int error_number) {
  const char* text = ::strerrordesc_np(error_number);
  return text == nullptr ? "an error without a name" : text;
}

Error disk_error(int error_number, std::string_view what) {
  return Error(disk_kind(error_number), sentence(what, error_number));
}

Error connection_error(int error_number) {
  return Error(kConnectionLost, std::string(error_text(error_number)));
}

Error socket_error(int error_number, const ErrorKind& otherwise, std::string_view what) {
  const bool too_many = error_number == EMFILE || error_number == ENFILE ||
                        error_number == ENOBUFS || error_number == ENOMEM;
  return Error(too_many ? kTooManyOpen : otherwise, sentence(what, error_number));
}

}  // namespace keel::runtime
