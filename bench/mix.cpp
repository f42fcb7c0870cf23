#include "kernels/mix.h"

#include <cstdio>
#include <string>

#include "bench/harness.h"

/// How near mixing comes to the memory bandwidth of one core: useful bytes (every source read once,
/// the output written once) a second, beside STREAM's triad on vectors of the same size.
///
/// A vector of 61,706 (LeNet) lies in the L2 cache, 1,000,000 in the L3 cache, 25,000,000 in
/// memory. A triad of a million numbers touches 12 MB; mixing 20 neighbors of that size touches 88
/// MB, which no cache holds: hence the lower targets of higher degrees.
namespace kith::bench {
namespace {

/// a = b + s · c (McCalpin's STREAM), at the best level of the processor, like the kernels.
[[gnu::target_clones("default", "arch=x86-64-v3"), gnu::noinline]] void triad(
    float* __restrict a, const float* __restrict b, const float* __restrict c, float s,
    std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) a[i] = b[i] + s * c[i];
}

struct Case {
  std::size_t size;
  std::size_t degree;
  double target;  ///< least ratio to triad; 0 where none is set
};

constexpr Case kCases[] = {
    {61'706, 2, 0},       {61'706, 5, 0},       {61'706, 20, 0},
    {1'000'000, 2, 0.75}, {1'000'000, 5, 0.50}, {1'000'000, 20, 0.27},
    {25'000'000, 2, 0},   {25'000'000, 5, 0},   {25'000'000, 20, 0},
};

/// Prints one line; false if it misses its target.
bool measure(const Case& c) {
  std::vector<Array> vectors;
  for (std::size_t k = 0; k < c.degree + 1; ++k) vectors.emplace_back(c.size);
  std::vector<kernels::Term> terms;
  const float weight = 1 / float(c.degree + 1);
  for (std::size_t k = 1; k <= c.degree; ++k) terms.push_back({weight, vectors[k].view()});
  Array out(c.size);

  const std::function<void()> functions[] = {
      [&] { kernels::mix(weight, vectors[0].view(), terms, out.view()); },
      [&] { triad(out.data(), vectors[0].data(), vectors[1].data(), weight, c.size); },
  };
  const std::vector<double> seconds = fastest_s(functions, 1);
  const double gigabytes = 1e-9 * sizeof(float) * double(c.size);
  const double mix = gigabytes * double(c.degree + 2) / seconds[0];
  const double reference = gigabytes * 3 / seconds[1];
  const double ratio = mix / reference;
  const bool reached = ratio >= c.target;
  std::printf("%12zu %7zu %10.1f %10.1f %7.2f", c.size, c.degree, mix, reference, ratio);
  if (c.target > 0) std::printf("   >= %.2f  %s", c.target, reached ? "reached" : "MISSED");
  std::printf("\n");
  return reached;
}

}  // namespace
}  // namespace kith::bench

int main() {
  std::printf("%12s %7s %10s %10s %7s   %s\n", "d", "degree", "mix GB/s", "triad GB/s", "ratio",
              "target");
  bool reached = true;
  for (const auto& c : kith::bench::kCases) reached &= kith::bench::measure(c);
  return reached ? 0 : 1;
}
