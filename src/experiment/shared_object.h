#pragma once

#include <filesystem>
#include <string>

namespace kith {

/// The bytes of a shared object that was built for this very program (core/abi.h). Nothing of it
/// runs. Throws InputError for a file that is missing, none of Kith's, or built for another
/// program.
std::string read_shared_object(const std::filesystem::path& file);

/// Loads it, all of its symbols found at once, for as long as the program runs; dlopen's handle.
/// Throws InputError.
void* load_shared_object(const std::filesystem::path& file);

}  // namespace kith
