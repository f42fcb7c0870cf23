#include "dataset/partition.h"

#include <numeric>

namespace kith {

Registry<Partitioner>& Partitioner::registry() {
  static Registry<Partitioner> registry("partition");
  return registry;
}

Partition deal_samples(const Blueprint<Partitioner>& partition, const Samples& samples,
                       std::int64_t nodes, std::uint64_t seed) {
  const auto own_seed = partition.common().seed;
  return partition.make()->deal(samples, nodes,
                                own_seed ? static_cast<std::uint64_t>(*own_seed) : seed);
}

Partition cut_evenly(std::span<const std::uint32_t> order, std::int64_t nodes) {
  const auto parts = static_cast<std::size_t>(nodes);
  Partition partition(parts);
  for (std::size_t i = 0; i < parts; ++i) {
    const std::size_t begin = part_begin(order.size(), parts, i);
    const std::size_t end = part_begin(order.size(), parts, i + 1);
    partition[i].assign(order.begin() + static_cast<std::ptrdiff_t>(begin),
                        order.begin() + static_cast<std::ptrdiff_t>(end));
  }
  return partition;
}

std::vector<std::uint32_t> all_indices(std::size_t count) {
  std::vector<std::uint32_t> indices(count);
  std::iota(indices.begin(), indices.end(), 0u);
  return indices;
}

}  // namespace kith
