#include "core/json_change.h"

#include <nlohmann/json.hpp>

namespace kith {

std::string json_change(const std::string& json, std::string_view pointer, std::string_view value) {
  auto document = nlohmann::ordered_json::parse(json);
  document.at(nlohmann::ordered_json::json_pointer(std::string(pointer))) =
      nlohmann::ordered_json::parse(value);
  return document.dump();
}

}  // namespace kith
