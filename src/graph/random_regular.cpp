#include "graph/drawn_schedule.h"
#include "graph/round_random.h"
#include "graph/topology_facts.h"

namespace kith {
namespace {

/// A new random connected graph every round in which every node has the same degree s: `regular`,
/// with a seed drawn for the round. It is decentralizepy's dynamic peer sampler, and EL-Oracle of
/// epidemic learning (de Vos, Farhadkhani, Guerraoui, Kermarrec, Pires & Sharma, NeurIPS 2023) but
/// for the rare graphs that are not connected. The weights are 1/(s+1);
///     E‖W x‖² = (1 − s/(n−1)) / (s+1) ‖x‖² where Σ x = 0.
class RandomRegular final : public DrawnSchedule {
 public:
  struct Params {
    std::int64_t degree = 0;

    void fields(Fields& f) {
      f.required("degree", degree, "d, the neighbors of every node", Range{.at_least = 1});
    }
  };

  RandomRegular(Params params, const Context& context)
      : DrawnSchedule(context.nodes),
        seed_(context.seed),
        common_(context.common ? *context.common : Common{}),
        regular_(registry().read(
            Config::parse(R"({"type": "regular", "degree": )" + std::to_string(params.degree) + '}',
                          "random_regular"))) {
    neighborhood(0, 0);  // what no round can have is said before the first
  }

 private:
  std::unique_ptr<Schedule> draw(Round round) const override {
    return regular_.make({nodes(), round_random(seed_, round).bits64(), &common_});
  }

  std::uint64_t seed_;
  Common common_;
  Blueprint<Schedule, const Context&> regular_;
};

const Register<Schedule, RandomRegular> registered{
    "random_regular", "a random connected graph of equal degrees, anew every round",
    TopologyFacts{.degree = "d",
                  .period = "none",
                  .contraction = "(1 − d/(n − 1))/(d + 1)",
                  .source = "EL-Oracle (de Vos et al., NeurIPS 2023, arXiv:2310.01972); the "
                            "dynamic peer sampler of decentralizepy",
                  .example = "--nodes 16 --degree 3 --rounds 4"}};

}  // namespace
}  // namespace kith
