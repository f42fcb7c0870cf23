#include "model/torch/im2col.h"

#include <array>
#include <functional>

#include "model/torch/network_testing.h"
#include "model/torch/vmap.h"

namespace kith {
namespace {

struct ConvolutionCase {
  std::vector<std::int64_t> kernel, stride, padding, dilation;
};

/// An output and the gradients of a weighted sum of it at input, weight and bias.
std::vector<torch::Tensor> output_and_gradients(const torch::Tensor& output,
                                                const std::vector<torch::Tensor>& leaves) {
  const torch::Tensor weights = torch::arange(output.numel()).view(output.sizes()).sin();
  std::vector<torch::Tensor> all = torch::autograd::grad({(output * weights).sum()}, leaves);
  all.push_back(output.detach());
  return all;
}

torch::Tensor leaf(std::vector<std::int64_t> shape, std::uint64_t seed) {
  const auto count = static_cast<std::size_t>(c10::multiply_integers(shape));
  const std::vector<float> values = uniform_floats(count, seed);
  return torch::tensor(values).view(shape).requires_grad_();
}

void expect_near(const std::vector<torch::Tensor>& found,
                 const std::vector<torch::Tensor>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    ASSERT_EQ(found[i].sizes(), expected[i].sizes()) << i;
    EXPECT_LT((found[i] - expected[i]).norm().item<float>(),
              1e-5F * expected[i].norm().item<float>())
        << i;
  }
}

TEST(Im2col, IsTheConvolutionWithItsThreeGradients) {
  const ConvolutionCase cases[] = {
      {{5, 5}, {1, 1}, {0, 0}, {1, 1}}, {{5, 5}, {1, 1}, {2, 2}, {1, 1}},
      {{3, 2}, {2, 1}, {1, 0}, {1, 1}}, {{3, 3}, {1, 1}, {0, 3}, {2, 2}},
      {{2, 3}, {3, 2}, {1, 2}, {1, 3}}, {{1, 1}, {2, 2}, {0, 0}, {1, 1}},
      {{2, 2}, {4, 3}, {0, 0}, {1, 1}}, {{3, 3}, {2}, {1}, {2}},
  };
  const torch::Tensor x = leaf({3, 2, 9, 11}, 1), bias = leaf({4}, 3);
  for (const auto& [kernel, stride, padding, dilation] : cases) {
    SCOPED_TRACE(torch::str(kernel, stride, padding, dilation));
    const torch::Tensor weight = leaf({4, 2, kernel[0], kernel[1]}, 2);
    expect_near(output_and_gradients(im2col_conv2d(x, weight, bias, stride, padding, dilation),
                                     {x, weight, bias}),
                output_and_gradients(at::conv2d(x, weight, bias, stride, padding, dilation),
                                     {x, weight, bias}));
    expect_near(
        output_and_gradients(im2col_conv2d(x, weight, {}, stride, padding, dilation), {x, weight}),
        output_and_gradients(at::conv2d(x, weight, {}, stride, padding, dilation), {x, weight}));
  }
}

using Convolution = std::function<torch::Tensor(const torch::Tensor&, const torch::Tensor&)>;

/// Two nodes' outputs and gradients, together or one after the other.
std::vector<torch::Tensor> of_two_nodes(const Convolution& convolve, const torch::Tensor& x,
                                        const torch::Tensor& weights, bool together) {
  torch::Tensor output;
  if (together) {
    const std::array parameters{weights[0].detach()}, stacked{weights};
    const auto own = [&](const torch::Tensor& one) { return convolve(one, parameters[0]); };
    output = vmap(parameters, stacked, own, x, /*im2col=*/true);
  } else {
    output = torch::stack({convolve(x[0], weights[0]), convolve(x[1], weights[1])});
  }
  return output_and_gradients(output, {x, weights});
}

TEST(Im2col, TakesThePlaceOfConvolutionsItKnowsAndLeavesOthers) {
  const torch::Tensor x = leaf({2, 3, 4, 6, 7}, 1);
  const auto expect_same = [&](const Convolution& convolve, std::vector<std::int64_t> shape) {
    const torch::Tensor weights = leaf(std::move(shape), 2);
    expect_near(of_two_nodes(convolve, x, weights, true),
                of_two_nodes(convolve, x, weights, false));
  };
  expect_same([](const auto& own, const auto& w) { return at::conv2d(own, w, {}, 1, 1); },
              {2, 5, 4, 3, 3});
  expect_same([](const auto& own, const auto& w) { return at::conv2d(own, w, {}, 1, 1, 1, 2); },
              {2, 6, 2, 3, 3});
  expect_same([](const auto& own, const auto& w) { return at::conv2d(own, w, {}, 1, "same"); },
              {2, 5, 4, 3, 3});
  expect_same([](const auto& own, const auto& w) { return at::conv2d(own[1], w, {}, 2); },
              {2, 5, 4, 3, 3});
}

}  // namespace
}  // namespace kith
