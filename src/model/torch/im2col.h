#pragma once

#include <ATen/core/dispatch/Dispatcher.h>
#include <torch/torch.h>

namespace kith {

/// at::conv2d for one group, as one product of matrices: what a kernel sees at each place of its
/// input becomes a column, and all columns are multiplied by the kernels, which are rows.
///
///     x        [batch, channels, height, width]
///     weight   [outputs, channels, kernel height, kernel width]
///     bias     [outputs], or undefined
///     columns  [channels · kernel height · kernel width, batch · height' · width']
///     result   [batch, outputs, height', width'], a view of [outputs, batch, height', width']
///
/// `stride`, `padding` and `dilation` have one number, or two: of rows and columns. Where x and
/// weight are those of many nodes, inside vmap, that is one batched product, forward and for each
/// gradient, as a grouped convolution is not. The columns are as many times larger than x as a
/// kernel has places, and live until the gradient is found. Computes in autocast's type where that
/// is on.
torch::Tensor im2col_conv2d(const torch::Tensor& x, const torch::Tensor& weight,
                            const torch::Tensor& bias, at::IntArrayRef stride,
                            at::IntArrayRef padding, at::IntArrayRef dilation);

/// Carries out an operation that way, its arguments being the last on the stack, where it is a
/// convolution of a batch in one group with paddings that are numbers; else leaves all as it is and
/// says false.
bool im2col_instead(const c10::OperatorHandle& operation, torch::jit::Stack* stack);

}  // namespace kith
