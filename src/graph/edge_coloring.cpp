#include "graph/edge_coloring.h"

#include <algorithm>

namespace kith {
namespace {

using Color = std::size_t;

/// Colors edges one by one, so that no two at a node have the same color.
class EdgeColoring {
 public:
  explicit EdgeColoring(const Graph& graph) {
    std::int64_t most = 0;
    for (Uid node = 0; node < graph.nodes(); ++node) most = std::max(most, graph.degree(node));
    const std::vector<Uid> none(std::size_t(most) + 1, kNobody);
    at_.assign(std::size_t(graph.nodes()), none);
  }

  /// Colors one more edge. What was colored before may change, but stays colored.
  void add(Uid u, Uid v) {
    // All but the last color: that one is kept for where nothing else helps.
    for (Color c = 0; c + 1 < at_[0].size(); ++c) {
      if (is_free(u, c) && is_free(v, c)) return set(u, v, c);
    }
    // The path of v that alternates between a color free at u and one free at v: swapping the two
    // along it frees the first at v, too, unless it ends at u. In a bipartite graph it cannot.
    const Color of_u = free_color(u);
    const Color of_v = free_color(v);
    if (path_end(v, of_u, of_v) != u) {
      swap_along(v, of_u, of_v);
      return set(u, v, of_u);
    }
    turn_fan(u, v);
  }

  std::vector<std::vector<Edge>> matchings() const {
    std::vector<std::vector<Edge>> matchings(at_[0].size());
    for (Uid node = 0; std::size_t(node) < at_.size(); ++node) {
      for (Color c = 0; c < matchings.size(); ++c) {
        if (node < row(node)[c]) matchings[c].push_back({node, row(node)[c]});
      }
    }
    std::erase_if(matchings, [](const auto& matching) { return matching.empty(); });
    return matchings;
  }

 private:
  static constexpr Uid kNobody = -1;

  std::vector<Uid>& row(Uid node) { return at_[std::size_t(node)]; }
  const std::vector<Uid>& row(Uid node) const { return at_[std::size_t(node)]; }

  bool is_free(Uid node, Color c) const { return row(node)[c] == kNobody; }

  Color free_color(Uid node) const {
    return Color(std::ranges::find(row(node), kNobody) - row(node).begin());
  }

  Color color_of(Uid u, Uid v) const {
    return Color(std::ranges::find(row(u), v) - row(u).begin());
  }

  void set(Uid u, Uid v, Color c) {
    row(u)[c] = v;
    row(v)[c] = u;
  }

  void clear(Uid u, Uid v, Color c) { row(u)[c] = row(v)[c] = kNobody; }

  /// The other end of the path from `node` whose colors are first, second, first, …
  Uid path_end(Uid node, Color first, Color second) const {
    for (Color c = first; !is_free(node, c); c = c == first ? second : first) node = row(node)[c];
    return node;
  }

  /// Swaps both colors along that path; `second` must be free at `node`.
  void swap_along(Uid node, Color first, Color second) {
    for (Color c = first; node != kNobody; c = c == first ? second : first) {
      const Uid next = row(node)[c];
      std::swap(row(node)[first], row(node)[second]);
      node = next;
    }
  }

  /// Neighbors of u, beginning with v: the edge from u to each has a color that is free at the one
  /// before. Moving every color one neighbor back would free u's edge to the last.
  std::vector<Uid> fan(Uid u, Uid v) const {
    std::vector<Uid> fan{v};
    const auto extends = [&](Uid w) {
      return w != kNobody && is_free(fan.back(), color_of(u, w)) &&
             std::ranges::find(fan, w) == fan.end();
    };
    for (;;) {
      const auto next = std::ranges::find_if(row(u), extends);
      if (next == row(u).end()) return fan;
      fan.push_back(*next);
    }
  }

  void turn_fan(Uid u, Uid v) {
    const std::vector<Uid> fan = this->fan(u, v);
    const Color last = free_color(fan.back());
    swap_along(u, last, free_color(u));  // frees it at u
    std::size_t end = 0;                 // it is free here, too, at the latest at the fan's end
    while (!is_free(fan[end], last)) ++end;
    for (std::size_t i = 0; i < end; ++i) {
      const Color moved = color_of(u, fan[i + 1]);
      clear(u, fan[i + 1], moved);
      set(u, fan[i], moved);
    }
    set(u, fan[end], last);
  }

  std::vector<std::vector<Uid>> at_;  // [node][color]: the neighbor along the edge of that color
};

}  // namespace

std::vector<std::vector<Edge>> matchings_of(const Graph& graph) {
  if (graph.edges() == 0) return {};
  EdgeColoring coloring(graph);
  for (Uid u = 0; u < graph.nodes(); ++u) {
    for (const Uid v : graph.neighbors(u)) {
      if (u < v) coloring.add(u, v);
    }
  }
  return coloring.matchings();
}

}  // namespace kith
