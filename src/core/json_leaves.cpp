#include "core/json_leaves.h"

#include <nlohmann/json.hpp>

namespace kith {

std::vector<std::pair<std::string, std::string>> json_leaves(const std::string& json) {
  std::vector<std::pair<std::string, std::string>> leaves;
  const nlohmann::json flat = nlohmann::json::parse(json).flatten();
  for (const auto& [path, value] : flat.items()) {
    leaves.emplace_back(path, value.dump());
  }
  return leaves;
}

}  // namespace kith
