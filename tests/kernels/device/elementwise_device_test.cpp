#include "kernels/device/on_device.h"

namespace kith::kernels {
namespace {

using ElementwiseOnDevice = OnDevice;

TEST_F(ElementwiseOnDevice, OptimizersStepAsOnTheProcessor) {
  for_sizes_and_offsets([&](std::size_t size, std::size_t offset) {
    const Array x = random_array(size, 1), g = random_array(size, 2);
    Floats own = held(x.view(), offset), gradient = held(g.view(), offset), out(size, offset);
    Array want(size), m = random_array(size, 3), v = random_array(size, 4);
    for (std::size_t i = 0; i < size; ++i) v[i] = v[i] * v[i];
    Floats first = held(m.view(), offset), second = held(v.view(), offset);

    const SgdStep sgd{.lr = 0.1f, .weight_decay = 0.01f};
    sgd_step(sgd, x.view(), g.view(), want.view());
    sgd_step(sgd, own.view(), gradient.view(), out.view());
    EXPECT_TRUE(same(out.back(), floats(want.view())));

    const MomentumStep momentum{
        .lr = 0.1f, .momentum = 0.9f, .weight_decay = 0.01f, .nesterov = true};
    momentum_step(momentum, x.view(), g.view(), m.view(), want.view());
    momentum_step(momentum, own.view(), gradient.view(), first.view(), out.view());
    EXPECT_TRUE(same(out.back(), floats(want.view())));
    EXPECT_TRUE(same(first.back(), floats(m.view())));

    const AdamStep adam{1, 0.01f, 0.1f, 0.999f, 0.001f, 0.02f, 0.3f, 1e-8f};
    adam_step(adam, x.view(), g.view(), m.view(), v.view(), want.view());
    adam_step(adam, own.view(), gradient.view(), first.view(), second.view(), out.view());
    EXPECT_TRUE(same(out.back(), floats(want.view())));
    EXPECT_TRUE(same(first.back(), floats(m.view())));
    EXPECT_TRUE(same(second.back(), floats(v.view())));

    Array a = random_array(size, 5);
    Floats gathered = held(a.view(), offset);
    for (const bool last : {false, true}) {
      const AccumulatingAdamStep step{1,      0.01f,  0.5f,  last, 0.9f, 0.1f,
                                      0.999f, 0.001f, 0.02f, 0.3f, 1e-8f};
      accumulating_adam_step(step, x.view(), g.view(), m.view(), v.view(), a.view(), want.view());
      accumulating_adam_step(step, own.view(), gradient.view(), first.view(), second.view(),
                             gathered.view(), out.view());
      EXPECT_TRUE(same(out.back(), floats(want.view())));
      EXPECT_TRUE(same(first.back(), floats(m.view())));
      EXPECT_TRUE(same(second.back(), floats(v.view())));
      EXPECT_TRUE(same(gathered.back(), floats(a.view())));
    }

    for (const auto rule :
         {AdaptiveStep::Rule::kAdagrad, AdaptiveStep::Rule::kAdam, AdaptiveStep::Rule::kYogi}) {
      const AdaptiveStep step{rule, 0.1f, 0.9f, 0.99f, 0.01f, 1e-3f};
      adaptive_step(step, x.view(), g.view(), m.view(), v.view(), want.view());
      adaptive_step(step, own.view(), gradient.view(), first.view(), second.view(), out.view());
      EXPECT_TRUE(same(out.back(), floats(want.view())));
      EXPECT_TRUE(same(first.back(), floats(m.view())));
      adaptive_step(step, x.view(), g.view(), {}, v.view(), want.view());
      adaptive_step(step, own.view(), gradient.view(), {}, second.view(), out.view());
      EXPECT_TRUE(same(out.back(), floats(want.view())));
      EXPECT_TRUE(same(second.back(), floats(v.view())));
    }
  });
}

TEST_F(ElementwiseOnDevice, FillingReachesEveryElement) {
  for_sizes_and_offsets([&](std::size_t size, std::size_t offset) {
    Floats out(size, offset);
    fill(out.view(), 0.3f);
    EXPECT_TRUE(same(out.back(), std::vector<float>(size, 0.3f)));
  });
}

TEST_F(ElementwiseOnDevice, DifferencesAndScaledSumsAreThoseOfTheProcessor) {
  for_sizes_and_offsets([&](std::size_t size, std::size_t offset) {
    const Array a = random_array(size, 1), b = random_array(size, 2);
    Floats left = held(a.view(), offset), right = held(b.view(), 0), out(size, offset);
    Array want(size);
    subtract(a.view(), b.view(), want.view());
    subtract(left.view(), right.view(), out.view());
    EXPECT_TRUE(same(out.back(), floats(want.view())));
    add_scaled(a.view(), 0.3f, b.view(), want.view());
    add_scaled(left.view(), 0.3f, right.view(), out.view());
    EXPECT_TRUE(same(out.back(), floats(want.view())));
    weighted_sum(0.7f, a.view(), 0.3f, b.view(), want.view());
    weighted_sum(0.7f, left.view(), 0.3f, right.view(), out.view());
    EXPECT_TRUE(same(out.back(), floats(want.view())));
    divide(want.view(), 1.7);
    divide(out.view(), 1.7);
    EXPECT_TRUE(same(out.back(), floats(want.view())));
  });
}

/// quantize(here) and quantize(there), which are given a vector and codes, write the same codes.
template <class Here>
void expect_same_codes(std::size_t size, std::size_t offset, const Here& quantized) {
  const Array x = random_array(size, 1);
  std::vector<std::uint8_t> want(size);
  quantized(x.view(), want.data());
  for (const std::size_t at : {offset, std::size_t{0}}) {
    Floats there = held(x.view(), offset);
    Codes codes(size, at);
    quantized(there.view(), codes.data());
    EXPECT_TRUE(same(codes.back(), want)) << "codes at " << at;
  }
}

TEST_F(ElementwiseOnDevice, CodesAreThoseOfTheProcessor) {
  const Stream stream{7, Purpose::kCompression, 3, 11};
  for_sizes_and_offsets([&](std::size_t size, std::size_t offset) {
    expect_same_codes(size, offset, [](ConstArrayView x, std::uint8_t* codes) {
      quantize(UniformNearest{-0.9f, 0.0071f, 255}, x, codes);
    });
    expect_same_codes(size, offset, [](ConstArrayView x, std::uint8_t* codes) {
      quantize(MinMaxUint8{127.4f, 127, -128}, x, codes);
    });
  });
  for_sizes_and_offsets([&](std::size_t size, std::size_t offset) {
    for (const std::size_t first : {0, 4096, 4097, 4099}) {
      expect_same_codes(size, offset, [&](ConstArrayView x, std::uint8_t* codes) {
        quantize(UniformStochastic{-0.9f, 0.0071f, 255}, x, stream, first, codes);
      });
      expect_same_codes(size, offset, [&](ConstArrayView x, std::uint8_t* codes) {
        quantize(QsgdRule{1.3f, 7}, x, stream, first, codes);
      });
    }
  });
}

TEST_F(ElementwiseOnDevice, NumbersInEveryFormatAreThoseOfTheProcessor) {
  for_sizes_and_offsets([&](std::size_t size, std::size_t offset) {
    Array x = random_array(size, 1);
    for (std::size_t i = 0; i < size; ++i) x[i] *= i % 3 == 0 ? 1e-6f : i % 5 == 0 ? 1e5f : 1;
    const Array start = random_array(size, 2);
    Floats there = held(x.view(), offset);
    std::vector<std::uint8_t> bytes(2 * size), codes(size);
    for (std::size_t i = 0; i < size; ++i) codes[i] = static_cast<std::uint8_t>(37 * i);

    const auto check_half = [&](auto encode, auto add) {
      Codes bytes_there(2 * size, offset);
      encode(x.view(), bytes.data());
      encode(there.view(), bytes_there.data());
      EXPECT_TRUE(same(bytes_there.back(), bytes));
      for (const std::uint16_t exponent : {kBf16Exponent, kFp16Exponent}) {
        EXPECT_EQ(sixteen_bits_finite(bytes_there.data(), size, exponent, device()),
                  sixteen_bits_finite(bytes.data(), size, exponent));
      }
      Array want = copy_of(start.view());
      Floats sum = held(start.view(), offset);
      add(bytes.data(), 0.3f, want.view());
      add(static_cast<const std::uint8_t*>(bytes_there.data()), 0.3f, sum.view());
      EXPECT_TRUE(same(sum.back(), floats(want.view())));
    };
    check_half([](ConstArrayView v, std::uint8_t* to) { to_bf16(v, to); }, add_bf16);
    check_half([](ConstArrayView v, std::uint8_t* to) { to_fp16(v, to); }, add_fp16);

    const Grid grid{-0.9f, 0.013f, 3};
    Codes codes_there(codes, offset);
    EXPECT_EQ(largest_code(codes_there.span(), device()), largest_code(codes));
    Array want = copy_of(start.view());
    Floats sum = held(start.view(), offset);
    add_dequantized(grid, codes.data(), 0.3f, want.view());
    add_dequantized(grid, codes_there.data(), 0.3f, sum.view());
    EXPECT_TRUE(same(sum.back(), floats(want.view())));
    dequantize(grid, codes.data(), want.view());
    dequantize(grid, codes_there.data(), sum.view());
    EXPECT_TRUE(same(sum.back(), floats(want.view())));
  });
}

TEST_F(ElementwiseOnDevice, SignsAreThoseOfTheProcessor) {
  for_sizes_and_offsets([&](std::size_t size, std::size_t offset) {
    const Array x = random_array(size, 1);
    std::vector<std::uint8_t> bits(sign_bytes(size));
    sign_bits(x.view(), bits.data());
    Floats there = held(x.view(), offset);
    Codes bits_there(sign_bytes(size), offset);
    sign_bits(there.view(), bits_there.data());
    EXPECT_TRUE(same(bits_there.back(), bits));
    reach_bits(x.view(), 0.5f, bits.data());
    reach_bits(there.view(), 0.5f, bits_there.data());
    EXPECT_TRUE(same(bits_there.back(), bits));

    Array want = copy_of(x.view());
    add_signs(bits.data(), 0.3f, want.view());
    add_signs(bits_there.data(), 0.3f, there.view());
    EXPECT_TRUE(same(there.back(), floats(want.view())));
  });
}

TEST_F(ElementwiseOnDevice, WaveletsAreThoseOfTheProcessorThereAndBack) {
  for (const std::size_t taps : {2, 4, 10, 16}) {
    WaveletFilter<float> filter{taps, {}};
    for (std::size_t k = 0; k < taps; ++k) filter.lowpass[k] = 0.5f - 0.07f * float(k);
    for (const std::size_t size : {1, 2, 3, 7, 8, 33, 1'001, 100'003}) {
      const std::size_t count = dwt_size(size, taps);
      const Array x = random_array(size, 1);
      Array a(count), d(count), signal(size);
      dwt_of(filter, x.view(), a.view(), d.view());
      inverse_dwt_of(filter, std::as_const(a).view(), std::as_const(d).view(), signal.view());
      Floats x_there = held(x.view(), 1), a_there(count), d_there(count), back(size);
      dwt_of(filter, x_there.view(), a_there.view(), d_there.view());
      inverse_dwt_of(filter, a_there.view(), d_there.view(), back.view());
      EXPECT_TRUE(same(a_there.back(), floats(a.view()))) << taps << " taps, " << size;
      EXPECT_TRUE(same(d_there.back(), floats(d.view()))) << taps << " taps, " << size;
      EXPECT_TRUE(same(back.back(), floats(signal.view()))) << taps << " taps, " << size;
    }
  }
}

}  // namespace
}  // namespace kith::kernels
