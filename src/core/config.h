#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"

namespace kith {

/// A value in a JSON document, together with the path that leads to it and the file it came from.
/// Cheap to copy; keeps the document alive.
class Config {
 public:
  /// Parses `text` (JSON, comments allowed); `source` is the file name that messages show.
  /// Throws ConfigError on a syntax error or a key that stands twice in one object.
  static Config parse(std::string_view text, const std::string& source);

  /// Reads a file. Where it has `"extends": "base.json"` (relative to itself, to any depth), it is
  /// merged over that file as by RFC 7396. Each of `settings` is then applied in order:
  /// "training.lr=0.05", a dotted path (numbers index arrays) and a JSON value; what is not JSON
  /// is a string. A component written as a bare name becomes an object when an option is set in it.
  static Config load(const std::filesystem::path& file, std::span<const std::string> settings = {});

  /// Settings, and where they are written: what messages show, and what relative paths in them are
  /// relative to.
  struct Changes {
    std::vector<std::string> settings;
    std::string source;
    std::filesystem::path folder;
  };

  /// As above, with settings from several places, one after another.
  static Config load(const std::filesystem::path& file, std::span<const Changes> all_changes);

  /// A config made of settings alone, as for `load`; `source` is what messages show for a file.
  static Config of(std::span<const std::string> settings, const std::string& source);

  bool is_object() const;
  bool is_string() const;
  bool is_list() const;
  bool is_null() const;

  /// The member `name`, which must exist.
  Config at(std::string_view name) const;
  bool has(std::string_view name) const;
  std::vector<std::string> names() const;

  /// The elements of an array.
  std::vector<Config> elements() const;

  bool to_bool() const;
  std::int64_t to_integer() const;
  double to_number() const;
  std::string to_string() const;

  /// An object without members that stands where this value stands.
  Config with_no_members() const;

  /// A path: relative ones are relative to the file this value stands in.
  std::filesystem::path to_path() const;

  /// The value as JSON text; long ones are cut when `brief`.
  std::string dump(bool brief = false) const;

  /// "run.json: /training/lr"
  std::string where() const;

  /// Throws ConfigError: "<where>: <message>".
  [[noreturn]] void fail(const std::string& message) const;

 private:
  struct Document;

  Config(std::shared_ptr<const Document> document, const nlohmann::json* node, std::string pointer);

  std::shared_ptr<const Document> document_;  // keeps `node_` alive
  const nlohmann::json* node_;
  std::string pointer_;  // RFC 6901, "" for the whole document
};

}  // namespace kith
