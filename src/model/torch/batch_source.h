#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <memory>
#include <span>

#include "core/array.h"
#include "dataset/dataset.h"

namespace kith {

/// Torch's name for a device.
inline torch::Device torch_device(const Device& device) {
  if (device.is_cpu()) return torch::kCPU;
  return {torch::kCUDA, static_cast<c10::DeviceIndex>(device.index)};
}

/// A tensor that is a node's vector: no copy.
inline torch::Tensor tensor_of(ConstArrayView x) {
  return torch::from_blob(const_cast<float*>(x.data), {static_cast<std::int64_t>(x.size)},
                          torch::dtype(torch::kFloat).device(torch_device(x.device)));
}

struct Batch {
  torch::Tensor features;  ///< [samples, …]
  torch::Tensor targets;   ///< classes [samples], or [samples, outputs]
};

/// Samples as tensors, where a network computes. On a device the training samples lie whole, once
/// for the process, and batches are gathered there, unless they would fill it: then batches are
/// gathered on the host, in pinned memory, and travel while the device computes. Wherever they are
/// gathered, they are the same bits.
class BatchSource {
 public:
  /// `data` outlives it. Where samples may lie on a device, they take `resident_at_most` bytes.
  BatchSource(const Data& data, const Device& device, std::uint64_t resident_at_most);

  Batch gather(const Samples& samples, std::span<const std::uint32_t> indices) const;

  /// Whether the training samples lie where the network computes, besides on the host.
  bool is_resident() const { return resident_ != nullptr; }

 private:
  Batch gather_on_host(const Samples& samples, std::span<const std::uint32_t> indices,
                       bool pinned) const;

  const Data& data_;
  torch::Device device_;
  std::shared_ptr<const Batch> resident_;  // all training samples
};

}  // namespace kith
