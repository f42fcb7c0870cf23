#include <algorithm>
#include <string>

#include "core/error.h"
#include "graph/analysis.h"
#include "graph/edge_coloring.h"
#include "graph/matcha_design.h"
#include "graph/own_weights.h"
#include "graph/peers.h"
#include "graph/round_random.h"
#include "graph/topology_facts.h"

namespace kith {
namespace {

/// MATCHA (Wang, Sahu, Yang, Joshi & Kar, 2019): a graph is cut into M matchings with Laplacians
/// L_j; every round uses each of them with its own probability p_j, B_j ~ Bernoulli(p_j),
///     W = I − α Σ_j B_j L_j.
/// A budget bounds how many are used on average, Σ p_j ≤ budget · M; p favors the matchings that
/// hold the graph together, and α mixes fastest in expectation. Of the graph only the edges count,
/// not its weights.
class Matcha final : public Schedule {
 public:
  struct Params {
    double budget = 0;
    Blueprint<Schedule, const Context&> of;

    void fields(Fields& f) {
      f.required("budget", budget, "the part of the matchings that is used in a round, on average",
                 Range{.above = 0, .at_most = 1});
      f.required("of", of, "the graph whose edges are used; one that stays the same");
    }
  };

  Matcha(const Params& params, const Context& context)
      : nodes_(context.nodes), seed_(context.seed), peers_(std::size_t(context.nodes)) {
    require_own_weights(context, "matcha");
    const Matchings matchings = matchings_of(base(params, context));
    if (nodes_ == 1) return;
    design_ = design_matcha(nodes_, matchings, params.budget);
    for (std::size_t j = 0; j < matchings.size(); ++j) {
      for (const auto [a, b] : matchings[j]) {
        peers_[std::size_t(a)].push_back({b, j});
        peers_[std::size_t(b)].push_back({a, j});
      }
    }
    for (auto& peers : peers_) std::ranges::sort(peers, {}, &Peer::uid);
  }

  std::int64_t nodes() const override { return nodes_; }

  Neighborhood neighborhood(Uid node, Round round) const override {
    std::vector<Neighborhood::Sender> active;
    for (const auto& [uid, matching] : peers_[std::size_t(node)]) {
      // One coin for the whole matching: every process that needs it draws the same.
      Random coin = round_random(seed_, round, std::int64_t(matching));
      if (coin.uniform() < design_.probabilities[matching]) {
        active.push_back({uid, design_.step_size});
      }
    }
    const double self_weight = 1 - double(active.size()) * design_.step_size;
    return with_peers(self_weight, std::move(active));
  }

  Round period() const override { return 0; }

 private:
  struct Peer {
    Uid uid;
    std::size_t matching;
  };

  static constexpr std::int64_t kMostNodes = 1'000;

  static Graph base(const Params& params, const Context& context) {
    if (context.nodes > kMostNodes) {
      throw ConfigError("/nodes: must be at most " + std::to_string(kMostNodes) +
                        " for matcha, whose probabilities come from eigenvalues, got " +
                        std::to_string(context.nodes) + "; random_matching has no such limit");
    }
    const std::unique_ptr<Schedule> schedule = made(params.of, context);
    if (schedule->period() != 1) {
      throw ConfigError("/graph/of: must be a graph that stays the same, got " + params.of.type() +
                        "; a ring or a regular graph would work");
    }
    Graph graph = matrix_of(*schedule, 0).graph;
    if (graph.is_directed()) {
      throw ConfigError("/graph/of: must be undirected, got " + params.of.type() +
                        "; a ring or a regular graph would work");
    }
    if (!graph.connected()) {
      throw ConfigError(
          "/graph/of: must be connected, got a graph in parts; take more edges, or "
          "another seed");
    }
    return graph;
  }

  /// The base graph; its errors name its own place in the config.
  static std::unique_ptr<Schedule> made(const Blueprint<Schedule, const Context&>& of,
                                        const Context& context) {
    const auto seed = of.common().seed;
    try {
      return of.make({context.nodes, seed ? std::uint64_t(*seed) : context.seed, &of.common()});
    } catch (const ConfigError& error) {
      const std::string message = error.what();
      if (!message.starts_with("/graph")) throw;
      throw ConfigError("/graph/of" + message.substr(6));
    }
  }

  std::int64_t nodes_;
  std::uint64_t seed_;
  MatchaDesign design_;
  std::vector<std::vector<Peer>> peers_;  // ascending by uid
};

const Register<Schedule, Matcha> registered{
    "matcha", "matchings of a graph, each used with a probability of its own",
    TopologyFacts{
        .degree = "at most that of the graph",
        .period = "none",
        .contraction = "0.7839 at worst for a ring of 8 at budget 1/2; by graph and budget",
        .source = "Wang, Sahu, Yang, Joshi & Kar, 2019 (arXiv:1905.09435)",
        .example = "--nodes 16 --of grid --budget 0.5 --rounds 5"}};

}  // namespace
}  // namespace kith
