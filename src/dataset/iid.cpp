#include "core/random.h"
#include "dataset/partition.h"

namespace kith {
namespace {

/// Deals shuffled samples in near-equal parts: every node sees the same distribution.
class Iid final : public Partitioner {
 public:
  using Params = NoParams;

  explicit Iid(Params) {}

  Partition deal(const Samples& samples, std::int64_t nodes, std::uint64_t seed) const override {
    std::vector<std::uint32_t> order = all_indices(samples.size());
    Random random(seed, Purpose::kPartition);
    shuffle(std::span(order), random);
    return cut_evenly(order, nodes);
  }
};

const Register<Partitioner, Iid> registered{"iid", "shuffled samples in near-equal parts"};

}  // namespace
}  // namespace kith
