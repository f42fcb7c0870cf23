#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace kith {

/// Reads where machines are: decentralizepy's JSON, {"0": "10.0.0.1", "1": …}, or a hostfile, one
/// host a line with # comments (what follows the name, as mpirun's `slots=4`, is passed over).
/// By machine. Throws InputError.
std::vector<std::string> read_addresses(const std::filesystem::path& file);

}  // namespace kith
