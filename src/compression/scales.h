#pragma once

#include <cmath>
#include <cstring>

#include "compression/compressor.h"

namespace kith {

/// Scales as the head of a message, float32, never negative.
inline void put_scale(Compressed& message, std::size_t k, float scale) {
  std::memcpy(message.head.data() + k * sizeof scale, &scale, sizeof scale);
}

inline float scale_of(const Compressed& message, std::size_t k) {
  float scale = 0;
  std::memcpy(&scale, message.head.data() + k * sizeof scale, sizeof scale);
  return scale;
}

/// Throws PeerError unless the first `count` scales can be.
inline void check_scales(const Compressed& message, std::size_t count) {
  for (std::size_t k = 0; k < count; ++k) {
    const float scale = scale_of(message, k);
    if (!(scale >= 0) || !std::isfinite(scale)) {
      throw PeerError("a message with a scale that cannot be");
    }
  }
}

}  // namespace kith
