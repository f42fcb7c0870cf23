#pragma once

#include <filesystem>
#include <string>

namespace kith {

/// Where a data file that comes with the program lies: in the folder that the environment variable
/// KITH_DATA names; else in ../share/kith seen from the program, where it is installed; else in
/// the source tree. The file need not exist.
std::filesystem::path bundled_file(const std::string& name);

}  // namespace kith
