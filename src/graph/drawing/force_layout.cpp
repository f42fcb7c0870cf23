#include <algorithm>
#include <cmath>
#include <numeric>

#include "graph/cell_grid.h"
#include "graph/drawing/layout.h"
#include "graph/drawing/stress.h"

namespace kith {
namespace {

/// Turns the longest direction into the horizontal one.
void turn_level(std::vector<Point>& places) {
  Point mean;
  for (const Point place : places) mean = mean + 1 / double(places.size()) * place;
  double xx = 0, xy = 0, yy = 0;
  for (Point& place : places) {
    place = place - mean;
    xx += place.x * place.x;
    xy += place.x * place.y;
    yy += place.y * place.y;
  }
  const double difference = (xx - yy) / 2;
  const double root = std::sqrt(difference * difference + xy * xy);
  if (root == 0) return;
  // (root + difference, xy) is an eigenvector of the larger eigenvalue, as is (xy, root −
  // difference); the longer of them is exact.
  Point axis = difference >= 0 ? Point{root + difference, xy} : Point{xy, root - difference};
  axis = 1 / length(axis) * axis;
  for (Point& place : places) {
    place = {dot(axis, place), axis.x * place.y - axis.y * place.x};
  }
}

/// Pushes nodes apart that are nearer than most, until none is, or nearly.
void spread(std::vector<Point>& places) {
  constexpr int kRounds = 200;
  constexpr std::int64_t kMostPushes = 20'000'000;  // where thousands crowd together, it is enough
  constexpr double kRoom = 0.62;  // of the side of the square that each node would have
  const double n = double(places.size());
  const Box first = box_around(places);
  const double longer = std::max(first.width(), first.height());
  const double side = longer > 0 ? longer : 1;  // where all coincide, any room is as good
  const double apart =
      kRoom * std::min(1.0, std::sqrt(std::max(first.width() * first.height(), side) / n));
  std::int64_t pushes = 0;
  for (int round = 0; round < kRounds && pushes < kMostPushes; ++round) {
    const Box box = box_around(places);
    const double scale = 1 / std::max({box.width(), box.height(), apart});
    std::vector<Point> scaled;
    for (const Point place : places) scaled.push_back(scale * (place - box.low));
    const CellGrid cells(scaled, apart * scale);
    std::vector<Point> moves(places.size());
    const std::int64_t pushes_before = pushes;
    for (Uid uid = 0; std::size_t(uid) < places.size(); ++uid) {
      const Point here = places[std::size_t(uid)];
      cells.visit_near(scaled[std::size_t(uid)], [&](Uid other) {
        const Point away = here - places[std::size_t(other)];
        const double distance = length(away);
        if (other <= uid || distance >= apart) return;
        // Those that coincide part in a direction of their own.
        const Point direction =
            distance > 0 ? 1 / distance * away : on_circle(double(uid % 97) / 97);
        const Point half = 0.5 * (1.02 * apart - distance) * direction;
        moves[std::size_t(uid)] = moves[std::size_t(uid)] + half;
        moves[std::size_t(other)] = moves[std::size_t(other)] - half;
        ++pushes;
      });
    }
    if (pushes == pushes_before) return;
    for (std::size_t i = 0; i < places.size(); ++i) places[i] = places[i] + moves[i];
  }
}

/// The nodes of each component, ascending; the largest component comes first.
std::vector<std::vector<Uid>> components(const Graph& graph) {
  std::vector<std::vector<Uid>> components;
  std::vector<bool> seen(std::size_t(graph.nodes()));
  for (Uid start = 0; start < graph.nodes(); ++start) {
    if (seen[std::size_t(start)]) continue;
    auto& members = components.emplace_back(1, start);
    seen[std::size_t(start)] = true;
    for (std::size_t head = 0; head < members.size(); ++head) {
      for (const Uid next : graph.neighbors(members[head])) {
        if (seen[std::size_t(next)]) continue;
        seen[std::size_t(next)] = true;
        members.push_back(next);
      }
    }
    std::ranges::sort(members);
  }
  std::ranges::stable_sort(components, std::greater{}, [](const auto& c) { return c.size(); });
  return components;
}

Graph part(const Graph& graph, const std::vector<Uid>& members) {
  std::vector<Edge> edges;
  const auto place = [&](Uid uid) {
    return static_cast<Uid>(std::ranges::lower_bound(members, uid) - members.begin());
  };
  for (const Uid a : members) {
    for (const Uid b : graph.neighbors(a)) {
      if (a < b) edges.push_back({place(a), place(b)});
    }
  }
  return Graph::undirected(std::int64_t(members.size()), edges);
}

/// Puts pictures into rows, one below the other, in a shape that is about as high as wide.
class Shelves {
 public:
  explicit Shelves(double area) : width_(1.2 * std::sqrt(area)) {}

  /// Where the low corner of the next picture goes, which is not larger than those before.
  Point place(const Box& box) {
    if (x_ > 0 && x_ + box.width() > width_) {
      y_ += height_ + kGap;
      x_ = height_ = 0;
    }
    const Point place{x_, y_};
    x_ += box.width() + kGap;
    height_ = std::max(height_, box.height());
    return place;
  }

  static constexpr double kGap = 1;

 private:
  double width_;
  double x_ = 0, y_ = 0, height_ = 0;
};

}  // namespace

std::unique_ptr<Layout> force_layout(const Graph& graph) {
  const auto parts = components(graph);
  std::vector<std::vector<Point>> pictures;
  double area = 0;
  for (const auto& members : parts) {
    auto& places = pictures.emplace_back(stress_places(part(graph, members)));
    spread(places);
    turn_level(places);
    const Box box = box_around(places);
    area += (box.width() + Shelves::kGap) * (box.height() + Shelves::kGap);
  }
  std::vector<Point> places(std::size_t(graph.nodes()));
  Shelves shelves(area);
  for (std::size_t p = 0; p < parts.size(); ++p) {
    const Box box = box_around(pictures[p]);
    const Point corner = shelves.place(box) - box.low;
    for (std::size_t i = 0; i < parts[p].size(); ++i) {
      places[std::size_t(parts[p][i])] = pictures[p][i] + corner;
    }
  }
  return std::make_unique<Layout>(std::move(places));
}

}  // namespace kith
