#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "core/random.h"
#include "dataset/dataset.h"

namespace kith::bench {

/// Random pictures and classes: bytes as MNIST has them, or real numbers as a table has them.
inline Data random_data(std::vector<std::int64_t> shape, bool bytes, std::size_t count) {
  Random random(1, Purpose::kSplit);
  std::size_t numbers = count;
  for (const std::int64_t side : shape) numbers *= std::size_t(side);
  Data data;
  data.task = Objective::kClassification;
  data.classes = 10;
  if (bytes) {
    std::vector<std::uint8_t> pixels(numbers);
    for (auto& pixel : pixels) pixel = std::uint8_t(random.below(256));
    data.train = Samples(std::move(shape), std::move(pixels), {}, {});
  } else {
    std::vector<float> features(numbers);
    for (auto& feature : features) feature = float(random.below(17)) / 16;
    data.train = Samples(std::move(shape), std::move(features));
  }
  for (std::size_t i = 0; i < count; ++i) data.train.labels.push_back(random.below(10));
  return data;
}

}  // namespace kith::bench
