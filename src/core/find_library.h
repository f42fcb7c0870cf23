#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

namespace kith {

/// A library that comes with the program: beside it or one folder above, as it is built, or in
/// lib/kith, as it is installed.
std::optional<std::filesystem::path> find_library(std::string_view name);

}  // namespace kith
