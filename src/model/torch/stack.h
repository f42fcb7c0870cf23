#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <span>
#include <vector>

#include "model/model.h"
#include "model/torch/network.h"

namespace kith {

/// The parameter vectors of several nodes, one above the other, and a network's outputs and
/// gradients at all of them as one computation.
class Stack {
 public:
  /// `network` and its `parameters` outlive it. Convolutions are grouped, or with `im2col` products
  /// of matrices.
  Stack(const Network& network, const std::vector<torch::Tensor>& parameters,
        const ParameterLayout& layout, std::int64_t nodes, const Device& device, bool im2col);

  std::int64_t nodes() const { return vectors_.size(0); }

  /// Copies the points' vectors here; zeros where a point is nowhere.
  void load(std::span<const Model::Point> points);

  /// [nodes, batch, …] features to [nodes, batch, outputs].
  torch::Tensor forward(const torch::Tensor& features) const;

  /// The gradient of each node's loss, [nodes], at its own parameters. Valid until the next time.
  std::span<const Gradient> gradients(const torch::Tensor& losses);

  /// Frees the last gradients: the next ones then lie where they did.
  void let_go() { taken_.clear(); }

 private:
  const Network& network_;
  const std::vector<torch::Tensor>& parameters_;
  bool im2col_;
  torch::Tensor vectors_;              // [nodes, d]
  torch::Tensor nowhere_;              // zeros, [d]
  std::vector<torch::Tensor> leaves_;  // [nodes, …] each: views of the vectors
  std::vector<torch::Tensor> taken_;   // gradients of the leaves
  std::vector<Gradient::Piece> pieces_;
  std::vector<Gradient> gradients_;
};

}  // namespace kith
