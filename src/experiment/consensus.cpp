#include "experiment/consensus.h"

#include <algorithm>

#include "kernels/vector_ops.h"

namespace kith {
namespace {

constexpr std::size_t kBlock = 4096;

/// Σ_i ‖x_i − x̄‖² over the coordinates of one block; writes x̄ there when `mean` is not empty.
double squared_distances(const std::vector<ConstArrayView>& vectors, std::size_t offset,
                         std::size_t length, ArrayView mean) {
  std::vector<double> center(length);
  for (const ConstArrayView& x : vectors) {
    kernels::add_to_mean(x.part(offset, length), center.data());
  }
  for (double& value : center) value /= static_cast<double>(vectors.size());
  double sum = 0;
  for (const ConstArrayView& x : vectors) {
    sum += kernels::squared_distance(x.part(offset, length), center.data());
  }
  if (mean.size > 0) {
    std::ranges::transform(center, mean.data + offset,
                           [](double value) { return static_cast<float>(value); });
  }
  return sum;
}

}  // namespace

Task<Consensus> consensus_of(Executor& executor, const std::vector<ConstArrayView>& vectors,
                             bool keep_mean) {
  const std::size_t d = vectors.front().size;
  const std::size_t blocks = (d + kBlock - 1) / kBlock;
  Consensus result;
  if (keep_mean) result.mean = Array(d);
  std::vector<double> sums(blocks);
  const std::function<void(std::int64_t)> sum_block = [&](std::int64_t block) {
    const std::size_t offset = static_cast<std::size_t>(block) * kBlock;
    sums[static_cast<std::size_t>(block)] =
        squared_distances(vectors, offset, std::min(kBlock, d - offset), result.mean.view());
  };
  co_await executor.for_each(static_cast<std::int64_t>(blocks), sum_block);
  for (const double sum : sums) result.distance += sum;
  result.distance /= static_cast<double>(vectors.size());
  co_return result;
}

}  // namespace kith
