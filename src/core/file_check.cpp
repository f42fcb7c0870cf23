#include "core/file_check.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace kith {

namespace fs = std::filesystem;

std::optional<std::string> why_unreadable(const fs::path& file, const std::string& what) {
  std::error_code error;
  const fs::file_status status = fs::status(file, error);
  if (fs::is_directory(status)) return "is a folder, not a " + what;
  if (fs::exists(status) && !fs::is_regular_file(status)) return "is not a regular file";
  if (::access(file.c_str(), R_OK) == 0) return std::nullopt;
  const std::string reason = errno == ENOENT ? "" : std::string(": ") + std::strerror(errno);
  return "cannot be read" + reason + "; is the path right?";
}

}  // namespace kith
