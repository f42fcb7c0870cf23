#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "experiment/decentralizepy/ini.h"

namespace kith {

/// What decentralizepy is told on its command line, not in its INI file; its defaults where it has
/// one that does not depend on the machine.
struct DecentralizepyFlags {
  std::filesystem::path graph;  ///< --graph_file; "" where not given
  std::filesystem::path
      addresses;  ///< the file of [COMMUNICATION] addresses_filepath, where it is here
  std::optional<std::int64_t> iterations;
  std::int64_t test_after = 5;
  bool reset_optimizer = true;
  std::optional<std::int64_t> machines, procs_per_machine;
};

/// A config of decentralizepy in our words.
struct Translation {
  std::string json;  ///< a config, with the remarks as comments before it
  /// "[SECTION] key = value: why not", for every key that has no place in the config.
  std::vector<std::string> remarks;

  /// `folder` is what relative paths in the file are relative to. Throws InputError when a value
  /// makes no sense, or a file that is named cannot be read.
  static Translation of(Ini ini, const std::string& name, const std::filesystem::path& folder,
                        const DecentralizepyFlags& flags);
};

}  // namespace kith
