#pragma once

#include <filesystem>

namespace kith {

/// The checkout that the tests were built from.
std::filesystem::path source_folder();

}  // namespace kith
