#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <utility>

#include "core/philox.h"
#include "core/types.h"

namespace kith {

/// What random numbers are drawn for. Streams of different purposes never overlap. The values are
/// part of a run's numerics: add at the end, never renumber.
enum class Purpose : std::uint32_t {
  kGraph = 1,
  kPartition = 2,
  kModel = 3,
  kBatch = 4,
  kSharing = 5,
  kSplit = 6,
  kNode = 7,
  kSchedule = 8,
  kCompression = 9,
};

/// The name of a stream of random numbers: whoever knows it draws the same ones.
struct Stream {
  std::uint64_t seed = 0;
  Purpose purpose = Purpose::kCompression;
  std::uint32_t node = 0;
  std::uint32_t round = 0;

  KITH_INLINE philox::Key key() const {
    return {{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)}};
  }

  /// The counter whose block holds words 4 · block .. 4 · block + 3.
  KITH_INLINE philox::Block counter(std::uint32_t block) const {
    return {{block, round, node, static_cast<std::uint32_t>(purpose)}};
  }
};

/// The stream of random numbers keyed by (seed, purpose, node, round). There is no state to save:
/// whoever knows the key draws the same numbers, whatever was drawn elsewhere before. All results
/// are the same bits on every machine.
class Random {
 public:
  using result_type = std::uint32_t;

  explicit Random(std::uint64_t seed, Purpose purpose, std::uint32_t node = 0,
                  std::uint32_t round = 0)
      : Random(Stream{seed, purpose, node, round}) {}
  explicit Random(const Stream& stream) : stream_(stream) {}

  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return std::numeric_limits<result_type>::max(); }

  /// The next 32 bits.
  std::uint32_t operator()();

  std::uint64_t bits64();

  /// Uniform on [0, 1): a multiple of 2^-24.
  float uniform_float() { return static_cast<float>((*this)() >> 8) * 0x1p-24f; }

  /// Uniform on [0, 1): a multiple of 2^-53.
  double uniform() { return static_cast<double>(bits64() >> 11) * 0x1p-53; }

  /// Uniform on 0..count-1, without bias. `count` is positive.
  std::uint32_t below(std::uint32_t count);

  /// Standard normal (Marsaglia's polar method).
  double normal();

  /// log of a Gamma(shape, 1) variate, shape > 0 (Marsaglia & Tsang 2000). The logarithm, because
  /// the variate itself underflows for small shapes.
  double log_gamma_variate(double shape);

 private:
  Stream stream_;
  std::uint32_t blocks_ = 0;  // how many were made
  philox::Block block_{};     // the last of them
  unsigned used_ = 4;         // words of block_ already given out
  double spare_normal_ = 0;
  bool has_spare_ = false;
};

/// Puts `items` in a uniformly random order (Fisher–Yates).
template <class T>
void shuffle(std::span<T> items, Random& random) {
  for (std::size_t i = items.size(); i > 1; --i) {
    std::swap(items[i - 1], items[random.below(static_cast<std::uint32_t>(i))]);
  }
}

}  // namespace kith
