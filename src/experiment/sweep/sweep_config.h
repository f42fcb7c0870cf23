#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/fields.h"

namespace kith {

/// What a sweep changes in a config: "training.lr=0.05", in a file {"training.lr": 0.05}.
struct Settings {
  std::vector<std::string> words;
};

/// A set of changes with a name.
struct Override {
  std::string name;
  Settings set;

  void fields(Fields& f);
};

/// One path of a config and the values that it takes.
struct Variation {
  std::string path;
  std::vector<std::string> values;  ///< as JSON
  bool is_typed = false;            ///< on the command line: paths are relative to where one is
};

/// In a file {"training.lr": [0.01, 0.1], …}
struct Variations {
  std::vector<Variation> all;
};

/// In a file [1, 2, 3] or "1..3"
struct Seeds {
  std::vector<std::int64_t> all;
};

/// A sweep file: which configs are run, with which changes, and with which seeds.
struct SweepConfig {
  std::string name;
  std::vector<Path> configs;
  Settings set;
  std::vector<Override> overrides;
  Variations vary;
  Seeds seeds;

  void fields(Fields& f);

  /// Reads a sweep file, or a config: a sweep of nothing but that. Throws ConfigError.
  static SweepConfig read(const std::filesystem::path& file);

  /// The sweep of several files, of which none is a sweep file unless it is the only one.
  static SweepConfig read(const std::vector<std::string>& files);
};

/// The seeds of "1..5", "1,4,9" or "7". Throws ConfigError.
Seeds seeds_of(const std::string& text);

/// A variation in the words of a command line: `sharing.type=full,choco`. Commas within brackets
/// and quotes part nothing. Throws ConfigError.
Variation variation_of(const std::string& text);

}  // namespace kith
