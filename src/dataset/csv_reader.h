#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dataset/input_file.h"

namespace kith {

/// The records of a comma-separated file (RFC 4180: quoted fields may hold commas, newlines and
/// doubled quotes), raw or gzip. Lines may end in CR LF; empty lines and a byte order mark are
/// skipped. Holds one record at a time.
class CsvReader {
 public:
  explicit CsvReader(const std::filesystem::path& path);

  /// Reads the next record; false when there is none. Throws InputError on a malformed one.
  bool next(std::vector<std::string>& fields);

  const InputFile& file() const { return file_; }

  /// Throws InputError: "<file>: line <where the last record begins>: <message>".
  [[noreturn]] void fail(const std::string& message) const;

 private:
  int get();
  int read_field(std::string& field);
  int read_quoted(std::string& field);

  InputFile file_;
  std::vector<std::uint8_t> buffer_;
  std::size_t used_ = 0;         // of buffer_
  std::size_t line_ = 1;         // where the next byte stands
  std::size_t record_line_ = 1;  // where the record begins
  std::size_t record_bytes_ = 0;
};

/// A field as messages show it: on one line, and not too long.
std::string quoted_field(const std::string& field);

/// The finite number that a field holds, spaces around it allowed.
std::optional<double> parse_number(std::string_view field);

}  // namespace kith
