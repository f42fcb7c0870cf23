#include "experiment/device.h"

#include <algorithm>
#include <cstdio>
#include <deque>
#include <memory>
#include <string>

#include "bench/harness.h"
#include "core/device_memory.h"
#include "core/error.h"
#include "core/staging.h"
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
    compare(name, bytes, call,
            [&] { copy(from_.view().part(0, bytes / 8), to_.view().part(0, bytes / 8)); });
  }

  /// Beside another copy.
  void compare(const std::string& name, std::size_t bytes, const std::function<void()>& call,
               const std::function<void()>& copy_call) {
    constexpr int kTurns = 5;
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

void measure_drawing_and_packing(Suite& suite, const Device& device) {
  constexpr std::size_t kVector = sizeof(float) * kSize;
  const Array x = numbers(device, kSize, 1);
  Array words(kSize, device), points(kSize, device), out(kSize, device), codes(kSize, device);
  auto* const word = reinterpret_cast<std::uint32_t*>(words.data());
  auto* const point = reinterpret_cast<std::int32_t*>(points.data());
  auto* const other = reinterpret_cast<std::int32_t*>(out.data());
  auto* const code = reinterpret_cast<std::uint8_t*>(codes.data());
  auto* const bits = reinterpret_cast<std::byte*>(out.data());
  const Stream stream{1, Purpose::kCompression, 0, 0};
  suite.measure("random words", kVector, [&] {
    kernels::random_words(stream, 0, {word, kSize}, device);
  });
  const std::uint64_t threshold = kernels::bernoulli_threshold(0.01);
  suite.measure("Bernoulli mask, 1 %", kSize / 8, [&] {
    kernels::bernoulli_mask(stream, threshold, kSize, {bits, kSize / 8}, device);
  });
  suite.measure("places of set bits, 1 %", kSize / 8 + kVector / 100, [&] {
    kernels::indices_of_set_bits({bits, kSize / 8}, {word, kSize}, device);
  });
  suite.measure("half steps", 3 * kVector,
                [&] { kernels::to_half_steps({2 / 0.01}, x.view(), word, point); });
  suite.measure("codes of points, 4 bits", 2 * kVector + kSize, [&] {
    kernels::split_points({4}, {point, kSize}, code, other, device);
  });
  suite.measure("pack codes, 4 bits", kSize + kSize / 2, [&] {
    kernels::pack_codes({code, kSize}, 4, code + kSize, device);
  });
  suite.measure("unpack codes, 4 bits", kSize + kSize / 2, [&] {
    kernels::unpack_codes(code + kSize, 4, {code, kSize}, device);
  });
  suite.measure("points near by", 3 * kVector + kSize, [&] {
    kernels::find_points({4}, {point, kSize}, code, other, reinterpret_cast<std::int32_t*>(word),
                         device);
  });
  suite.measure("fingerprint", kVector, [&] {
    kernels::Fingerprint fingerprint(stream);
    fingerprint.add({other, kSize}, device);
  });
  constexpr kernels::Shape kShape{5'000, 5'000};
  suite.measure("matrix times vector", kVector,
                [&] { kernels::times(x.view(), kShape, words.view(), points.view()); });
  suite.measure("transposed matrix times vector", kVector,
                [&] { kernels::transposed_times(x.view(), kShape, words.view(), points.view()); });
  suite.measure("add an outer product, rank 2", 2 * kVector, [&] {
    kernels::add_outer(words.view(), points.view(), 2, kShape, 0.3f, out.view());
  });
}

/// Calls `begin(chunk, offset, size)` for every chunk, and lets go of it when `ahead` others were
/// begun: as a network would.
template <class Begin>
void through(Staging& staging, std::size_t bytes, std::size_t ahead, const Begin& begin) {
  std::deque<std::shared_ptr<Staging::Chunk>> held;
  for (std::size_t offset = 0; offset < bytes; offset += staging.chunk_bytes()) {
    if (held.size() == ahead) {
      held.front()->wait();
      held.pop_front();
    }
    held.push_back(staging.take());
    begin(*held.back(), offset, std::min(staging.chunk_bytes(), bytes - offset));
  }
  for (const auto& chunk : held) chunk->wait();
}

/// Beside one copy of as many bytes between the card and pinned memory.
void measure_staging(Suite& suite, const Device& device) {
  constexpr std::size_t kVector = sizeof(float) * kSize;
  constexpr std::size_t kChunk = 1 << 20, kAhead = 8;  // a frame of the links
  Array there(kSize, device);
  const auto here = device_streams().pinned(device, kVector);
  Staging staging(device, kChunk, kAhead);
  auto* const bytes = reinterpret_cast<std::byte*>(there.data());
  device_memory().wait(device);
  suite.compare(
      "staging to the host", kVector,
      [&] {
        through(staging, kVector, kAhead,
                [&](Staging::Chunk& chunk, std::size_t offset, std::size_t size) {
                  staging.read(bytes + offset, size, chunk);
                });
      },
      [&] { device_memory().copy(device, there.data(), here->bytes().data(), kVector); });
  suite.compare(
      "staging from the host", kVector,
      [&] {
        through(staging, kVector, kAhead,
                [&](Staging::Chunk& chunk, std::size_t offset, std::size_t size) {
                  staging.write(chunk, size, bytes + offset);
                });
      },
      [&] { device_memory().copy(device, here->bytes().data(), there.data(), kVector); });
}

}  // namespace
}  // namespace kith::bench

int main() {
  try {
    const kith::Device device = kith::open_devices("cuda", 0).front();
    std::printf("# %s\n", kith::text_of(kith::card_models({&device, 1})).c_str());
    kith::bench::Suite suite(device);
    kith::bench::measure_mixing(suite, device);
    kith::bench::measure_compression(suite, device);
    kith::bench::measure_drawing_and_packing(suite, device);
    kith::bench::measure_staging(suite, device);
  } catch (const kith::Error& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return static_cast<int>(error.code());
  }
}
