#include "dataset/csv_reader.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/text.h"

namespace kith {
namespace {

constexpr int kEnd = -1;

}  // namespace

CsvReader::CsvReader(const std::filesystem::path& path) : file_(path) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  buffer_ = file_.read_up_to(kByteOrderMark.size());
  if (std::equal(buffer_.begin(), buffer_.end(), kByteOrderMark.begin(), kByteOrderMark.end(),
                 [](std::uint8_t a, char b) { return a == static_cast<std::uint8_t>(b); })) {
    buffer_.clear();
  }
}

bool CsvReader::next(std::vector<std::string>& fields) {
  for (;;) {
    fields.clear();
    record_line_ = line_;
    record_bytes_ = 0;
    int end = ',';
    while (end == ',') end = read_field(fields.emplace_back());
    const bool blank = record_bytes_ <= 2 && fields.size() == 1 && fields[0].empty();
    if (!blank) return true;
    if (end == kEnd) return false;
  }
}

/// The next byte, or kEnd.
int CsvReader::get() {
  constexpr std::size_t kChunk = 1 << 16;
  constexpr std::size_t kLongestRecord = 1 << 24;
  if (used_ == buffer_.size()) {
    buffer_ = file_.read_up_to(kChunk);
    used_ = 0;
    if (buffer_.empty()) {
      file_.check_not_cut_short();
      return kEnd;
    }
  }
  if (++record_bytes_ > kLongestRecord) {
    fail("a record of more than " + bytes_text(kLongestRecord) + "; does a quote never close?");
  }
  const std::uint8_t byte = buffer_[used_++];
  if (byte == '\n') ++line_;
  return byte;
}

/// Reads a field and returns what ended it: a comma, a newline or kEnd.
int CsvReader::read_field(std::string& field) {
  int c = get();
  if (c == '"') return read_quoted(field);
  for (; c != ',' && c != '\n' && c != kEnd; c = get()) field += static_cast<char>(c);
  if (c != ',' && field.ends_with('\r')) field.pop_back();
  return c;
}

/// The rest of a field whose opening quote is read.
int CsvReader::read_quoted(std::string& field) {
  for (;;) {
    int c = get();
    if (c == kEnd) fail("a quoted field never ends");
    if (c == '"') {
      c = get();
      if (c == '\r') c = get();
      if (c == ',' || c == '\n' || c == kEnd) return c;
      if (c != '"') fail("text after the end of a quoted field; double the quotes inside it");
    }
    field += static_cast<char>(c);
  }
}

void CsvReader::fail(const std::string& message) const {
  file_.fail("line " + std::to_string(record_line_) + ": " + message);
}

std::string quoted_field(const std::string& field) {
  constexpr std::size_t kLongest = 40;
  return json_string(field.size() > kLongest ? field.substr(0, kLongest) + "…" : field);
}

std::optional<double> parse_number(std::string_view field) {
  while (field.starts_with(' ')) field.remove_prefix(1);
  while (field.ends_with(' ')) field.remove_suffix(1);
  if (field.starts_with('+') && !field.starts_with("+-")) field.remove_prefix(1);
  double value = 0;
  const char* const end = field.data() + field.size();
  const auto [stop, error] = std::from_chars(field.data(), end, value);
  if (error != std::errc() || stop != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

}  // namespace kith
