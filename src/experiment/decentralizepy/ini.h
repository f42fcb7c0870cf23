#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kith {

/// A file of `[SECTION]`s with `key = value` lines, as Python's configparser reads them: `=` or
/// `:`, keys in any case, values over several lines where those are indented, lines that begin with
/// # or ; are comments, and so is what follows them after a blank.
///
/// Whoever reads takes keys out, so that what is left is what nobody knew.
class Ini {
 public:
  struct Entry {
    std::string section, key, value;
  };

  /// Throws InputError when the file cannot be read, or is no such file.
  static Ini read(const std::filesystem::path& file);

  /// `source` is the name that messages show.
  static Ini parse(std::string_view text, const std::string& source);

  /// Takes out a value. Nothing where there is no such key.
  std::optional<std::string> take(std::string_view section, std::string_view key);

  bool has(std::string_view section, std::string_view key) const;

  /// What has not been taken, in the order of the file.
  const std::vector<Entry>& rest() const { return entries_; }

  /// Throws InputError: "<file>: [section] key: <message>".
  [[noreturn]] void fail(std::string_view section, std::string_view key,
                         const std::string& message) const;

 private:
  std::string source_;
  std::vector<Entry> entries_;
};

}  // namespace kith
