#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#include "node/node.h"

namespace kith {

/// How old the models were that gradients were of when these were applied, and how often.
class Staleness {
 public:
  void add(std::uint64_t age) {
    const auto bin = static_cast<std::size_t>(std::bit_width(age));
    if (counts_.size() <= bin) counts_.resize(bin + 1);
    ++counts_[bin];
    ++count_;
    sum_ += age;
  }

  /// The mean, and the counts of ages 0, 1, 2 to 3, 4 to 7, …, as metrics named after the least.
  void report_to(Node& node) const {
    if (count_ == 0) return;
    node.report("staleness_mean", static_cast<double>(sum_) / static_cast<double>(count_));
    for (std::size_t bin = 0; bin < counts_.size(); ++bin) {
      const std::uint64_t least = bin == 0 ? 0 : std::uint64_t{1} << (bin - 1);
      node.report("staleness_" + std::to_string(least), static_cast<double>(counts_[bin]));
    }
  }

 private:
  std::vector<std::uint64_t> counts_;
  std::uint64_t count_ = 0;
  std::uint64_t sum_ = 0;
};

}  // namespace kith
