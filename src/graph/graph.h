#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/types.h"

namespace kith {

/// `from` sends to `to`; in an undirected graph each also sends to the other.
struct Edge {
  Uid from;
  Uid to;
};

/// Who may talk to whom among the nodes 0..n-1: a simple graph, without loops or parallel edges.
/// Immutable. An undirected edge costs 8 bytes, a directed one 8, a node 8 or 16.
class Graph {
 public:
  /// A graph whose edges go both ways. An edge that stands in `edges` more than once, in either
  /// direction, counts once. No edge may be a loop, or leave 0..nodes-1.
  static Graph undirected(std::int64_t nodes, std::span<const Edge> edges);

  /// A graph whose edges go one way; an undirected one if all of them are there both ways.
  static Graph directed(std::int64_t nodes, std::span<const Edge> edges);

  std::int64_t nodes() const { return std::int64_t(receivers_.begins.size()) - 1; }
  bool is_directed() const { return directed_; }

  /// Undirected edges count once.
  std::int64_t edges() const { return std::int64_t(receivers_.uids.size()) / (directed_ ? 1 : 2); }

  /// Whom `node` hears, and who hears it: ascending, the same in an undirected graph.
  std::span<const Uid> senders(Uid node) const { return incoming().row(node); }
  std::span<const Uid> receivers(Uid node) const { return receivers_.row(node); }

  /// Senders and receivers alike, for graphs that are undirected.
  std::span<const Uid> neighbors(Uid node) const { return senders(node); }

  /// How many `node` hears, itself not counted.
  std::int64_t degree(Uid node) const { return std::int64_t(senders(node).size()); }

  /// Where the senders of `node` begin when those of all nodes lie one row behind another.
  std::size_t row_begin(Uid node) const { return incoming().begins[std::size_t(node)]; }

  /// Whether what any node says can reach every other (strongly connected, if directed).
  bool connected() const;

 private:
  /// For each node a run of `uids`, ascending.
  struct Rows {
    std::vector<std::size_t> begins{0};
    std::vector<Uid> uids;

    std::span<const Uid> row(Uid node) const {
      const auto i = std::size_t(node);
      return {uids.data() + begins[i], begins[i + 1] - begins[i]};
    }
    bool all_reachable_from_first() const;
  };

  enum class Direction { kForward, kBackward, kBoth };

  static Rows rows(std::int64_t nodes, std::span<const Edge> edges, Direction direction);
  static void sort_rows(Rows& rows);

  const Rows& incoming() const { return directed_ ? senders_ : receivers_; }

  bool directed_ = false;
  Rows receivers_;
  Rows senders_;  // empty where they are the receivers
};

}  // namespace kith
