#include "graph/own_weights.h"
#include "graph/peers.h"
#include "graph/round_random.h"
#include "graph/topology_facts.h"

namespace kith {
namespace {

/// One-peer EquiDyn (Song, Li, Jin, Shi, Yan, Yin & Yuan, NeurIPS 2022). Every round draws a
/// distance a from 1..n−1 for all. Directed (OD): with P the shift by one,
///     W = (1 − η) I + η (I/n + (n−1)/n P^a),
/// node i hearing i + a (mod n). Undirected (OU): from a start s drawn uniformly, the nodes s,
/// s + 1, …, s − 1 pair up in turn with the node a ahead, if both are free, and P^a becomes that
/// matching M, with M_ii = 1 for those left over. Its rate does not depend on n:
///     E‖W x‖² = (n−1)/(2n) ‖x‖² for OD with η = ½, where Σ x = 0.
class EquiDyn final : public Schedule {
 public:
  struct Params {
    bool directed = true;
    double eta = 0.5;

    void fields(Fields& f) {
      f.required("directed", directed, "true: OD-EquiDyn; false: OU-EquiDyn, in which pairs mix");
      f.optional("eta", eta, "η, the part of the way", Range{.above = 0, .at_most = 1});
    }
  };

  EquiDyn(Params params, const Context& context)
      : nodes_(context.nodes), seed_(context.seed), params_(params) {
    require_own_weights(context, "equidyn");
  }

  std::int64_t nodes() const override { return nodes_; }

  Neighborhood neighborhood(Uid node, Round round) const override {
    if (nodes_ == 1) return alone();
    Random random = round_random(seed_, round);
    const auto n = static_cast<std::uint32_t>(nodes_);
    const std::int64_t distance = 1 + random.below(n - 1);
    const double weight = params_.eta * double(nodes_ - 1) / double(nodes_);
    if (params_.directed) {
      return {1 - weight, {{wrapped(node + distance), weight}}, {wrapped(node - distance)}};
    }
    const std::int64_t start = random.below(n);
    const std::int64_t turn = wrapped(node - start);
    const std::int64_t peer = peer_of(turn, distance);
    if (peer == turn) return alone();
    return with_peers(1 - weight, {{wrapped(start + peer), weight}});
  }

  Round period() const override { return 0; }

 private:
  Uid wrapped(std::int64_t i) const { return static_cast<Uid>((i + nodes_) % nodes_); }

  /// With whom the node whose turn is i pairs up; itself if it is left over. The walk pairs nodes
  /// in blocks, so that it need not be walked.
  std::int64_t peer_of(std::int64_t i, std::int64_t distance) const {
    if (distance <= nodes_ / 2) {
      // Block 0 of `distance` nodes takes block 1, block 2 takes block 3, as far as there are.
      if (i / distance % 2 == 1) return i - distance;
      return i + distance < nodes_ ? i + distance : i;
    }
    // The first `back` nodes take the last. Of those between, each finds the node `back` behind:
    // block 1 only nodes of block 0, all taken; block 2 takes block 1, block 4 takes block 3.
    const std::int64_t back = nodes_ - distance;
    if (i < back) return i + distance;
    if (i >= distance) return i - distance;
    if (i / back % 2 == 0) return i - back;
    return i + back < distance ? i + back : i;
  }

  std::int64_t nodes_;
  std::uint64_t seed_;
  Params params_;
};

const Register<Schedule, EquiDyn> registered{
    "equidyn", "one peer, equally far for all, at a random distance every round",
    TopologyFacts{.degree = "1, in OU-EquiDyn at most",
                  .period = "none",
                  .contraction = "(1 − η)² + η²·(1 − 2/n); that of OD-EquiDyn",
                  .source = "Song, Li, Jin, Shi, Yan, Yin & Yuan, NeurIPS 2022 (arXiv:2210.07881)",
                  .example = "--nodes 16 --directed false --rounds 4"}};

}  // namespace
}  // namespace kith
