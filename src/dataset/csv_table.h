#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "dataset/csv_reader.h"

namespace kith {

/// A comma-separated file whose first record names its columns, read row by row.
/// Everything it throws is an InputError that names the file and the line.
class CsvTable {
 public:
  /// Reads the header line.
  explicit CsvTable(const std::filesystem::path& path);

  const std::vector<std::string>& columns() const { return columns_; }

  /// Where these columns stand; throws when one does not.
  std::vector<std::size_t> positions(const std::vector<std::string>& columns) const;

  /// Reads the next row; false when there is none.
  bool next();

  /// The row's cell in the column at `position`.
  const std::string& text(std::size_t position) const { return row_[position]; }

  /// The same as a finite number; throws when it is none.
  float number(std::size_t position) const;

  /// Throws "<file>: <message>".
  [[noreturn]] void fail(const std::string& message) const { reader_.file().fail(message); }

 private:
  CsvReader reader_;
  std::vector<std::string> columns_;
  std::vector<std::string> row_;
};

}  // namespace kith
