#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace kith {

/// Where each parameter of a model lies in its flat vector. Parameters lie densely, in order.
struct ParameterLayout {
  struct Tensor {
    std::string name;                 ///< "layers.0.weight", as PyTorch names it
    std::vector<std::int64_t> shape;  ///< empty for a scalar
    std::size_t offset = 0;           ///< of its first element in the flat vector
    std::size_t size = 0;             ///< elements
  };

  std::vector<Tensor> tensors;
  std::size_t size = 0;  ///< d, the length of the flat vector

  /// Appends a tensor behind the last one.
  void add(std::string name, std::vector<std::int64_t> shape) {
    std::size_t count = 1;
    for (const std::int64_t side : shape) count *= static_cast<std::size_t>(side);
    tensors.push_back({std::move(name), std::move(shape), size, count});
    size += count;
  }
};

}  // namespace kith
