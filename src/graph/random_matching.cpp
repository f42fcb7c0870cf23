#include <algorithm>
#include <numeric>

#include "graph/drawn_schedule.h"
#include "graph/own_weights.h"
#include "graph/peers.h"
#include "graph/round_random.h"
#include "graph/topology_facts.h"

namespace kith {
namespace {

/// Who averages with whom in one round; a node that is its own peer rests.
class Matching final : public Schedule {
 public:
  explicit Matching(std::vector<Uid> peers) : peers_(std::move(peers)) {}

  std::int64_t nodes() const override { return std::int64_t(peers_.size()); }
  Neighborhood neighborhood(Uid node, Round) const override {
    const Uid peer = peers_[std::size_t(node)];
    return peer == node ? alone() : average_with(peer);
  }
  Round period() const override { return 1; }

 private:
  std::vector<Uid> peers_;
};

/// A new uniformly random matching every round, in which all nodes pair up to average; of an odd
/// number, one at random rests. For even n, E‖W x‖² = (n − 2) / (2 (n − 1)) ‖x‖² where Σ x = 0.
class RandomMatching final : public DrawnSchedule {
 public:
  using Params = NoParams;

  RandomMatching(Params, const Context& context)
      : DrawnSchedule(context.nodes), seed_(context.seed) {
    require_own_weights(context, "random_matching");
  }

 private:
  std::unique_ptr<Schedule> draw(Round round) const override {
    std::vector<Uid> order(static_cast<std::size_t>(nodes()));
    std::iota(order.begin(), order.end(), 0);
    Random random = round_random(seed_, round);
    shuffle(std::span(order), random);
    std::vector<Uid> peers(order.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
      const std::size_t other = std::min(i ^ 1, order.size() - 1);
      peers[std::size_t(order[i])] = order[other];
    }
    return std::make_unique<Matching>(std::move(peers));
  }

  std::uint64_t seed_;
};

const Register<Schedule, RandomMatching> registered{
    "random_matching", "all nodes pair up at random, anew every round",
    TopologyFacts{.degree = "1 for n even",
                  .period = "none",
                  .contraction = "(n − 2)/(2·(n − 1)) for n even",
                  .source = "all pairs of a round at once in place of one (Boyd, Ghosh, Prabhakar "
                            "& Shah, IEEE Trans. Inf. Theory 2006)",
                  .example = "--nodes 16 --rounds 4"}};

}  // namespace
}  // namespace kith
