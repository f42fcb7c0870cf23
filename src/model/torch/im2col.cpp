#include "model/torch/im2col.h"

#include <ATen/autocast_mode.h>

#include <array>

namespace kith {
namespace {

using Pair = std::array<std::int64_t, 2>;  // of rows and columns

Pair pair(at::IntArrayRef numbers) { return {numbers.front(), numbers.back()}; }

torch::Tensor in_autocast_type(const torch::Tensor& x) {
  const c10::DeviceType device = x.device().type();
  return at::autocast::is_autocast_enabled(device) ? x.to(at::autocast::get_autocast_dtype(device))
                                                   : x;
}

/// What a kernel sees at each place, [batch, channels, height', width', kernel height, kernel
/// width]: a view.
torch::Tensor windows(const torch::Tensor& x, Pair kernel, Pair stride, Pair dilation) {
  torch::Tensor view = x;
  for (const std::size_t axis : {0, 1}) {
    const std::int64_t reach = dilation[axis] * (kernel[axis] - 1) + 1;
    view = view.unfold(static_cast<std::int64_t>(2 + axis), reach, stride[axis]);
    if (dilation[axis] > 1) view = view.slice(-1, 0, reach, dilation[axis]);
  }
  return view;
}

}  // namespace

torch::Tensor im2col_conv2d(const torch::Tensor& x, const torch::Tensor& weight,
                            const torch::Tensor& bias, at::IntArrayRef stride,
                            at::IntArrayRef padding, at::IntArrayRef dilation) {
  const auto [rows, columns] = pair(padding);
  // While it is small: the columns are many times larger.
  torch::Tensor input = in_autocast_type(x);
  if (rows != 0 || columns != 0) {
    input = at::constant_pad_nd(input, {columns, columns, rows, rows});
  }
  const torch::Tensor seen =
      windows(input, {weight.size(2), weight.size(3)}, pair(stride), pair(dilation));
  const std::int64_t outputs = weight.size(0);
  // Nothing is copied but here.
  const torch::Tensor matrix = seen.permute({1, 4, 5, 0, 2, 3}).flatten(0, 2).flatten(1);
  torch::Tensor result = at::mm(in_autocast_type(weight).reshape({outputs, -1}), matrix);
  if (bias.defined()) result = result + in_autocast_type(bias).unsqueeze(1);
  return result.view({outputs, seen.size(0), seen.size(2), seen.size(3)}).transpose(0, 1);
}

bool im2col_instead(const c10::OperatorHandle& operation, torch::jit::Stack* stack) {
  static const c10::OperatorHandle conv2d =
      c10::Dispatcher::singleton().findSchemaOrThrow("aten::conv2d", "");
  if (!(operation == conv2d)) return false;
  const auto argument = [&](std::size_t i) -> const c10::IValue& {
    return torch::jit::peek(*stack, i, 7);
  };
  const torch::Tensor x = argument(0).toTensor(), weight = argument(1).toTensor();
  if (x.dim() != 4 || argument(6).toInt() != 1) return false;
  const torch::Tensor bias = argument(2).isNone() ? torch::Tensor() : argument(2).toTensor();
  torch::Tensor result = im2col_conv2d(x, weight, bias, argument(3).toIntVector(),
                                       argument(4).toIntVector(), argument(5).toIntVector());
  torch::jit::drop(*stack, 7);
  torch::jit::push(*stack, std::move(result));
  return true;
}

}  // namespace kith
