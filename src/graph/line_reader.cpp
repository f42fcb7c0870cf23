#include "graph/line_reader.h"

#include <algorithm>
#include <charconv>

#include "core/error.h"
#include "core/file_check.h"
#include "core/text.h"

namespace kith {
namespace {

constexpr std::string_view kBlanks = " \t\r\v\f";

}  // namespace

LineReader::LineReader(const std::filesystem::path& file) : name_(file.string()) {
  if (const auto reason = why_unreadable(file, "graph")) throw InputError(name_ + ": " + *reason);
  stream_.open(file, std::ios::binary);
}

bool LineReader::next() {
  while (std::getline(stream_, line_)) {
    ++number_;
    if (line_.starts_with('#')) {
      if (line_ == kDirectedEdges || line_ == std::string(kDirectedEdges) + '\r') {
        directed_edges_ = true;
      }
      continue;
    }
    line_.erase(std::min(line_.find('#'), line_.size()));
    return true;
  }
  if (stream_.bad()) fail("cannot be read any further");
  return false;
}

bool LineReader::next_filled() {
  while (next()) {
    if (line_.find_first_not_of(kBlanks) != std::string::npos) return true;
  }
  return false;
}

std::vector<std::int64_t> LineReader::integers(const std::string& expected) const {
  std::vector<std::int64_t> values;
  const std::string_view line = line_;
  std::size_t begin = line.find_first_not_of(kBlanks);
  while (begin != std::string_view::npos) {
    const std::size_t end = std::min(line.find_first_of(kBlanks, begin), line.size());
    const std::string_view word = line.substr(begin, end - begin);
    std::int64_t value = 0;
    const auto [stop, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc{} || stop != word.data() + word.size()) {
      fail("expected " + expected + ", got " + in_quotes(word.substr(0, 40)));
    }
    values.push_back(value);
    begin = line.find_first_not_of(kBlanks, end);
  }
  return values;
}

std::int64_t LineReader::read_node_count() {
  const std::string expected = "the number of nodes alone on the first line";
  if (!next_filled()) throw InputError(name_ + ": is empty; expected " + expected);
  const auto values = integers(expected);
  if (values.size() != 1) {
    fail("expected " + expected + ", got " + count_of(values.size(), "number"));
  }
  if (values[0] < 1 || values[0] > kMostNodes) {
    fail("the number of nodes must be 1 to " + std::to_string(kMostNodes) + ", got " +
         std::to_string(values[0]));
  }
  return values[0];
}

Uid LineReader::node(std::int64_t uid, std::int64_t nodes) const {
  if (uid < 0 || uid >= nodes) fail(no_such_node(uid, nodes));
  return static_cast<Uid>(uid);
}

void LineReader::fail(const std::string& message) const {
  throw InputError(name_ + ": line " + std::to_string(number_) + ": " + message);
}

void require_plausible(const std::string& file, std::int64_t nodes, std::size_t edges) {
  constexpr std::int64_t kAlwaysFine = 1'000'000;  // a few megabytes
  if (nodes <= kAlwaysFine || nodes <= 2 * static_cast<std::int64_t>(edges)) return;
  throw InputError(file + ": announces " + std::to_string(nodes) + " nodes, but has only " +
                   count_of(edges, "edge") + ", so most nodes have no neighbor; is it truncated?");
}

std::string no_such_node(std::int64_t uid, std::int64_t nodes) {
  return "node " + std::to_string(uid) + " does not exist; the graph has " +
         (nodes == 1 ? "only node 0" : "nodes 0.." + std::to_string(nodes - 1));
}

}  // namespace kith
