#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "core/types.h"

namespace kith {

/// The lines of a text file of integers, and where we are in it. Throws InputError.
class LineReader {
 public:
  explicit LineReader(const std::filesystem::path& file);

  /// Goes to the next line that is not a comment; false at the end of the file.
  bool next();

  /// Goes to the next line that is neither a comment nor blank.
  bool next_filled();

  /// Whether the line kDirectedEdges was passed.
  bool directed_edges() const { return directed_edges_; }

  /// The line's integers. `expected` says in messages what should have stood there.
  std::vector<std::int64_t> integers(const std::string& expected) const;

  /// The number of nodes, alone on the first line that is not blank.
  std::int64_t read_node_count();

  /// Throws InputError unless `uid` is one of 0..nodes-1.
  Uid node(std::int64_t uid, std::int64_t nodes) const;

  /// Throws InputError: "<file>: line <n>: <message>".
  [[noreturn]] void fail(const std::string& message) const;

 private:
  std::string name_;
  std::ifstream stream_;
  std::string line_;  // up to a '#', where its comment begins
  std::int64_t number_ = 0;
  bool directed_edges_ = false;
};

/// The comment that makes an edge list a directed one.
inline constexpr std::string_view kDirectedEdges = "# directed: x sends to y";

/// The most nodes that a file may have.
inline constexpr std::int64_t kMostNodes = 100'000'000;

/// Throws InputError if a file announces far more nodes than it has edges, before memory is taken.
void require_plausible(const std::string& file, std::int64_t nodes, std::size_t edges);

/// "node 99 does not exist; the graph has nodes 0..15"
std::string no_such_node(std::int64_t uid, std::int64_t nodes);

}  // namespace kith
