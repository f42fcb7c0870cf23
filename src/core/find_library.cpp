#include "core/find_library.h"

namespace kith {

namespace fs = std::filesystem;

std::optional<fs::path> find_library(std::string_view name) {
  const fs::path folder = fs::read_symlink("/proc/self/exe").parent_path();
  for (const fs::path& place :
       {folder, folder.parent_path(), folder.parent_path() / "lib" / "kith"}) {
    if (fs::exists(place / name)) return place / name;
  }
  return std::nullopt;
}

}  // namespace kith
