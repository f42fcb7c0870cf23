#include "model/torch/max_pool.h"

#include <cmath>

#include "model/torch/vmap.h"

namespace kith {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

struct Shape {
  explicit Shape(const torch::Tensor& x)
      : planes(x.size(0) * x.size(1)), height(x.size(2)), width(x.size(3)) {}

  std::int64_t planes, height, width;
};

/// The last NaN of four numbers; `otherwise` where there is none (∞ − ∞ is one too).
std::uint8_t last_nan(const float* square, std::uint8_t otherwise) {
  for (std::uint8_t i = 4; i-- > 0;) {
    if (std::isnan(square[i])) return i;
  }
  return otherwise;
}

/// Writes the maxima to `out`, and to `corner` which of the four it was.
void maxima(const float* x, Shape shape, float* out, std::uint8_t* corner) {
  for (std::int64_t p = 0; p < shape.planes; ++p, x += shape.height * shape.width) {
    for (std::int64_t row = 0; row + 1 < shape.height; row += 2) {
      const float* const top = x + row * shape.width;
      const float* const bottom = top + shape.width;
      for (std::int64_t column = 0; column + 1 < shape.width; column += 2) {
        const float square[] = {top[column], top[column + 1], bottom[column], bottom[column + 1]};
        // Branch-free, and the first of equals wins, as in ATen.
        float best = square[0];
        std::uint8_t which = 0;
        for (std::uint8_t i = 1; i < 4; ++i) {
          which = square[i] > best ? i : which;
          best = square[i] > best ? square[i] : best;
        }
        // A NaN wins over all. One look for this rare case costs less than four.
        if (std::isnan(square[0] + square[1] + square[2] + square[3])) [[unlikely]] {
          which = last_nan(square, which);
          best = square[which];
        }
        *out++ = best;
        *corner++ = which;
      }
    }
  }
}

void scatter(const float* gradient, const std::uint8_t* corner, Shape shape, float* out) {
  for (std::int64_t p = 0; p < shape.planes; ++p, out += shape.height * shape.width) {
    for (std::int64_t row = 0; row + 1 < shape.height; row += 2) {
      for (std::int64_t column = 0; column + 1 < shape.width; column += 2) {
        const std::uint8_t which = *corner++;
        out[(row + which / 2) * shape.width + column + which % 2] = *gradient++;
      }
    }
  }
}

struct MaxPool : torch::autograd::Function<MaxPool> {
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& input) {
    const torch::Tensor x = input.contiguous();
    const std::vector<std::int64_t> pooled{x.size(0), x.size(1), x.size(2) / 2, x.size(3) / 2};
    const torch::Tensor out = torch::empty(pooled);
    const torch::Tensor corner = torch::empty(pooled, torch::kUInt8);
    maxima(x.const_data_ptr<float>(), Shape(x), out.data_ptr<float>(),
           corner.data_ptr<std::uint8_t>());
    context->save_for_backward({corner});
    context->saved_data["shape"] = x.sizes().vec();
    return out;
  }

  static tensor_list backward(AutogradContext* context, tensor_list gradients) {
    const torch::Tensor corner = context->get_saved_variables()[0];
    const torch::Tensor gradient = gradients[0].contiguous();
    const torch::Tensor out = torch::zeros(context->saved_data["shape"].toIntVector());
    scatter(gradient.const_data_ptr<float>(), corner.const_data_ptr<std::uint8_t>(), Shape(out),
            out.data_ptr<float>());
    return {out};
  }
};

}  // namespace

torch::Tensor max_pool_2x2(const torch::Tensor& x) {
  // Ours looks at the floats themselves.
  const bool plain = x.is_cpu() && x.scalar_type() == torch::kFloat && !is_stacked(x);
  return plain ? MaxPool::apply(x) : at::max_pool2d(x, {2, 2});
}

}  // namespace kith
