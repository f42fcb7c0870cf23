#include <algorithm>
#include <string>

#include "core/random.h"
#include "graph/edge_set.h"
#include "graph/stored_schedule.h"
#include "graph/topology_facts.h"

namespace kith {
namespace {

/// A random connected graph in which every node has the same degree d.
///
/// Every node has d stubs; two stubs drawn at random are joined unless that makes a loop or a
/// parallel edge, until none is left or no pair fits; then it starts again (Steger & Wormald,
/// "Generating random regular graphs quickly", 1999: asymptotically uniform over all d-regular
/// graphs). Graphs that are not connected are thrown away whole, so that the law is not bent.
class StubPairing {
 public:
  StubPairing(std::int64_t nodes, std::int64_t degree, Random& random)
      : random_(random), joined_(std::size_t(nodes * degree / 2)) {
    stubs_.reserve(std::size_t(nodes * degree));
    for (Uid node = 0; node < nodes; ++node) {
      stubs_.insert(stubs_.end(), std::size_t(degree), node);
    }
    edges_.reserve(stubs_.size() / 2);
  }

  /// Whether it came to the end; then `edges()` are those of a d-regular graph.
  bool run() {
    std::size_t misses = 0;  // in a row
    while (!stubs_.empty()) {
      const std::size_t a = random_.below(std::uint32_t(stubs_.size()));
      const std::size_t b = random_.below(std::uint32_t(stubs_.size()));
      if (fit(stubs_[a], stubs_[b])) {
        join(a, b);
        misses = 0;
      } else if (++misses > kPatience + stubs_.size() * stubs_.size()) {
        if (!any_fit()) return false;
        misses = 0;
      }
    }
    return true;
  }

  const std::vector<Edge>& edges() const { return edges_; }

 private:
  static constexpr std::size_t kPatience = 16;

  bool fit(Uid a, Uid b) const { return a != b && !joined_.contains(a, b); }

  bool any_fit() const {
    for (const Uid a : stubs_) {
      if (std::ranges::any_of(stubs_, [&](Uid b) { return fit(a, b); })) return true;
    }
    return false;
  }

  void join(std::size_t a, std::size_t b) {
    edges_.push_back({stubs_[a], stubs_[b]});
    joined_.insert(stubs_[a], stubs_[b]);
    for (const std::size_t used : {std::max(a, b), std::min(a, b)}) {
      stubs_[used] = stubs_.back();
      stubs_.pop_back();
    }
  }

  Random& random_;
  EdgeSet joined_;
  std::vector<Uid> stubs_;  // each node as often as it has stubs to join
  std::vector<Edge> edges_;
};

class Regular final : public StoredSchedule {
 public:
  struct Params {
    std::int64_t degree = 0;

    void fields(Fields& f) {
      f.required("degree", degree, "d, the neighbors of every node", Range{.at_least = 0});
    }
  };

  Regular(Params params, const Context& context)
      : StoredSchedule(graph(context.nodes, params.degree, context.seed), context) {}

 private:
  static constexpr int kMostTries = 10'000;

  static void check(std::int64_t nodes, std::int64_t degree) {
    const auto fail = [](const std::string& message) {
      throw ConfigError("/graph/degree: " + message);
    };
    const std::string given = ", got " + std::to_string(degree);
    if (degree >= nodes) {
      fail("must be below the number of nodes, " + std::to_string(nodes) + given);
    }
    const std::int64_t least = std::min<std::int64_t>(nodes - 1, 2);
    if (nodes * degree % 2 != 0) {
      // Both are odd.
      const std::string fewer = degree < nodes - 1 ? std::to_string(nodes - 1) + " or " : "";
      const std::string lower = degree > least ? std::to_string(degree - 1) : "";
      const std::string higher = degree < nodes - 1 ? std::to_string(degree + 1) : "";
      fail("nodes times degree must be even, got " + std::to_string(nodes) + " times " +
           std::to_string(degree) + "; " + fewer + std::to_string(nodes + 1) + " nodes or degree " +
           lower + (lower.empty() || higher.empty() ? "" : " or ") + higher + " would work");
    }
    if (degree < least) {
      fail("must be at least " + std::to_string(least) + " to connect " + std::to_string(nodes) +
           " nodes" + given);
    }
    if (degree > std::numeric_limits<std::int32_t>::max() / nodes) {
      fail("nodes times degree must be below 2^31; make one of them smaller" + given);
    }
  }

  static Graph graph(std::int64_t nodes, std::int64_t degree, std::uint64_t seed) {
    check(nodes, degree);
    Random random(seed, Purpose::kGraph);
    if (degree == 2) return random_cycle(nodes, random);
    for (int tries = 0; tries < kMostTries; ++tries) {
      // Beyond half of all edges, it is quicker to draw those that are missing.
      const bool dense = degree > (nodes - 1) / 2;
      StubPairing pairing(nodes, dense ? nodes - 1 - degree : degree, random);
      if (!pairing.run()) continue;
      Graph graph =
          dense ? complement(nodes, pairing.edges()) : Graph::undirected(nodes, pairing.edges());
      if (graph.connected()) return graph;
    }
    throw ConfigError("/graph/degree: found no connected regular graph of " +
                      std::to_string(nodes) + " nodes and degree " + std::to_string(degree) +
                      " in " + std::to_string(kMostTries) + " tries; try another seed");
  }

  /// The connected graphs of degree 2, which are the cycles, are too rare to wait for.
  static Graph random_cycle(std::int64_t nodes, Random& random) {
    std::vector<Uid> order;
    for (Uid node = 0; node < nodes; ++node) order.push_back(node);
    shuffle(std::span(order), random);
    std::vector<Edge> edges;
    for (std::size_t i = 0; i < order.size(); ++i) {
      edges.push_back({order[i], order[(i + 1) % order.size()]});
    }
    return Graph::undirected(nodes, edges);
  }

  static Graph complement(std::int64_t nodes, std::span<const Edge> edges) {
    const Graph missing = Graph::undirected(nodes, edges);
    std::vector<Edge> present;
    for (Uid a = 0; a < nodes; ++a) {
      for (Uid b = a + 1; b < nodes; ++b) {
        if (!std::ranges::binary_search(missing.neighbors(a), b)) present.push_back({a, b});
      }
    }
    return Graph::undirected(nodes, present);
  }
};

const Register<Schedule, Regular> registered{
    "regular", "a random connected graph of equal degrees",
    TopologyFacts{
        .degree = "d",
        .spectral_gap =
            "~ (d − 2√(d − 1))/(d + 1) for d ≥ 3; almost surely (Friedman, Mem. AMS 2008)",
        .source = "drawn as in Steger & Wormald, Comb. Probab. Comput. 1999",
        .example = "--nodes 64 --degree 4"}};

}  // namespace
}  // namespace kith
