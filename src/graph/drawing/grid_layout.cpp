#include <algorithm>
#include <cmath>
#include <numeric>

#include "graph/drawing/layout.h"
#include "graph/drawing/structure.h"

namespace kith {
namespace {

class GridLayout final : public Layout {
 public:
  explicit GridLayout(const Lattice& lattice) : Layout(places(lattice)) {}

  /// A line that passes other nodes runs beside them.
  std::optional<Bend> bend(Uid a, Uid b, double) const override {
    const Point from = Layout::places()[std::size_t(std::min(a, b))];
    const Point to = Layout::places()[std::size_t(std::max(a, b))];
    const Point along = to - from;
    const auto steps = std::gcd(std::int64_t(along.x), std::int64_t(along.y));
    if (steps == 1) return {};
    // Upwards, or to the left; a long line no farther than it must.
    const Point aside = (-kBulge * 2 / length(along)) * Point{std::abs(along.y), std::abs(along.x)};
    return Bend{0.5 * (from + to) + aside, 0.55};
  }

 private:
  static constexpr double kBulge = 0.42;

  static std::vector<Point> places(const Lattice& lattice) {
    std::vector<Point> places;
    for (const Uid cell : lattice.cells) {
      places.push_back({double(cell % lattice.columns), double(cell / lattice.columns)});
    }
    return places;
  }
};

Lattice row_by_row(std::int64_t nodes) {
  Lattice lattice;
  lattice.columns = std::int64_t(std::ceil(std::sqrt(double(nodes))));
  lattice.rows = (nodes + lattice.columns - 1) / lattice.columns;
  for (Uid node = 0; node < nodes; ++node) lattice.cells.push_back(node);
  return lattice;
}

}  // namespace

std::unique_ptr<Layout> grid_layout(const Graph& graph) {
  const auto lattice = find_lattice(graph);
  return std::make_unique<GridLayout>(lattice ? *lattice : row_by_row(graph.nodes()));
}

}  // namespace kith
