#include "experiment/device.h"

#include <cstdio>
#include <string>

#include "bench/harness.h"
#include "core/device_memory.h"
#include "core/error.h"
#include "kernels/device.h"

/// How near kernels come to the memory bandwidth of a card: every kernel in turns with a copy from
/// one place of the card to another that moves as many bytes. Prints, for bench/device.py, a line a
/// kernel: its name, the bytes it must read and write at least, the seconds of one call, and those
/// of such a copy. Without a card it says so and exits with 7.
namespace kith::bench {
namespace {

constexpr std::size_t kSize = 25'000'000;

/// Seconds of a call, of as many as fill some milliseconds: work is given to the card and waited
/// for once.
double seconds_a_call(const Device& device, const std::function<void()>& call) {
  constexpr double kLeast_s = 0.02;
  for (int calls = 1;; calls *= 2) {
    const double start_s = now_s();
    for (int i = 0; i < calls; ++i) call();
    device_memory().wait(device);
    const double taken_s = now_s() - start_s;
    if (taken_s >= kLeast_s) return taken_s / calls;
  }
}

class Suite {
 public:
  explicit Suite(const Device& device)
      : device_(device), from_(30 * kSize, device), to_(30 * kSize, device) {}

  /// `bytes`: what a call reads and writes at least.
  void measure(const std::string& name, std::size_t bytes, const std::function<void()>& call) {
    constexpr int kTurns = 5;
    const auto copy_call = [&] {
      copy(from_.view().part(0, bytes / 8), to_.view().part(0, bytes / 8));
    };
    double kernel_s = 1e9, copy_s = 1e9;
    for (int turn = 0; turn < kTurns; ++turn) {
      kernel_s = std::min(kernel_s, seconds_a_call(device_, call));
      copy_s = std::min(copy_s, seconds_a_call(device_, copy_call));
    }
    std::printf("%s\t%zu\t%.9f\t%.9f\n", name.c_str(), bytes, kernel_s, copy_s);
    std::fflush(stdout);
  }

