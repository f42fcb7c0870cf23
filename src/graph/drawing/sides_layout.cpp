#include <algorithm>
#include <cassert>
#include <limits>

#include "graph/drawing/layout.h"
#include "graph/drawing/structure.h"

namespace kith {
namespace {

/// The order of the nodes in two rows. Each row in turn is sorted by the mean place of a node's
/// neighbors in the other (the barycenter heuristic of Sugiyama, Tagawa & Toda 1981), from the
/// order of the uids on, then from that of the distances from a node at the end of the graph; the
/// order with the fewest crossings is kept.
class Rows {
 public:
  Rows(const Graph& graph, const std::vector<bool>& sides)
      : graph_(graph), positions_(sides.size()) {
    for (Uid node = 0; node < graph.nodes(); ++node)
      rows_[sides[std::size_t(node)]].push_back(node);
    sweep();
    const auto from_first = distances_from(graph, 0);
    const auto end = std::ranges::max_element(from_first) - from_first.begin();
    const auto distances = distances_from(graph, static_cast<Uid>(end));
    for (auto& row : rows_) {
      std::ranges::sort(row);
      std::ranges::stable_sort(row, {}, [&](Uid node) { return distances[std::size_t(node)]; });
    }
    sweep();
    positions_ = best_;
  }

  /// From the left end of a row, 0, to its right end, 1.
  double position(Uid node) const { return positions_[std::size_t(node)]; }
  std::size_t longer() const { return std::max(rows_[0].size(), rows_[1].size()); }

 private:
  void sweep() {
    constexpr int kSweeps = 12;
    for (auto& row : rows_) number(row);
    std::vector<double> last;
    for (int sweep = 0; sweep < kSweeps && last != positions_; ++sweep) {
      if (const std::int64_t now = crossings(); now < fewest_) {
        fewest_ = now;
        best_ = positions_;
      }
      last = positions_;
      for (const std::size_t row : {1, 0}) sort(rows_[row]);
    }
  }

  void number(const std::vector<Uid>& row) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      positions_[std::size_t(row[i])] = (double(i) + 0.5) / double(row.size());
    }
  }

  void sort(std::vector<Uid>& row) {
    std::ranges::stable_sort(row, {}, [this](Uid node) {
      double sum = 0;
      for (const Uid neighbor : graph_.neighbors(node)) sum += position(neighbor);
      return sum / double(graph_.degree(node));
    });
    number(row);
  }

  std::int64_t crossings() const {
    std::vector<std::pair<double, double>> lines;
    for (const Uid node : rows_[0]) {
      for (const Uid other : graph_.neighbors(node)) {
        lines.emplace_back(position(node), position(other));
      }
    }
    // From left to right above, a line crosses those before it that end farther right below.
    std::ranges::sort(lines);
    std::int64_t crossings = 0;
    std::vector<double> ends;
    for (const auto& [top, bottom] : lines) {
      const auto place = std::ranges::upper_bound(ends, bottom);
      crossings += ends.end() - place;
      ends.insert(place, bottom);
    }
    return crossings;
  }

  const Graph& graph_;
  std::vector<Uid> rows_[2];
  std::vector<double> positions_;
  std::vector<double> best_;
  std::int64_t fewest_ = std::numeric_limits<std::int64_t>::max();
};

}  // namespace

std::unique_ptr<Layout> sides_layout(const Graph& graph) {
  const auto sides = find_sides(graph);
  assert(sides);
  const Rows rows(graph, *sides);
  constexpr double kShape = 0.4;  // height to width
  const double width = double(rows.longer());
  std::vector<Point> places;
  for (Uid node = 0; node < graph.nodes(); ++node) {
    places.push_back(
        {width * rows.position(node), (*sides)[std::size_t(node)] ? kShape * width : 0});
  }
  return std::make_unique<Layout>(std::move(places));
}

}  // namespace kith
