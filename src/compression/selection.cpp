#include "compression/selection.h"

#include <algorithm>

#include "core/scratch.h"
#include "kernels/sparse.h"
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

void Selection::largest(ConstArrayView x, Compressed& out) const {
  out.indices.resize(kept_);
  out.values.resize(kept_);
  const auto scratch = scratch_numbers<Selection, std::uint32_t>(
      x.device.is_cpu() ? x.size + kernels::kTopKSlack : 0);
  std::size_t at = 0;
  for (const auto& [segment, kept] : parts_) {
    const std::span indices = out.indices.span().subspan(at, kept);
    kernels::top_k(x.part(segment.offset, segment.size), scratch, indices,
                   out.values.view().part(at, kept));
    if (segment.offset > 0) {
      kernels::shift_indices(indices, static_cast<std::uint32_t>(segment.offset), x.device);
    }
    at += kept;
  }
  require_finite(out.values.view());  // what is not finite is among the largest
}

}  // namespace kith
