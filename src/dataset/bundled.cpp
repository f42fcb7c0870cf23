#include "dataset/bundled.h"

#include <cstdlib>

namespace kith {

namespace fs = std::filesystem;

fs::path bundled_file(const std::string& name) {
  if (const char* const folder = std::getenv("KITH_DATA")) return fs::path(folder) / name;
  std::error_code unknown;
  const fs::path program = fs::read_symlink("/proc/self/exe", unknown);
  const fs::path installed = program.parent_path().parent_path() / "share" / "kith" / name;
  if (fs::exists(installed, unknown)) return installed;
  return fs::path(KITH_DATA_DIR) / name;
}

}  // namespace kith
