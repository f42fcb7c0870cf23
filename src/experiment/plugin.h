#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace kith {

/// A shared object with components of somebody else's, which this program has loaded.
struct Plugin {
  std::filesystem::path file;  ///< absolute
  std::string digest;          ///< XXH3-64 of the file
};

/// Loads a plug-in: its components stand in the registries from now until the program ends. A file
/// that is loaded already is left at that. None of its code runs before it is known to be built for
/// this program. Throws InputError for a file that is missing, no plug-in, built for another
/// program, or that brings a component whose name is taken. For the main thread, before it has
/// others.
void load_plugin(const std::filesystem::path& file);

/// Those that were loaded, in order.
const std::vector<Plugin>& loaded_plugins();

}  // namespace kith
