#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "commands.h"
#include "core/error.h"
#include "core/file_check.h"

namespace kith::commands {

void digest(const std::string& folder) {
  const std::filesystem::path file = std::filesystem::path(folder) / "summary.json";
  if (why_unreadable(file, "summary")) {
    throw InputError(file.string() + ": cannot be read; is it the folder of a finished run?");
  }
  std::ifstream stream(file);
  const auto summary = nlohmann::json::parse(stream, nullptr, /*allow_exceptions=*/false);
  if (!summary.is_object() || !summary.contains("digests")) {
    throw InputError(file.string() + ": has no digests; the run did not finish");
  }
  try {
    const auto& digests = summary.at("digests");
    int uid = 0;
    for (const auto& node : digests.at("nodes")) {
      std::printf("%d %s\n", uid++, node.get<std::string>().c_str());
    }
    std::printf("all %s\n", digests.at("all").get<std::string>().c_str());
  } catch (const nlohmann::json::exception&) {
    throw InputError(file.string() + ": its digests are malformed");
  }
}

}  // namespace kith::commands
