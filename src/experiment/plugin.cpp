#include "experiment/plugin.h"

#include <algorithm>
#include <span>

#include "core/error.h"
#include "core/registry.h"
#include "experiment/digest.h"
#include "experiment/shared_object.h"
#include "kernels/hash.h"

namespace kith {
namespace {

namespace fs = std::filesystem;

std::vector<Plugin>& all() {
  static std::vector<Plugin> plugins;
  return plugins;
}

}  // namespace

void load_plugin(const fs::path& given) {
  const fs::path file = fs::absolute(given).lexically_normal();
  std::error_code unknown;
  const auto is_same = [&](const Plugin& plugin) {
    return plugin.file == file || fs::equivalent(plugin.file, file, unknown);
  };
  if (std::ranges::any_of(all(), is_same)) return;
  const std::string bytes = read_shared_object(file);
  const std::size_t twins = AnyRegistry::twins().size();
  load_shared_object(file);
  if (AnyRegistry::twins().size() > twins) {
    throw InputError(file.string() + ": brings the " + AnyRegistry::twins()[twins] +
                     ", which is there already; give it another name");
  }
  all().push_back({file, hex(kernels::hash(std::as_bytes(std::span(bytes))))});
}

const std::vector<Plugin>& loaded_plugins() { return all(); }

}  // namespace kith
