#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "core/array.h"

namespace kith {

/// What there is to predict.
enum class Objective : std::uint8_t {
  kNone,            ///< nothing: there are no samples
  kClassification,  ///< one of `classes`
  kRegression,      ///< `outputs` real numbers
  kQuadratics,      ///< no samples: every node has its own quadratic function
};

/// Samples in memory: features and targets, in the order of their file. Pixels stay bytes until
/// they are gathered. Immutable once filled, so shared by all nodes and threads of a process.
class Samples {
 public:
  /// Empty: no sample.
  Samples() = default;

  /// Real features, [count][elements of shape] one after the other.
  Samples(std::vector<std::int64_t> shape, std::vector<float> features);

  /// Bytes that become (byte / 255 − mean[channel]) / deviation[channel] when gathered, each
  /// operation rounded to float; `shape` is {channels, height, width}. Empty `mean` and
  /// `deviation` mean 0 and 1.
  Samples(std::vector<std::int64_t> shape, std::vector<std::uint8_t> pixels,
          const std::vector<float>& mean, const std::vector<float>& deviation);

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  /// Of one sample: {64}, or {channels, height, width}.
  const std::vector<std::int64_t>& shape() const { return shape_; }

  /// Numbers in one sample.
  std::size_t sample_size() const { return sample_size_; }

  /// Writes the features of sample indices[k] to out[k · sample_size() …]. `out` has room for
  /// indices.size() · sample_size() numbers; indices are below size().
  void gather(std::span<const std::uint32_t> indices, std::span<float> out) const;

  /// Classification: the class of every sample.
  std::vector<std::int64_t> labels;

  /// Regression: [size()][outputs].
  std::vector<float> targets;

  /// Values of columns of a table as small numbers, by column name: what `by_column` deals by.
  /// Equal values have equal numbers, given in the order of their first appearance in the file.
  std::map<std::string, std::vector<std::uint32_t>> columns;

  /// The samples first..first+count-1.
  Samples part(std::size_t first, std::size_t count) const;
  /// The samples at `indices`, in that order.
  Samples at(std::span<const std::uint32_t> indices) const;

 private:
  std::vector<std::int64_t> shape_;
  std::size_t sample_size_ = 0;
  std::size_t size_ = 0;
  std::vector<float> features_;
  std::vector<std::uint8_t> pixels_;
  std::vector<float> values_;  // of every byte, [channels][256], for pixels
};

}  // namespace kith
