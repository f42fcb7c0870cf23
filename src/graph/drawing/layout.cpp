#include "graph/drawing/layout.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/text.h"
#include "graph/cell_grid.h"
#include "graph/drawing/structure.h"

namespace kith {
namespace {

Graph both_ways(const Graph& graph) {
  std::vector<Edge> edges;
  for (Uid node = 0; node < graph.nodes(); ++node) {
    for (const Uid receiver : graph.receivers(node)) edges.push_back({node, receiver});
  }
  return Graph::undirected(graph.nodes(), edges);
}

/// Two rows are read with ease while they are short, and worth it where many lines run between;
/// where nearly all do, they say it however long they are.
bool faces_well(const Graph& graph) {
  constexpr std::int64_t kLongestRow = 40, kLongestFullRow = 200;
  const auto sides = find_sides(graph);
  if (!sides) return false;
  const std::int64_t below = std::ranges::count(*sides, true);
  const std::int64_t above = graph.nodes() - below;
  const bool full = 2 * graph.edges() > below * above;
  return graph.edges() >= 2 * graph.nodes() &&
         std::max(below, above) <= (full ? kLongestFullRow : kLongestRow);
}

/// Whether the nodes of a tree can be told apart when no line may cross another.
bool has_room(const Layout& tree) {
  constexpr double kNodesInARow = 400;
  const Box box = box_around(tree.places());
  return tree.spacing() * kNodesInARow > std::max(box.width(), box.height());
}

LayoutKind fitting(const Graph& graph) {
  if (is_tree(graph) && has_room(*tree_layout(graph))) return LayoutKind::kTree;
  if (is_circulant(graph)) return LayoutKind::kCircle;
  if (find_lattice(graph)) return LayoutKind::kGrid;
  if (find_hypercube(graph)) return graph.nodes() <= 32 ? LayoutKind::kCube : LayoutKind::kForce;
  if (is_near_ring(graph)) return LayoutKind::kCircle;
  if (faces_well(graph)) return LayoutKind::kSides;
  return LayoutKind::kForce;
}

}  // namespace

double Layout::spacing() const {
  const Box box = box_around(places_);
  const double side = std::max(box.width(), box.height());
  if (side == 0) return 1;
  std::vector<Point> scaled;
  for (const Point place : places_) scaled.push_back(1 / side * (place - box.low));
  // No n points of a square are all farther apart than this.
  const double surely = 2 / std::sqrt(double(scaled.size()));
  const CellGrid cells(scaled, surely);
  double nearest = 2;
  for (Uid uid = 0; std::size_t(uid) < scaled.size(); ++uid) {
    const Point here = scaled[std::size_t(uid)];
    cells.visit_near(here, [&](Uid other) {
      if (other > uid) nearest = std::min(nearest, length(scaled[std::size_t(other)] - here));
    });
  }
  return nearest * side;
}

LayoutKind layout_kind(const std::string& name) {
  static const std::vector<std::string> names{"auto", "circle", "grid", "tree", "force"};
  const auto known = std::ranges::find(names, name);
  if (known == names.end()) {
    throw ConfigError("unknown layout " + in_quotes(name) + suggest(name, names));
  }
  return static_cast<LayoutKind>(known - names.begin());
}

LayoutKind fitting_layout(const Graph& graph) { return fitting(both_ways(graph)); }

std::unique_ptr<Layout> lay_out(const Graph& graph, LayoutKind kind) {
  const Graph shape = both_ways(graph);
  switch (kind == LayoutKind::kAuto ? fitting(shape) : kind) {
    case LayoutKind::kCircle:
      return circle_layout(shape);
    case LayoutKind::kGrid:
      return grid_layout(shape);
    case LayoutKind::kTree:
      return tree_layout(shape);
    case LayoutKind::kSides:
      return sides_layout(shape);
    case LayoutKind::kCube:
      return cube_layout(shape);
    default:
      return force_layout(shape);
  }
}

}  // namespace kith
