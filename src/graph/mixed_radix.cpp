#include "graph/mixed_radix.h"

#include <algorithm>
#include <map>

namespace kith {
namespace {

/// Finds the shortest list of factors, none above a bound.
class Factorization {
 public:
  Factorization(std::int64_t count, std::int64_t largest) {
    for (std::int64_t d = std::min(count, largest); d >= 2; --d) {
      if (count % d == 0) divisors_.push_back(d);
    }
  }

  /// The factors of `count`; they are none also where there is no such list, as for a large prime.
  const std::vector<std::int64_t>& shortest(std::int64_t count) {
    const auto [found, is_new] = known_.try_emplace(count);
    std::vector<std::int64_t>& best = found->second;
    if (!is_new || count == 1) return best;
    for (const std::int64_t divisor : divisors_) {
      if (count % divisor != 0) continue;
      const std::vector<std::int64_t>& rest = shortest(count / divisor);
      if (rest.empty() && count != divisor) continue;
      if (!best.empty() && rest.size() + 1 >= best.size()) continue;
      best = rest;
      best.insert(best.begin(), divisor);
    }
    return best;
  }

 private:
  std::vector<std::int64_t> divisors_;  // descending
  std::map<std::int64_t, std::vector<std::int64_t>> known_;
};

}  // namespace

std::optional<MixedRadix> MixedRadix::of(std::int64_t count, std::int64_t most_values) {
  MixedRadix radix;
  radix.values_ = Factorization(count, most_values).shortest(count);
  if (radix.values_.empty() && count > 1) return std::nullopt;
  std::ranges::sort(radix.values_);
  std::int64_t stride = 1;
  for (const std::int64_t values : radix.values_) {
    radix.strides_.push_back(stride);
    stride *= values;
  }
  return radix;
}

Group MixedRadix::group(std::int64_t number, std::int64_t digit) const {
  const std::int64_t values = values_[std::size_t(digit)];
  const std::int64_t stride = strides_[std::size_t(digit)];
  return {number - number / stride % values * stride, stride, values};
}

std::int64_t smooth_part(std::int64_t count, std::int64_t largest) {
  std::int64_t rest = count;
  for (std::int64_t d = 2; d <= largest && rest > 1; ++d) {
    while (rest % d == 0) rest /= d;
  }
  return count / rest;
}

}  // namespace kith
