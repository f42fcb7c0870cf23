#include "dataset/samples.h"

#include <algorithm>
#include <cassert>
#include <numeric>

namespace kith {
namespace {

constexpr std::size_t kByteValues = 256;

std::size_t numbers_in(const std::vector<std::int64_t>& shape) {
  std::size_t numbers = 1;
  for (const std::int64_t extent : shape) numbers *= static_cast<std::size_t>(extent);
  return numbers;
}

/// What every byte of every channel becomes.
std::vector<float> byte_values(std::size_t channels, const std::vector<float>& mean,
                               const std::vector<float>& deviation) {
  std::vector<float> values(channels * kByteValues);
  for (std::size_t channel = 0; channel < channels; ++channel) {
    const float center = mean.empty() ? 0 : mean[channel];
    const float scale = deviation.empty() ? 1 : deviation[channel];
    for (std::size_t byte = 0; byte < kByteValues; ++byte) {
      values[channel * kByteValues + byte] = (static_cast<float>(byte) / 255 - center) / scale;
    }
  }
  return values;
}

/// Rows of `width` elements at `indices`; nothing of nothing.
template <class T>
std::vector<T> rows_at(const std::vector<T>& rows, std::size_t width,
                       std::span<const std::uint32_t> indices) {
  std::vector<T> chosen;
  if (rows.empty()) return chosen;
  chosen.resize(indices.size() * width);
  T* out = chosen.data();
  for (const std::uint32_t index : indices) {
    out = std::copy_n(rows.data() + index * width, width, out);
  }
  return chosen;
}

}  // namespace

Samples::Samples(std::vector<std::int64_t> shape, std::vector<float> features)
    : shape_(std::move(shape)), sample_size_(numbers_in(shape_)), features_(std::move(features)) {
  assert(sample_size_ > 0 && features_.size() % sample_size_ == 0);
  size_ = features_.size() / sample_size_;
}

Samples::Samples(std::vector<std::int64_t> shape, std::vector<std::uint8_t> pixels,
                 const std::vector<float>& mean, const std::vector<float>& deviation)
    : shape_(std::move(shape)), sample_size_(numbers_in(shape_)), pixels_(std::move(pixels)) {
  assert(sample_size_ > 0 && pixels_.size() % sample_size_ == 0);
  size_ = pixels_.size() / sample_size_;
  values_ = byte_values(static_cast<std::size_t>(shape_[0]), mean, deviation);
}

void Samples::gather(std::span<const std::uint32_t> indices, std::span<float> out) const {
  assert(out.size() >= indices.size() * sample_size_);
  float* to = out.data();
  if (values_.empty()) {
    for (const std::uint32_t index : indices) {
      to = std::copy_n(features_.data() + index * sample_size_, sample_size_, to);
    }
    return;
  }
  const std::size_t channels = values_.size() / kByteValues;
  const std::size_t plane = sample_size_ / channels;
  for (const std::uint32_t index : indices) {
    const std::uint8_t* from = pixels_.data() + index * sample_size_;
    for (std::size_t channel = 0; channel < channels; ++channel, from += plane, to += plane) {
      const float* value = values_.data() + channel * kByteValues;
#pragma GCC unroll 8
      for (std::size_t i = 0; i < plane; ++i) to[i] = value[from[i]];
    }
  }
}

Samples Samples::part(std::size_t first, std::size_t count) const {
  std::vector<std::uint32_t> indices(count);
  std::iota(indices.begin(), indices.end(), static_cast<std::uint32_t>(first));
  return at(indices);
}

Samples Samples::at(std::span<const std::uint32_t> indices) const {
  Samples chosen;
  chosen.shape_ = shape_;
  chosen.sample_size_ = sample_size_;
  chosen.size_ = indices.size();
  chosen.features_ = rows_at(features_, sample_size_, indices);
  chosen.pixels_ = rows_at(pixels_, sample_size_, indices);
  chosen.values_ = values_;
  chosen.labels = rows_at(labels, 1, indices);
  chosen.targets = rows_at(targets, size_ == 0 ? 0 : targets.size() / size_, indices);
  for (const auto& [name, column] : columns) chosen.columns[name] = rows_at(column, 1, indices);
  return chosen;
}

}  // namespace kith
