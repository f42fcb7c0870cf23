#include "dataset/sampler.h"

#include <algorithm>

namespace kith {

Sampler::Sampler(std::span<const std::uint32_t> partition, std::int64_t batch_size, Order order,
                 std::uint64_t seed, Uid node)
    : partition_(partition),
      batch_size_(static_cast<std::size_t>(batch_size)),
      order_(order),
      seed_(seed),
      node_(node),
      round_random_(seed, Purpose::kBatch, static_cast<std::uint32_t>(node)) {}

void Sampler::begin_round(Round round) {
  if (order_ == Order::kEpoch) return;
  round_random_ = Random(seed_, Purpose::kBatch, static_cast<std::uint32_t>(node_),
                         static_cast<std::uint32_t>(round));
  used_ = shuffled_.size();
}

std::span<const std::uint32_t> Sampler::next() {
  if (batch_size_ == 0) return partition_;
  if (used_ == shuffled_.size()) draw_order();
  const std::size_t size = std::min(batch_size_, shuffled_.size() - used_);
  const std::span batch = std::span(shuffled_).subspan(used_, size);
  used_ += size;
  return batch;
}

std::int64_t Sampler::batches_per_epoch() const {
  const std::size_t size = batch_size_ == 0 ? partition_.size() : batch_size_;
  return size == 0 ? 0 : static_cast<std::int64_t>((partition_.size() + size - 1) / size);
}

void Sampler::draw_order() {
  shuffled_.assign(partition_.begin(), partition_.end());
  used_ = 0;
  if (order_ == Order::kRound) {
    shuffle(std::span(shuffled_), round_random_);
  } else {
    Random random(seed_, Purpose::kBatch, static_cast<std::uint32_t>(node_), epoch_++);
    shuffle(std::span(shuffled_), random);
  }
}

}  // namespace kith
