#include <algorithm>

#include "core/error.h"
#include "core/random.h"
#include "dataset/partition.h"

namespace kith {
namespace {

/// Sorts the samples by label, cuts them into nodes · per_node near-equal shards and deals every
/// node per_node of them, drawn at random: a node sees few classes. (McMahan, Moore, Ramage,
/// Hampson & Agüera y Arcas, "Communication-efficient learning of deep networks from decentralized
/// data", AISTATS 2017.)
class Shards final : public Partitioner {
 public:
  struct Params {
    std::int64_t per_node = 0;

    void fields(Fields& f) {
      f.required("per_node", per_node, "shards that every node gets",
                 Range{.at_least = 1, .at_most = 1000});
    }
  };

  explicit Shards(Params params) : params_(params) {}

  Partition deal(const Samples& samples, std::int64_t nodes, std::uint64_t seed) const override {
    if (samples.labels.size() != samples.size()) {
      throw ConfigError(
          "/dataset/partition: shards are cut by class, and these samples have none; use iid, "
          "contiguous or by_column");
    }
    std::vector<std::uint32_t> order = all_indices(samples.size());
    std::ranges::stable_sort(order, {}, [&](std::uint32_t i) { return samples.labels[i]; });

    const auto per_node = static_cast<std::size_t>(params_.per_node);
    Partition partition(static_cast<std::size_t>(nodes));
    std::vector<std::uint32_t> shards = all_indices(partition.size() * per_node);
    Random random(seed, Purpose::kPartition);
    shuffle(std::span(shards), random);
    for (std::size_t k = 0; k < shards.size(); ++k) {
      const std::size_t begin = part_begin(order.size(), shards.size(), shards[k]);
      const std::size_t end = part_begin(order.size(), shards.size(), shards[k] + 1);
      auto& own = partition[k / per_node];
      own.insert(own.end(), order.begin() + static_cast<std::ptrdiff_t>(begin),
                 order.begin() + static_cast<std::ptrdiff_t>(end));
    }
    return partition;
  }

 private:
  Params params_;
};

const Register<Partitioner, Shards> registered{"shards",
                                               "per_node runs of samples sorted by class"};

}  // namespace
}  // namespace kith
