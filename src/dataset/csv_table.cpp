#include "dataset/csv_table.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "core/text.h"

namespace kith {

CsvTable::CsvTable(const std::filesystem::path& path) : reader_(path) {
  if (!reader_.next(columns_)) fail("is empty, expected a header line");
  std::set<std::string> seen;
  for (const auto& column : columns_) {
    if (seen.insert(column).second) continue;
    reader_.fail("the column " + quoted_field(column) + " stands twice in the header line");
  }
}

std::vector<std::size_t> CsvTable::positions(const std::vector<std::string>& columns) const {
  std::vector<std::size_t> positions;
  for (const auto& column : columns) {
    const auto found = std::ranges::find(columns_, column);
    if (found == columns_.end()) {
      fail("has no column " + in_quotes(column) + suggest(column, columns_));
    }
    positions.push_back(static_cast<std::size_t>(found - columns_.begin()));
  }
  return positions;
}

bool CsvTable::next() {
  if (!reader_.next(row_)) return false;
  if (row_.size() != columns_.size()) {
    reader_.fail("has " + count_of(row_.size(), "field") + ", expected " +
                 std::to_string(columns_.size()) + " as in the header line");
  }
  return true;
}

float CsvTable::number(std::size_t position) const {
  const std::string& cell = text(position);
  const auto value = parse_number(cell);
  if (!value || !std::isfinite(static_cast<float>(*value))) {
    reader_.fail("column " + quoted_field(columns_[position]) + ": must be a number, got " +
                 quoted_field(cell));
  }
  return static_cast<float>(*value);
}

}  // namespace kith
