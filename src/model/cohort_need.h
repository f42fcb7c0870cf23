#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <optional>

#include "model/model.h"

namespace kith {

/// The memory of cohorts: so much for the first node, and so much more for each other.
struct CohortNeed {
  std::uint64_t first = 0;
  std::uint64_t more = 0;

  /// Absent where not even two fit.
  static std::optional<CohortNeed> measure(Model& model, std::size_t batch) {
    const auto one = model.measure_cohort(1, batch), two = model.measure_cohort(2, batch);
    if (!one || !two) return std::nullopt;
    return CohortNeed{*one, std::max(*one, *two) - *one};
  }

  std::uint64_t bytes(std::uint64_t places) const { return first + (places - 1) * more; }

  /// The most places that fit into so much; 0 where not even one does.
  std::uint64_t largest(std::uint64_t available) const {
    if (available < first) return 0;
    return more == 0 ? UINT32_MAX : 1 + (available - first) / more;
  }

  /// What "auto" means: a power of two, so that processes on machines that differ a little agree;
  /// all `nodes` where they fit; never more than four fifths of what is available. 0: off.
  std::int64_t automatic(std::uint64_t available, std::int64_t nodes) const {
    const std::uint64_t fit = largest(available / 5 * 4);
    const std::uint64_t wanted = std::bit_ceil(static_cast<std::uint64_t>(nodes));
    const std::uint64_t places = std::min({std::bit_floor(fit), wanted, kMost});
    return places < 2 ? 0 : static_cast<std::int64_t>(places);
  }

  /// More fill no card better, and make the numbers of a run harder to get elsewhere.
  static constexpr std::uint64_t kMost = 1024;
};

}  // namespace kith
