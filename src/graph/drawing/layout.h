#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "graph/graph.h"
#include "graph/point.h"

namespace kith {

/// How a line leaves the straight way: towards the control point of a quadratic Bézier curve.
struct Bend {
  Point control;
  double strength = 1;  ///< how dark it is, compared with a straight line
};

/// Where the nodes of a graph stand in a picture, and how its edges run. The same on every machine:
/// only sums, products, quotients and roots are taken, in a fixed order.
class Layout {
 public:
  /// `places` are by uid, no two the same.
  explicit Layout(std::vector<Point> places) : places_(std::move(places)) {}
  virtual ~Layout() = default;

  const std::vector<Point>& places() const { return places_; }

  /// How far apart the nearest two nodes are; 1 where there is but one.
  double spacing() const;

  /// How the line between a and b bends; nothing where it is straight. `radius` is that of the
  /// nodes.
  virtual std::optional<Bend> bend(Uid /*a*/, Uid /*b*/, double /*radius*/) const { return {}; }

  /// The direction, of length one, in which there is room beside a node. Nothing where there may be
  /// none.
  virtual std::optional<Point> free_side(Uid /*node*/) const { return {}; }

 private:
  std::vector<Point> places_;
};

/// Those behind kForce have no name: only kAuto chooses them, where the graph has such a shape.
enum class LayoutKind { kAuto, kCircle, kGrid, kTree, kForce, kSides, kCube };

/// "auto", "circle", "grid", "tree", "force"; anything else is a ConfigError.
LayoutKind layout_kind(const std::string& name);

/// The kind that shows the structure of `graph`, never kAuto.
LayoutKind fitting_layout(const Graph& graph);

/// Lays out `graph`, of which edges count as going both ways. kAuto is the kind that fits.
std::unique_ptr<Layout> lay_out(const Graph& graph, LayoutKind kind);

/// One for each kind, in a file of its own.

/// The nodes on a circle, clockwise by uid, from the top. Lines that would run behind nodes bend
/// inwards.
std::unique_ptr<Layout> circle_layout(const Graph& graph);

/// A lattice in rows and columns, one apart; other graphs row by row, as square as can be. Lines
/// that would run behind nodes, as those that close a torus, bend.
std::unique_ptr<Layout> grid_layout(const Graph& graph);

/// Trees without crossings: levels below each other or, where that leaves more room, on circles
/// around the root, which is a center of the tree; paths in one line, or a few. Other graphs by
/// their trees of shortest paths.
std::unique_ptr<Layout> tree_layout(const Graph& graph);

/// Distances in the picture as near to those in the graph as they can be (stress).
std::unique_ptr<Layout> force_layout(const Graph& graph);

/// The two sides of a bipartite graph, facing each other.
std::unique_ptr<Layout> sides_layout(const Graph& graph);

/// A hypercube of 8, 16 or 32 nodes, each dimension a direction.
std::unique_ptr<Layout> cube_layout(const Graph& graph);

}  // namespace kith
