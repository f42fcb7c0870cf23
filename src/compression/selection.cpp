#include "compression/selection.h"

#include <algorithm>

#include "kernels/top_k.h"

namespace kith {

Selection::Selection(const Options& options, const ParameterLayout& layout) {
  for (const Segment& segment : options.scope.segments(layout)) {
    parts_.push_back({segment, options.keep.of(segment.size)});
    kept_ += parts_.back().kept;
  }
}

double Selection::error() const {
  double error = 0;
  for (const auto& [segment, kept] : parts_) {
    error = std::max(error, 1 - static_cast<double>(kept) / static_cast<double>(segment.size));
  }
  return error;
}

Compressed Selection::largest(ConstArrayView x) const {
  Compressed message;
  message.indices.resize(kept_);
  message.values.resize(kept_);
  thread_local std::vector<std::uint32_t> scratch;  // one a thread, not one a node
  scratch.resize(std::max(scratch.size(), x.size + kernels::kTopKSlack));
  std::size_t at = 0;
  for (const auto& [segment, kept] : parts_) {
    const std::span indices = std::span(message.indices).subspan(at, kept);
    kernels::top_k(x.part(segment.offset, segment.size), scratch, indices,
                   {message.values.data() + at, kept, {}});
    for (std::uint32_t& index : indices) index += static_cast<std::uint32_t>(segment.offset);
    at += kept;
  }
  require_finite(message.value_view());  // what is not finite is among the largest
  return message;
}

}  // namespace kith