 private:
  Device device_;
  Array from_, to_;  // a copy of n bytes moves 2n
};

/// Numbers in [-1, 1) on the device.
Array numbers(const Device& device, std::size_t size, std::uint64_t seed) {
  Random random(seed, Purpose::kModel);
  Array here(size), there(size, device);
  for (std::size_t i = 0; i < size; ++i) here[i] = 2 * random.uniform_float() - 1;
  copy(here.view(), there.view());
  device_memory().wait(device);
  return there;
}

void measure_mixing(Suite& suite, const Device& device) {
  constexpr std::size_t kVector = sizeof(float) * kSize;
  std::vector<Array> vectors;
  for (std::size_t k = 0; k < 21; ++k) vectors.emplace_back(kSize, device);
  Array out(kSize, device), g(kSize, device), m(kSize, device);
  const ConstArrayView x = vectors[0].view();
  for (const std::size_t degree : {2, 5, 20}) {
    const float weight = 1 / float(degree + 1);
    std::vector<kernels::Term> terms;
    for (std::size_t k = 1; k <= degree; ++k) terms.push_back({weight, vectors[k].view()});
    const std::string behind = ", degree " + std::to_string(degree);
    suite.measure("mix" + behind, (degree + 2) * kVector,
                  [&] { kernels::mix(weight, x, terms, out.view()); });
    suite.measure("mix + SGD" + behind, (degree + 3) * kVector,
                  [&] { kernels::mix_sgd(weight, x, terms, {.lr = 0.1f}, g.view(), out.view()); });
    suite.measure("mix + momentum SGD" + behind, (degree + 5) * kVector, [&] {
      kernels::mix_momentum(weight, x, terms, {.lr = 0.1f, .momentum = 0.9f}, g.view(), m.view(),
                            out.view());
    });
    for (const auto& [format, name, bytes] : {std::tuple{kernels::Format::kBf16, "bf16", 2},
                                              {kernels::Format::kFp16, "fp16", 2},
                                              {kernels::Format::kUint8, "uint8", 1}}) {
      std::vector<kernels::CodedTerm> coded;
      for (std::size_t k = 1; k <= degree; ++k) {
        coded.push_back({weight, format, vectors[k].data(), {-1, 0.01f, 0}});
      }
      suite.measure(std::string("mix of ") + name + behind,
                    2 * kVector + degree * static_cast<std::size_t>(bytes) * kSize,
                    [&] { kernels::mix_coded(weight, x, coded, out.view()); });
    }
  }
  const kernels::CodedTerm own{0, kernels::Format::kFloat32, vectors[1].data()};
  const kernels::CodedTerm heard[] = {{0.3f, kernels::Format::kFloat32, vectors[2].data()},
                                      {0.3f, kernels::Format::kFloat32, vectors[3].data()}};
  suite.measure("CHOCO update, degree 2", 9 * kVector, [&] {
    kernels::choco_update(own, heard, 0.5f, x, g.view(), m.view(), out.view());
  });
  suite.measure("SGD step", 3 * kVector,
                [&] { kernels::sgd_step({.lr = 0.1f}, x, g.view(), out.view()); });
  suite.measure("momentum step", 5 * kVector, [&] {
    kernels::momentum_step({.lr = 0.1f, .momentum = 0.9f}, x, g.view(), m.view(), out.view());
  });
}

void measure_compression(Suite& suite, const Device& device) {
  constexpr std::size_t kVector = sizeof(float) * kSize, kPicked = kSize / 100;
  const Array x = numbers(device, kSize, 1);
  Array out(kSize, device), codes(kSize, device), indices(kPicked, device), values(kPicked, device);
  const std::span<std::uint32_t> places(reinterpret_cast<std::uint32_t*>(indices.data()), kPicked);
  auto* const bytes = reinterpret_cast<std::uint8_t*>(codes.data());
  const Stream stream{1, Purpose::kCompression, 0, 0};
  suite.measure("top-k, 1 %", kVector + 8 * kPicked,
                [&] { kernels::top_k(x.view(), {}, places, values.view()); });
  suite.measure("gather, 1 %", 12 * kPicked,
                [&] { kernels::gather(x.view(), places, values.view()); });
  suite.measure("scatter-mix, 1 %", 16 * kPicked,
                [&] { kernels::scatter_add(places, 0.3f, values.view(), out.view()); });
  suite.measure("min-max uint8", kVector + kSize, [&] {
    kernels::quantize(kernels::MinMaxUint8{127.4f, 127, -128}, x.view(), bytes);
  });
  suite.measure("QSGD, 7 levels", kVector + kSize, [&] {
    kernels::quantize(kernels::QsgdRule{1, 7}, x.view(), stream, 0, bytes);
  });
  suite.measure("add dequantized", 2 * kVector + kSize, [&] {
    kernels::add_dequantized({-1, 0.01f, 0}, bytes, 0.3f, out.view());
  });
  suite.measure("sign bits", kVector + kSize / 8, [&] { kernels::sign_bits(x.view(), bytes); });
  suite.measure("add signs", 2 * kVector + kSize / 8,
                [&] { kernels::add_signs(bytes, 0.3f, out.view()); });
  kernels::WaveletFilter<float> sym2{4, {-0.12940952f, 0.22414387f, 0.8365163f, 0.48296291f}};
  const std::size_t half = kernels::dwt_size(kSize, sym2.taps);
  Array approximation(half, device), detail(half, device);
  suite.measure("wavelet transform, sym2", 2 * kVector,
                [&] { kernels::dwt_of(sym2, x.view(), approximation.view(), detail.view()); });
  suite.measure("inverse wavelet transform, sym2", 2 * kVector, [&] {
    kernels::inverse_dwt_of(sym2, approximation.view(), detail.view(), out.view());
  });
  suite.measure("squared distance", 2 * kVector,
                [&] { kernels::squared_difference(x.view(), out.view()); });
  suite.measure("largest magnitude", kVector, [&] { kernels::max_abs(x.view()); });
}

}  // namespace
}  // namespace kith::bench

int main() {
  try {
    const kith::Device device = kith::open_device("cuda", 0);
    std::printf("# %s\n", kith::card_name(device).c_str());
    kith::bench::Suite suite(device);
    kith::bench::measure_mixing(suite, device);
    kith::bench::measure_compression(suite, device);
  } catch (const kith::Error& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return static_cast<int>(error.code());
  }
}
