#pragma once

#include <vector>

#include "core/fields.h"

namespace kith {

/// What is subtracted from the pixels of every channel, after they were divided by 255, and what
/// they are then divided by. Empty lists leave the pixels as they are.
struct Normalize {
  std::vector<float> mean;
  std::vector<float> std;

  void fields(Fields& f) {
    f.optional("mean", mean, "subtracted from every channel's pixels / 255");
    f.optional("std", std, "what every channel is then divided by", Range{.above = 0});
  }

  bool fits(std::size_t channels) const {
    return (mean.empty() || mean.size() == channels) && (std.empty() || std.size() == channels);
  }
};

}  // namespace kith
