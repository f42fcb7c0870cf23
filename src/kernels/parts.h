#pragma once

#include <algorithm>

#include "core/array.h"

namespace kith::kernels {

/// Calls work(offset, size) for vectors of `size` numbers, part by part and in order: what takes
/// several operations is done to a part while it is in a processor's cache, so that memory is read
/// and written once. A device, whose launches cost more than that, has all in one part. All parts
/// but the last have `most` numbers: of 1,024 floats, 4 KiB, a few are in the first cache.
template <std::size_t most = 1024, class Work>
void for_parts(std::size_t size, const Device& device, const Work& work) {
  const std::size_t part = device.is_cpu() ? most : size;
  for (std::size_t offset = 0; offset < size; offset += part) {
    work(offset, std::min(part, size - offset));
  }
}

}  // namespace kith::kernels
