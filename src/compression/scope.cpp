#include "compression/scope.h"

#include <algorithm>
#include <cmath>

namespace kith {

std::vector<Segment> Scope::segments(const ParameterLayout& layout) const {
  std::vector<Segment> segments;
  if (scope == "global") {
    segments.push_back({0, layout.size});
  } else {
    for (const auto& tensor : layout.tensors) segments.push_back({tensor.offset, tensor.size});
  }
  std::erase_if(segments, [](const Segment& segment) { return segment.size == 0; });
  return segments;
}

std::vector<Segment> BucketedScope::segments(const ParameterLayout& layout) const {
  std::vector<Segment> whole = Scope::segments(layout);
  if (!bucket) return whole;
  const auto most = static_cast<std::size_t>(*bucket);
  std::vector<Segment> parts;
  for (const Segment& segment : whole) {
    for (std::size_t at = 0; at < segment.size; at += most) {
      parts.push_back({segment.offset + at, std::min(most, segment.size - at)});
    }
  }
  return parts;
}

std::size_t Keep::of(std::size_t size) const {
  const std::size_t wanted =
      fraction ? static_cast<std::size_t>(std::nearbyint(*fraction * static_cast<double>(size)))
               : static_cast<std::size_t>(*k);
  return std::min(size, std::max<std::size_t>(1, wanted));
}

}  // namespace kith
