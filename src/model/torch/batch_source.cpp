#include "model/torch/batch_source.h"

#include <cstring>
#include <map>
#include <mutex>
#include <numeric>
#include <utility>
#include <vector>

namespace kith {
namespace {

/// All samples of a set on a device, where they are for as long as somebody uses them.
std::shared_ptr<const Batch> share(const Samples& samples, const torch::Device& device,
                                   const std::function<Batch()>& make) {
  static std::mutex mutex;
  static std::map<std::pair<const Samples*, std::string>, std::weak_ptr<const Batch>> known;
  const std::lock_guard lock(mutex);
  std::weak_ptr<const Batch>& place = known[{&samples, device.str()}];
  std::shared_ptr<const Batch> batch = place.lock();
  if (!batch) place = batch = std::make_shared<const Batch>(make());
  return batch;
}

std::uint64_t bytes_of(const Data& data) {
  return data.train.size() *
         (data.train.sample_size() * sizeof(float) +
          (data.train.targets.empty() ? sizeof(std::int64_t)
                                      : static_cast<std::uint64_t>(data.outputs) * sizeof(float)));
}

}  // namespace

BatchSource::BatchSource(const Data& data, const Device& device, std::uint64_t resident_at_most)
    : data_(data), device_(torch_device(device)) {
  if (data.train.empty() || bytes_of(data) > resident_at_most) return;
  resident_ = share(data.train, device_, [&] {
    std::vector<std::uint32_t> all(data.train.size());
    std::iota(all.begin(), all.end(), 0u);
    const Batch batch = gather_on_host(data.train, all, false);
    return Batch{batch.features.to(device_), batch.targets.to(device_)};
  });
}

Batch BatchSource::gather(const Samples& samples, std::span<const std::uint32_t> indices) const {
  if (resident_ && &samples == &data_.train) {
    torch::Tensor places = torch::empty(
        {std::ssize(indices)}, torch::dtype(torch::kInt64).pinned_memory(!device_.is_cpu()));
    std::ranges::copy(indices, places.data_ptr<std::int64_t>());
    places = places.to(device_, /*non_blocking=*/true);
    return {resident_->features.index_select(0, places),
            resident_->targets.index_select(0, places)};
  }
  Batch batch = gather_on_host(samples, indices, !device_.is_cpu());
  if (device_.is_cpu()) return batch;
  // Torch keeps the pinned memory until the copy is done.
  return {batch.features.to(device_, /*non_blocking=*/true),
          batch.targets.to(device_, /*non_blocking=*/true)};
}

Batch BatchSource::gather_on_host(const Samples& samples, std::span<const std::uint32_t> indices,
                                  bool pinned) const {
  const auto count = std::ssize(indices);
  std::vector<std::int64_t> shape = samples.shape();
  shape.insert(shape.begin(), count);
  Batch batch;
  batch.features = torch::empty(shape, torch::dtype(torch::kFloat).pinned_memory(pinned));
  samples.gather(indices,
                 {batch.features.data_ptr<float>(), indices.size() * samples.sample_size()});
  if (data_.task == Objective::kClassification) {
    batch.targets = torch::empty({count}, torch::dtype(torch::kInt64).pinned_memory(pinned));
    auto* const labels = batch.targets.data_ptr<std::int64_t>();
    for (std::size_t i = 0; i < indices.size(); ++i) labels[i] = samples.labels[indices[i]];
    return batch;
  }
  const auto outputs = static_cast<std::size_t>(data_.outputs);
  batch.targets =
      torch::empty({count, data_.outputs}, torch::dtype(torch::kFloat).pinned_memory(pinned));
  auto* const targets = batch.targets.data_ptr<float>();
  for (std::size_t i = 0; i < indices.size(); ++i) {
    std::memcpy(targets + i * outputs, samples.targets.data() + indices[i] * outputs,
                outputs * sizeof(float));
  }
  return batch;
}

}  // namespace kith
