#include "kernels/optimizer_step.h"

#include <cmath>

#include "kernels/every_level.h"

namespace kith::kernels {
namespace {

constexpr SgdStep kSgd{.lr = 0.1f, .weight_decay = 0.01f};
constexpr MomentumStep kNesterov{
    .lr = 0.1f, .momentum = 0.9f, .weight_decay = 0.01f, .nesterov = true};
constexpr AdamStep kAdam{.shrink = 0.999f,
                         .weight_decay = 0.01f,
                         .rate1 = 0.1f,
                         .beta2 = 0.999f,
                         .rate2 = 0.001f,
                         .step_size = 0.01f,
                         .root_correction = 0.0316f,
                         .epsilon = 1e-8f};

/// Parameters, gradient and the state of any optimizer, on some run of coordinates.
struct Vectors {
  explicit Vectors(std::size_t size, std::size_t offset = 0)
      : x(random_array(size + offset, 1)),
        g(random_array(size + offset, 2)),
        m(random_array(size + offset, 3)),
        v(size + offset) {
    for (std::size_t i = 0; i < v.size(); ++i) v[i] = g[i] * g[i];
  }

  Array x, g, m, v;
};

/// All three kernels, on a part of the vectors, writing over x.
void run(Vectors& all, std::size_t offset, std::size_t size) {
  const auto part = [&](Array& array) { return array.view().part(offset, size); };
  sgd_step(kSgd, part(all.x), part(all.g), part(all.x));
  momentum_step(kNesterov, part(all.x), part(all.g), part(all.m), part(all.x));
  adam_step(kAdam, part(all.x), part(all.g), part(all.m), part(all.v), part(all.x));
}

/// What `run` computes, with the roundings of PyTorch: `fma` where ATen fuses.
void run_like_pytorch(Vectors& all, std::size_t offset, std::size_t size) {
  auto& [xs, gs, ms, vs] = all;
  for (std::size_t i = offset; i < offset + size; ++i) {
    float &x = xs[i], &m = ms[i], &v = vs[i];
    x = std::fma(-kSgd.lr, std::fma(kSgd.weight_decay, x, gs[i]), x);

    float g = std::fma(kNesterov.weight_decay, x, gs[i]);
    m = kNesterov.momentum * m + g;
    x = std::fma(-kNesterov.lr, std::fma(kNesterov.momentum, m, g), x);

    x *= kAdam.shrink;
    g = std::fma(kAdam.weight_decay, x, gs[i]);
    m = std::fma(kAdam.rate1, g - m, m);
    v = std::fma(kAdam.rate2 * g, g, kAdam.beta2 * v);
    x -= kAdam.step_size * m / (std::sqrt(v) / kAdam.root_correction + kAdam.epsilon);
  }
}

void expect_same(const Vectors& a, const Vectors& b) {
  EXPECT_TRUE(same_bits(a.x.view(), b.x.view()));
  EXPECT_TRUE(same_bits(a.m.view(), b.m.view()));
  EXPECT_TRUE(same_bits(a.v.view(), b.v.view()));
}

class OptimizerStep : public EveryLevel {};
INSTANTIATE_TEST_SUITE_P(Level, OptimizerStep, supported_levels(), level_name);

TEST_P(OptimizerStep, RoundsWherePyTorchDoes) {
  for (const std::size_t size : kSizes) {
    for (const std::size_t offset : kOffsets) {
      Vectors all(size, offset), expected(size, offset);
      run(all, offset, size);
      run_like_pytorch(expected, offset, size);
      SCOPED_TRACE(size);
      expect_same(all, expected);
    }
  }
}

TEST_P(OptimizerStep, PlainMomentumStepsAlongTheMomentum) {
  MomentumStep plain = kNesterov;
  plain.nesterov = false;
  Vectors all(1000), expected(1000);
  momentum_step(plain, all.x.view(), all.g.view(), all.m.view(), all.x.view());
  for (std::size_t i = 0; i < 1000; ++i) {
    auto& [x, g, m, v] = expected;
    m[i] = plain.momentum * m[i] + std::fma(plain.weight_decay, x[i], g[i]);
    x[i] = std::fma(-plain.lr, m[i], x[i]);
  }
  expect_same(all, expected);
}

TEST_P(OptimizerStep, MayComePieceByPiece) {
  Vectors whole(1000), pieces(1000);
  run(whole, 0, 1000);
  run(pieces, 0, 17);
  run(pieces, 17, 600);
  run(pieces, 617, 383);
  expect_same(whole, pieces);
}

TEST_P(OptimizerStep, LeavesItsInputAloneWhenItWritesElsewhere) {
  Vectors all(100);
  const Array before = copy_of(all.x.view());
  Array out(100);
  momentum_step(kNesterov, all.x.view(), all.g.view(), all.m.view(), out.view());
  EXPECT_TRUE(same_bits(all.x.view(), before.view()));

  Vectors in_place(100);
  momentum_step(kNesterov, in_place.x.view(), in_place.g.view(), in_place.m.view(),
                in_place.x.view());
  EXPECT_TRUE(same_bits(out.view(), in_place.x.view()));
}

}  // namespace
}  // namespace kith::kernels
