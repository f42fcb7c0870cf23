#include <algorithm>
#include <string>

#include "core/error.h"
#include "graph/drawn_schedule.h"
#include "graph/round_random.h"
#include "graph/stored_schedule.h"
#include "graph/topology_facts.h"

namespace kith {
namespace {

/// EL-Local of epidemic learning (de Vos, Farhadkhani, Guerraoui, Kermarrec, Pires & Sharma,
/// NeurIPS 2023): every round each node sends to s others, drawn uniformly without replacement, and
/// averages its own model with those of the nodes S_i that it heard, by 1/(1 + |S_i|). W is
/// row-stochastic only: the network's mean moves. Other weights may be chosen, for directed graphs.
class Epidemic final : public DrawnSchedule {
 public:
  struct Params {
    std::int64_t degree = 0;

    void fields(Fields& f) {
      f.required("degree", degree, "d, how many others a node sends to", Range{.at_least = 1});
    }
  };

  Epidemic(Params params, const Context& context)
      : DrawnSchedule(context.nodes),
        seed_(context.seed),
        degree_(params.degree),
        weights_(weights(context)) {
    if (degree_ < nodes()) return;
    throw ConfigError("/graph/degree: must be below the number of nodes, " +
                      std::to_string(nodes()) + ", got " + std::to_string(degree_) + "; at most " +
                      std::to_string(nodes() - 1) + " others can be sent to");
  }

 private:
  static std::unique_ptr<Weights> weights(const Context& context) {
    const auto* const given = given_weights(context);
    return given ? given->make() : Weights::registry().standard("neighborhood_mean").make();
  }

  std::unique_ptr<Schedule> draw(Round round) const override {
    std::vector<Edge> edges;
    edges.reserve(std::size_t(nodes() * degree_));
    for (Uid node = 0; node < nodes(); ++node) {
      for (const Uid receiver : receivers(node, round)) edges.push_back({node, receiver});
    }
    std::vector<MixingMatrix> only;
    only.push_back(weights_->on(Graph::directed(nodes(), edges)));
    return std::make_unique<StoredSchedule>(std::move(only));
  }

  /// s of the others, ascending (Floyd's sampling: Bentley & Floyd, CACM 1987).
  std::vector<Uid> receivers(Uid node, Round round) const {
    Random random = round_random(seed_, round, node);
    std::vector<Uid> chosen;
    chosen.reserve(std::size_t(degree_));
    const auto others = static_cast<Uid>(nodes() - 1);
    for (auto last = static_cast<Uid>(others - degree_); last < others; ++last) {
      const auto candidate = static_cast<Uid>(random.below(static_cast<std::uint32_t>(last) + 1));
      const auto at = std::ranges::lower_bound(chosen, candidate);
      if (at != chosen.end() && *at == candidate) {
        chosen.push_back(last);  // larger than all before
      } else {
        chosen.insert(at, candidate);
      }
    }
    for (Uid& uid : chosen) uid += uid >= node;  // a gap for the node itself
    return chosen;
  }

  std::uint64_t seed_;
  std::int64_t degree_;
  std::unique_ptr<Weights> weights_;
};

const Register<Schedule, Epidemic> registered{
    "epidemic", "EL-Local: each node sends to s random others; a receiver averages what came",
    TopologyFacts{
        .degree = "d on average",
        .period = "none",
        .contraction = "1/d · (1 − (1 − d/(n − 1))^n) − 1/(n − 1); the network's mean moves",
        .source = "EL-Local (de Vos et al., NeurIPS 2023, arXiv:2310.01972)",
        .example = "--nodes 16 --degree 2 --rounds 4"}};

}  // namespace
}  // namespace kith
