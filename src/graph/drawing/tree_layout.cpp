#include <algorithm>
#include <cmath>
#include <numeric>

#include "graph/drawing/forest.h"
#include "graph/drawing/layout.h"
#include "graph/drawing/structure.h"

namespace kith {
namespace {

/// Leaves one apart, parents over the middle of their children.
std::vector<Point> levels(const Forest& forest) {
  std::vector<Point> places(forest.order().size());
  std::vector<std::int64_t> begins(places.size());  // of the leaves below each node
  std::int64_t begin = 0;
  for (const Uid root : forest.roots()) {
    begins[std::size_t(root)] = begin;
    begin += forest.leaves(root);
  }
  for (const Uid node : forest.order()) {
    std::int64_t next = begins[std::size_t(node)];
    for (const Uid child : forest.children(node)) {
      begins[std::size_t(child)] = next;
      next += forest.leaves(child);
    }
  }
  constexpr double kShape = 0.45;  // height to width
  const double gap = std::max(1.0, kShape * double(begin) / double(forest.height() + 1));
  for (auto node = forest.order().rbegin(); node != forest.order().rend(); ++node) {
    Point& place = places[std::size_t(*node)];
    const auto& children = forest.children(*node);
    place.y = gap * double(forest.depth(*node));
    place.x = children.empty() ? double(begins[std::size_t(*node)])
                               : 0.5 * (places[std::size_t(children.front())].x +
                                        places[std::size_t(children.back())].x);
  }
  return places;
}

/// Level i on a circle of radius i, every node in the middle of a sector of its own, which its
/// children share by their leaves.
std::vector<Point> rings(const Forest& forest) {
  struct Sector {
    double begin, width;  // in turns
  };
  std::vector<Sector> sectors(forest.order().size());
  const Uid root = forest.roots().front();
  const auto share = [&](Uid node, Uid child) {
    return double(forest.leaves(child)) / double(forest.leaves(node));
  };
  // The first child is at the top.
  if (!forest.children(root).empty()) {
    sectors[std::size_t(root)] = {-share(root, forest.children(root).front()) / 2, 1};
  }
  std::vector<Point> places(sectors.size());
  for (const Uid node : forest.order()) {
    auto [begin, width] = sectors[std::size_t(node)];
    const double middle = begin + width / 2;
    const std::int64_t depth = forest.depth(node);
    places[std::size_t(node)] = double(depth) * on_circle(middle);
    // Inside of circle 1 run only lines from the root, which no line of a sector of half a turn
    // can cross. From there on, a line to a child no farther aside than arccos(i / (i + 1)) keeps
    // outside of circle i, and so meets no line of another level; √(2 / (i + 1)) is a little less.
    if (depth == 1) width = std::min(width, 0.5);
    if (depth > 1) width = std::min(width, std::sqrt(2 / double(depth + 1)) / std::numbers::pi);
    begin = middle - width / 2;
    for (const Uid child : forest.children(node)) {
      sectors[std::size_t(child)] = {begin, width * share(node, child)};
      begin += sectors[std::size_t(child)].width;
    }
  }
  return places;
}

/// From end to end; a long one turns at the margins.
std::vector<Point> path(const Graph& graph) {
  constexpr std::int64_t kLongestLine = 20;
  const std::int64_t n = graph.nodes();
  const std::int64_t columns =
      n <= kLongestLine ? n : std::int64_t(std::ceil(std::sqrt(2 * double(n))));
  Uid node = 0;
  while (graph.degree(node) > 1) ++node;
  std::vector<Point> places(static_cast<std::size_t>(n));
  Uid last = -1;
  for (std::int64_t step = 0; step < n; ++step) {
    const std::int64_t row = step / columns;
    const std::int64_t column = row % 2 == 0 ? step % columns : columns - 1 - step % columns;
    places[std::size_t(node)] = {double(column), double(row)};
    const auto next = std::ranges::find_if(graph.neighbors(node), [&](Uid u) { return u != last; });
    last = node;
    if (step + 1 < n) node = *next;
  }
  return places;
}

/// How far apart the nearest nodes are, in sides of the picture.
double room(const std::vector<Point>& places) {
  const Box box = box_around(places);
  return Layout(places).spacing() / std::max(box.width(), box.height());
}

std::vector<Point> tree(const Graph& graph) {
  const auto degree = [&](Uid node) { return graph.degree(node); };
  std::vector<Uid> nodes(std::size_t(graph.nodes()));
  std::iota(nodes.begin(), nodes.end(), 0);
  if (is_tree(graph) && degree(std::ranges::max(nodes, {}, degree)) <= 2) return path(graph);
  const Forest forest(graph);
  std::vector<Point> rows = levels(forest);
  if (forest.roots().size() > 1) return rows;
  std::vector<Point> circles = rings(forest);
  // Levels are what one knows; a star, and what is wide, may have more room on circles.
  constexpr std::int64_t kFewLeaves = 16;
  const bool few = forest.height() > 1 && forest.leaves(forest.roots().front()) <= kFewLeaves;
  return few || room(rows) > room(circles) ? rows : circles;
}

}  // namespace

std::unique_ptr<Layout> tree_layout(const Graph& graph) {
  return std::make_unique<Layout>(tree(graph));
}

}  // namespace kith
