#include "experiment/environment.h"

#include <unistd.h>

#include <ctime>
#include <fstream>

#include "core/json_object.h"
#include "experiment/plugin.h"
#include "kernels/level.h"
#include "model/platform.h"

namespace kith {
namespace {

/// The processor as /proc/cpuinfo names it.
std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const auto colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown";
}

std::string host() {
  char name[256] = {};
  return gethostname(name, sizeof name - 1) == 0 ? name : "unknown";
}

std::string plugin_json(const Plugin& plugin) {
  return JsonObject().add("file", plugin.file.string()).add("xxh3", plugin.digest).str();
}

}  // namespace

std::string version() { return KITH_VERSION; }

std::string utc_time(bool compact) {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof text, compact ? "%Y%m%d-%H%M%S" : "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

std::string environment_json(const std::string& device, const std::string& card, int threads,
                             const std::string& command_line) {
  return JsonObject()
      .add("kith", version())
      .add("compiler", "g++ " __VERSION__)
      .add("tensor_library", numeric_platform())
      .add("kernels", kernels::level() == kernels::Level::kV3 ? "x86-64-v3" : "generic")
      .add("processor", processor())
      .add("host", host())
      .raw("plugins", json_array(loaded_plugins(), plugin_json))
      .add("device", device)
      .add("card", card)
      .add("threads", threads)
      .add("command_line", command_line)
      .add("started", utc_time())
      .str();
}

}  // namespace kith
