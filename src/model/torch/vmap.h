#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <functional>
#include <span>
#include <string>

namespace kith {

/// A module's function at many parameters at once, by LibTorch's functorch: inside, an operation on
/// one node's tensors is one operation on everybody's.
///
/// `parameters[i]` are those of a module, `stacked[i]` everybody's, [nodes, …]. `forward` is called
/// with one node's features [batch, …] as far as it can see; `features` are [nodes, batch, …].
/// Returns [nodes, batch, …], differentiable in `stacked`. Convolutions are grouped ones, a group a
/// node, or with `im2col` products of matrices where im2col_conv2d knows them. Throws c10::Error
/// where the module does something that cannot be done for many at once, such as drawing random
/// numbers.
torch::Tensor vmap(std::span<const torch::Tensor> parameters,
                   std::span<const torch::Tensor> stacked,
                   const std::function<torch::Tensor(torch::Tensor)>& forward,
                   const torch::Tensor& features, bool im2col = false);

/// Whether a tensor stands for those of many nodes: only inside vmap.
bool is_stacked(const torch::Tensor& tensor);

/// Why vmap cannot be used with this LibTorch; "" when it can. Its C++ interface is no promise of
/// PyTorch's, so only versions that were tried are taken.
std::string vmap_problem();

}  // namespace kith
