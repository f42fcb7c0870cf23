#include <nlohmann/json.hpp>

#include "core/text.h"

namespace kith {

std::string json_pretty(const std::string& json) {
  return nlohmann::ordered_json::parse(json).dump(2) + '\n';
}

}  // namespace kith
