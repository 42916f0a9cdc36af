#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "node/config/config.hpp"
#include "node/config/errors.hpp"

namespace keel::node {

Result<Config> read_config(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error(kBadConfig, path + ": " + std::strerror(errno));
  std::ostringstream text;
  text << file.rdbuf();
  return parse_config(text.str(), path);
}

}  // namespace keel::node
