#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "graph/graph.h"

namespace kith {

/// A graph as files of other programs have it: nodes with names, edges that may go one way or both.
/// What stands in a file is named in messages by its line.
class NamedGraph {
 public:
  /// `file` is the name that messages show.
  explicit NamedGraph(std::string file) : file_(std::move(file)) {}

  /// `label` is a second name, which may be empty. Throws InputError where `name` stands twice.
  void add_node(const std::string& name, const std::string& label, std::int64_t line);

  /// Between nodes that may be added later.
  void add_edge(std::string from, std::string to, bool directed, std::int64_t line);

  /// The graph with nodes 0..n-1. They keep the numbers they had if all labels, or else all names,
  /// are 0..n-1 in any order; otherwise they are numbered in the order of the file. Throws
  /// InputError for an edge that is a loop or ends at no node, and for a graph without nodes.
  Graph numbered() const;

 private:
  struct Link {
    std::string from;
    std::string to;
    bool directed;
    std::int64_t line;
  };

  Uid place(const std::string& name, std::int64_t line) const;

  std::string file_;
  std::vector<std::string> names_;
  std::vector<std::string> labels_;
  std::unordered_map<std::string, Uid> places_;  // in names_
  std::vector<Link> links_;
};

}  // namespace kith
