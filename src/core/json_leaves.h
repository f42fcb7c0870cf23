#pragma once

#include <string>
#include <utility>
#include <vector>

namespace kith {

/// Every value of a JSON text that holds no others, with its path: ("/training/lr", "0.1").
std::vector<std::pair<std::string, std::string>> json_leaves(const std::string& json);

}  // namespace kith
