#include "model/torch/max_pool.h"

#include <limits>

#include "model/torch/network_testing.h"

namespace kith {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

std::vector<float> numbers_of(const torch::Tensor& tensor) {
  const torch::Tensor dense = tensor.contiguous();
  return {dense.const_data_ptr<float>(), dense.const_data_ptr<float>() + dense.numel()};
}

/// Both pools on `input`, and both gradients for the same gradient of their outputs.
void expect_bits_of_aten(const torch::Tensor& input) {
  const torch::Tensor ours = input.detach().requires_grad_();
  const torch::Tensor theirs = input.detach().requires_grad_();
  const torch::Tensor out = max_pool_2x2(ours);
  const torch::Tensor expected = torch::max_pool2d(theirs, 2);
  ASSERT_EQ(out.sizes(), expected.sizes());
  EXPECT_TRUE(same_bits(numbers_of(out), numbers_of(expected))) << input;

  const torch::Tensor upstream = torch::randn(out.sizes());
  out.backward(upstream);
  expected.backward(upstream);
  EXPECT_TRUE(same_bits(numbers_of(ours.grad()), numbers_of(theirs.grad()))) << input;
}

const std::vector<std::int64_t> kSizes[] = {{1, 1, 2, 2}, {1, 1, 3, 3},   {2, 3, 4, 5},
                                            {3, 2, 7, 2}, {1, 4, 13, 14}, {2, 6, 28, 28}};

TEST(MaxPool, HasTheBitsOfATen) {
  torch::manual_seed(1);
  for (const auto& size : kSizes) {
    expect_bits_of_aten(torch::randn(size));
    expect_bits_of_aten(-torch::rand(size) - 1);
  }
}

TEST(MaxPool, TheFirstOfEqualsHasTheGradient) {
  torch::manual_seed(2);
  for (const auto& size : kSizes) {
    expect_bits_of_aten(torch::randint(0, 2, size).to(torch::kFloat));
    expect_bits_of_aten(torch::relu(torch::randn(size)));
    expect_bits_of_aten(torch::zeros(size) * torch::randn(size));  // zeros of both signs
    expect_bits_of_aten(torch::full(size, -kInfinity));
  }
}

TEST(MaxPool, ANaNIsTheMaximumWhereverItStands) {
  torch::manual_seed(3);
  for (int places = 1; places < 16; ++places) {  // which of the four are NaN
    for (const float other : {1.0f, -1.0f, kInfinity, -kInfinity}) {
      torch::Tensor square = torch::full({1, 1, 2, 2}, other);
      for (int i = 0; i < 4; ++i) {
        if (places >> i & 1) square[0][0][i / 2][i % 2] = kNan;
      }
      EXPECT_TRUE(std::isnan(max_pool_2x2(square).item<float>())) << square;
      expect_bits_of_aten(square);
    }
  }
  const torch::Tensor many = torch::randn({2, 3, 9, 10});
  expect_bits_of_aten(torch::where(many > 1, torch::full_like(many, kNan), many));
  // Opposite infinities have no sum, but a maximum.
  expect_bits_of_aten(many / (many.abs() < 1).to(torch::kFloat));
}

TEST(MaxPool, TakesTensorsOfAnyStrides) {
  torch::manual_seed(4);
  const torch::Tensor x = torch::randn({2, 6, 6, 8});
  expect_bits_of_aten(x.contiguous(torch::MemoryFormat::ChannelsLast));
  expect_bits_of_aten(x.transpose(2, 3));
  expect_bits_of_aten(x.slice(1, 1, 4));

  // A gradient that is one number repeated, as that of a sum is.
  const torch::Tensor ours = x.detach().requires_grad_();
  const torch::Tensor theirs = x.detach().requires_grad_();
  max_pool_2x2(ours).sum().backward();
  torch::max_pool2d(theirs, 2).sum().backward();
  EXPECT_TRUE(torch::equal(ours.grad(), theirs.grad()));
}

TEST(MaxPool, NeedsNoGradient) {
  const torch::Tensor x = torch::randn({2, 3, 8, 8});
  const c10::InferenceMode inference;
  EXPECT_TRUE(torch::equal(max_pool_2x2(x), torch::max_pool2d(x, 2)));
}

}  // namespace
}  // namespace kith
