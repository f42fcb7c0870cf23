#include <cmath>
#include <cstdio>
#include <cstring>
#include <numeric>
#include <string>

#include "bench/harness.h"
#include "compression/codec.h"
#include "compression/wavelet.h"
#include "kernels/code_pack.h"
#include "kernels/fingerprint.h"
#include "kernels/half.h"
#include "kernels/modulo.h"
#include "kernels/norms.h"
#include "kernels/quantize.h"
#include "kernels/random_bits.h"
#include "kernels/signs.h"
#include "kernels/sparse.h"
#include "kernels/top_k.h"

/// The kernels of lossy compression, and whole compressors, on a million normal numbers, one
/// thread. A vector of 4 MB lies in the L3 cache, as does what memcpy moves beside them. GB/s are
/// those of the float32 vector, whatever else is read or written.
namespace kith::bench {
namespace {

constexpr std::size_t kSize = 1'000'000;
constexpr double kGigabytes = 1e-9 * sizeof(float) * kSize;

Array normal_numbers() {
  Random random(1, Purpose::kModel);
  Array x(kSize);
  for (std::size_t i = 0; i < kSize; ++i) x[i] = 0.02f * static_cast<float>(random.normal());
  return x;
}

/// The obvious way to the k largest: std::nth_element on indices, ties to the lowest.
void nth_element(const Array& x, std::size_t k, std::vector<std::uint32_t>& order) {
  std::iota(order.begin(), order.end(), 0u);
  const auto before = [&](std::uint32_t a, std::uint32_t b) {
    const float left = std::fabs(x[a]), right = std::fabs(x[b]);
    return left != right ? left > right : a < b;
  };
  std::nth_element(order.begin(), order.begin() + std::ptrdiff_t(k) - 1, order.end(), before);
}

/// Prints a target and whether `value` reaches it.
bool judged(double value, double target) {
  const bool reached = value >= target;
  if (target > 0) std::printf("   >= %g  %s", target, reached ? "reached" : "MISSED");
  std::printf("\n");
  return reached;
}

bool measure_top_k(const Array& x, double fraction, double target) {
  const auto k = static_cast<std::size_t>(fraction * kSize);
  std::vector<std::uint32_t> indices(k), scratch(kSize + kernels::kTopKSlack), order(kSize);
  Array values(k);
  const std::function<void()> functions[] = {
      [&] { kernels::top_k(x.view(), scratch, indices, values.view()); },
      [&] { nth_element(x, k, order); },
  };
  const std::vector<double> seconds = fastest_s(functions, 1);
  std::sort(order.begin(), order.begin() + std::ptrdiff_t(k));
  const bool equal = std::equal(indices.begin(), indices.end(), order.begin());
  std::printf("top-k, %4g %% %28.3f ms   nth_element %6.2f ms %s  ratio %5.1f", 100 * fraction,
              1e3 * seconds[0], 1e3 * seconds[1], equal ? "(equal)" : "(NOT EQUAL)",
              seconds[1] / seconds[0]);
  return judged(seconds[1] / seconds[0], target) && equal;
}

struct Kernel {
  const char* name;
  std::function<void()> run;
  double target = 0;  ///< least GB/s; 0 where none is set
};

bool measure_kernels(const Array& x) {
  using namespace kernels;
  Array y(kSize), sums(kSize);
  std::vector<std::uint8_t> codes(kSize), bytes(2 * kSize);
  std::vector<std::byte> mask((kSize + 7) / 8);
  std::vector<std::uint32_t> words(kSize), indices(kSize / 10), found(kSize + 8);
  for (std::size_t k = 0; k < indices.size(); ++k) indices[k] = std::uint32_t(10 * k + k % 7);
  Array values(indices.size());
  const Stream stream{1, Purpose::kCompression, 3, 4};
  const auto [low, high] = extent(x.view());
  const UniformNearest nearest{low, (high - low) / 255, 255};
  const UniformStochastic stochastic{low, (high - low) / 255, 255};
  const float scale = 255 / (high - low);
  const MinMaxUint8 min_max{scale, std::rint(high * scale), std::rint(high * scale) - 255};
  const QsgdRule qsgd{static_cast<float>(std::sqrt(dot(x.view(), x.view()))), 127};
  const Grid grid{low, (high - low) / 255, 0};
  const Wavelet<float> wavelet("sym2", 4, kSize);
  std::vector<float> coefficients(wavelet.coefficients());
  const std::span<const float> signal(x.data(), kSize);
  std::vector<std::int32_t> half_steps(kSize), highs(kSize), differences(kSize);
  volatile double sink = 0;

  const Kernel all[] = {
      {"memcpy", [&] { std::memcpy(y.data(), x.data(), sizeof(float) * kSize); }},
      {"extent, and 8 bits, to nearest",
       [&] {
         sink = extent(x.view()).low;
         quantize(nearest, x.view(), codes.data());
       },
       4},
      {"extent, and MinMaxUInt8",
       [&] {
         sink = extent(x.view()).low;
         quantize(min_max, x.view(), codes.data());
       },
       4},
      {"extent, and 8 bits, at random",
       [&] {
         sink = extent(x.view()).low;
         quantize(stochastic, x.view(), stream, 0, codes.data());
       },
       1.5},
      {"norm, and QSGD, 127 levels",
       [&] {
         sink = dot(x.view(), x.view());
         quantize(qsgd, x.view(), stream, 0, codes.data());
       },
       1.5},
      {"8 bits to float32", [&] { dequantize(grid, codes.data(), y.view()); }, 30},
      {"8 bits, added", [&] { add_dequantized(grid, codes.data(), 0.5f, sums.view()); }},
      {"4-bit codes, packed", [&] { pack_codes(codes, 4, bytes.data()); }},
      {"4-bit codes, unpacked", [&] { unpack_codes(bytes.data(), 4, codes); }},
      {"sum of magnitudes, and signs packed",
       [&] {
         sink = absolute_sum(x.view());
         sign_bits(x.view(), bytes.data());
       }},
      {"signs, added", [&] { add_signs(bytes.data(), 0.5f, sums.view()); }},
      {"to bf16", [&] { to_bf16(x.view(), bytes.data()); }},
      {"bf16, added", [&] { add_bf16(bytes.data(), 0.5f, sums.view()); }},
      {"to fp16", [&] { to_fp16(x.view(), bytes.data()); }},
      {"fp16, added", [&] { add_fp16(bytes.data(), 0.5f, sums.view()); }},
      {"Philox words", [&] { random_words(stream, 0, words); }},
      {"Bernoulli mask, 10 %, from its seed",
       [&] { bernoulli_mask(stream, bernoulli_threshold(0.1), kSize, mask); }},
      {"indices of the mask", [&] { sink = double(indices_of_set_bits(mask, found)); }},
      {"gather 10 %", [&] { gather(x.view(), indices, values.view()); }},
      {"scatter-add 10 %", [&] { scatter_add(indices, 0.5f, values.view(), sums.view()); }},
      {"numbers to half steps of a grid",
       [&] { to_half_steps({2 / 0.001}, x.view(), words.data(), half_steps.data()); }},
      {"the lower 8 bits of points",
       [&] { split_points({8}, half_steps, codes.data(), highs.data()); }},
      {"the points with these bits, added",
       [&] {
         find_points({8}, half_steps, codes.data(), differences.data(), highs.data());
         add_integers(differences.data(), 0.5f, sums.view());
       }},
      {"a fingerprint of integers",
       [&] {
         Fingerprint fingerprint(stream);
         fingerprint.add(highs);
         sink = double(fingerprint.value());
       }},
      {"sym2, 4 levels, there and back",
       [&] {
         wavelet.forward(signal, coefficients);
         wavelet.inverse(coefficients, std::span(y.data(), kSize));
       },
       1},
  };
  std::vector<std::function<void()>> functions;
  for (const Kernel& kernel : all) functions.push_back(kernel.run);
  const std::vector<double> seconds = fastest_s(functions, 4);
  bool reached = true;
  for (std::size_t i = 0; i < seconds.size(); ++i) {
    const double rate = kGigabytes / seconds[i];
    std::printf("%-40s %8.3f ms %7.1f GB/s %6.2f of memcpy", all[i].name, 1e3 * seconds[i], rate,
                seconds[0] / seconds[i]);
    reached &= judged(rate, all[i].target);
  }
  return reached;
}

void measure_compressor(const Array& x, const std::string& json) {
  ParameterLayout layout;
  layout.add("weight", {1000, 1000});
  const auto compressor =
      Compressor::registry().read(Config::parse(json, "benchmark")).make({layout});
  Array sums(kSize);
  Stream stream{1, Purpose::kCompression, 0, 0};
  Body body;
  const Codec codec(CodecOptions{});
  const Form form = compressor->form();
  const auto own = std::make_shared<Compressed>();
  Compressed message;
  const std::function<void()> functions[] = {
      [&] {
        ++stream.round;
        compressor->compress(x.view(), stream, *own);
        const ByteView bytes = codec.encode(own, form, kSize).coded();
        body = Body(Bytes(bytes.begin(), bytes.end()));
      },
      [&] {
        codec.decode(0, body, form, kSize, message);
        compressor->check(message);
        compressor->add(message, 0.5f, sums.view());
      },
  };
  const std::vector<double> seconds = fastest_s(functions, 0.4);
  std::printf("%-68s %8.3f ms %8.3f ms %9zu\n", json.c_str(), 1e3 * seconds[0], 1e3 * seconds[1],
              std::size_t(body.size()));
}

}  // namespace
}  // namespace kith::bench

int main() {
  using namespace kith::bench;
  const kith::Array x = normal_numbers();
  std::printf("A million normal numbers, one thread\n\n");
  bool reached = measure_top_k(x, 0.001, 0);
  reached &= measure_top_k(x, 0.01, 4);
  reached &= measure_top_k(x, 0.1, 4);
  std::printf("\n");
  reached &= measure_kernels(x);
  std::printf("\n%-68s %11s %11s %9s\n", "compressor", "to bytes", "check, add", "bytes");
  for (const char* json : {
           R"("identity")",
           R"({"type": "top_k", "fraction": 0.01})",
           R"({"type": "random_k", "fraction": 0.01})",
           R"({"type": "threshold", "value": 0.05})",
           R"("sign")",
           R"({"type": "ternary", "fraction": 0.01})",
           R"({"type": "qsgd", "levels": 7, "bucket": 1024})",
           R"({"type": "uniform", "bits": 8})",
           R"({"type": "uniform", "bits": 4, "rounding": "stochastic"})",
           R"("minmax_uint8")",
           R"("bf16")",
           R"("fp16")",
           R"({"type": "low_rank", "rank": 2})",
       }) {
    measure_compressor(x, json);
  }
  return reached ? 0 : 1;
}
