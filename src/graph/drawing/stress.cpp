#include "graph/drawing/stress.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "core/portable_math.h"
#include "core/random.h"
#include "graph/drawing/structure.h"

namespace kith {
namespace {

/// How far apart a and b should be, and how much that matters to each of them.
struct Term {
  Uid a;
  Uid b;
  float distance;
  float weight_a;
  float weight_b;
};

std::vector<Term> all_pairs(const Graph& graph) {
  std::vector<Term> terms;
  terms.reserve(std::size_t(graph.nodes() * (graph.nodes() - 1) / 2));
  for (Uid a = 0; a < graph.nodes(); ++a) {
    const auto distances = distances_from(graph, a);
    for (Uid b = a + 1; b < graph.nodes(); ++b) {
      const auto distance = float(distances[std::size_t(b)]);
      const float weight = 1 / (distance * distance);
      terms.push_back({a, b, distance, weight, weight});
    }
  }
  return terms;
}

/// Some nodes, drawn at random so that they lie where nodes are, and the distances from each.
struct Pivots {
  std::vector<Uid> uids;
  std::vector<std::vector<std::int32_t>> distances;
  std::vector<std::size_t> nearest;  // of each node

  Pivots(const Graph& graph, std::size_t count, Random& random)
      : nearest(std::size_t(graph.nodes()), 0) {
    constexpr std::int32_t kFar = std::numeric_limits<std::int32_t>::max();
    std::vector<std::int32_t> to_nearest(nearest.size(), kFar);
    for (std::size_t p = 0; p < count; ++p) {
      Uid pivot = 0;
      do {
        pivot = static_cast<Uid>(random.below(std::uint32_t(nearest.size())));
      } while (to_nearest[std::size_t(pivot)] == 0);
      uids.push_back(pivot);
      distances.push_back(distances_from(graph, pivot));
      for (std::size_t i = 0; i < nearest.size(); ++i) {
        if (distances[p][i] >= to_nearest[i]) continue;
        to_nearest[i] = distances[p][i];
        nearest[i] = p;
      }
    }
  }
};

/// Edges matter to both ends. The distance to a pivot matters to the other node as often as there
/// are nodes around the pivot, up to half the way: for them it stands.
std::vector<Term> sparse_pairs(const Graph& graph, Random& random) {
  constexpr double kTerms = 4e6;
  const auto count = std::size_t(std::clamp(kTerms / double(graph.nodes()), 20.0, 200.0));
  const Pivots pivots(graph, count, random);
  std::vector<Term> terms;
  for (Uid a = 0; a < graph.nodes(); ++a) {
    for (const Uid b : graph.neighbors(a)) {
      if (a < b) terms.push_back({a, b, 1, 1, 1});
    }
  }
  for (std::size_t p = 0; p < pivots.uids.size(); ++p) {
    std::vector<float> within;  // how many of the pivot's own nodes are so near
    for (std::size_t i = 0; i < pivots.nearest.size(); ++i) {
      if (pivots.nearest[i] != p) continue;
      const auto distance = std::size_t(pivots.distances[p][i]);
      if (within.size() <= distance) within.resize(distance + 1);
      ++within[distance];
    }
    std::partial_sum(within.begin(), within.end(), within.begin());
    for (Uid i = 0; i < graph.nodes(); ++i) {
      const std::int32_t steps = pivots.distances[p][std::size_t(i)];
      if (steps <= 1) continue;
      const auto distance = float(steps);
      const std::size_t half = std::min(std::size_t(steps) / 2, within.size() - 1);
      terms.push_back({i, pivots.uids[p], distance, within[half] / (distance * distance), 0});
    }
  }
  return terms;
}

/// A vector of length one from b to a, in some direction where they coincide.
Point direction(Point a, Point b, Random& random) {
  const double apart = length(a - b);
  return apart > 0 ? 1 / apart * (a - b) : on_circle(random.uniform());
}

void descend(std::vector<Term>& terms, std::vector<Point>& places, Random& random) {
  constexpr int kRounds = 30;
  constexpr double kLastStep = 0.05;
  const double farthest = double(std::ranges::max(terms, {}, &Term::distance).distance);
  // Steps from 1 / (the smallest weight) to kLastStep / (the largest).
  const double decay = portable::log(farthest * farthest / kLastStep) / double(kRounds - 1);
  for (int round = 0; round < kRounds; ++round) {
    const double step = farthest * farthest * portable::exp(-decay * round);
    shuffle(std::span(terms), random);
    for (const Term& term : terms) {
      Point& a = places[std::size_t(term.a)];
      Point& b = places[std::size_t(term.b)];
      const double missing = 0.5 * (double(term.distance) - length(a - b));
      const Point away = missing * direction(a, b, random);
      a = a + std::min(1.0, step * double(term.weight_a)) * away;
      b = b - std::min(1.0, step * double(term.weight_b)) * away;
    }
  }
}

/// Every node goes half the way to where its terms want it on average, which never raises the
/// stress.
void majorize(const std::vector<Term>& terms, std::vector<Point>& places, Random& random) {
  constexpr double kWork = 3e7, kStill = 1e-5;
  const int rounds = int(std::clamp(kWork / double(terms.size()), 20.0, 3000.0));
  std::vector<double> weights(places.size(), 0);
  for (const Term& term : terms) {
    weights[std::size_t(term.a)] += double(term.weight_a);
    weights[std::size_t(term.b)] += double(term.weight_b);
  }
  double moved = 1;
  for (int round = 0; round < rounds && moved > kStill; ++round) {
    std::vector<Point> pulls(places.size());
    for (const Term& term : terms) {
      const Point a = places[std::size_t(term.a)];
      const Point b = places[std::size_t(term.b)];
      const Point pull = double(term.distance) * direction(a, b, random) - (a - b);
      Point& on_a = pulls[std::size_t(term.a)];
      Point& on_b = pulls[std::size_t(term.b)];
      on_a = on_a + double(term.weight_a) * pull;
      on_b = on_b - double(term.weight_b) * pull;
    }
    moved = 0;
    for (std::size_t i = 0; i < places.size(); ++i) {
      const Point step = 0.5 / weights[i] * pulls[i];
      places[i] = places[i] + step;
      moved = std::max(moved, length(step));
    }
  }
}

}  // namespace

std::vector<Point> stress_places(const Graph& graph) {
  constexpr std::int64_t kMostNodesForAllPairs = 2'000;
  std::vector<Point> places(std::size_t(graph.nodes()));
  if (places.size() == 1) return places;
  Random random(0, Purpose::kGraph);
  for (Point& place : places) {
    place.x = random.uniform();
    place.y = random.uniform();
  }
  std::vector<Term> terms =
      graph.nodes() <= kMostNodesForAllPairs ? all_pairs(graph) : sparse_pairs(graph, random);
  descend(terms, places, random);
  majorize(terms, places, random);
  return places;
}

}  // namespace kith
