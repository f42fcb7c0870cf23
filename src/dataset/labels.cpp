#include "dataset/labels.h"

namespace kith {

bool has_labels(const Data& data) {
  return data.quadratics ? !data.quadratics->labels.empty()
                         : data.task == Objective::kClassification;
}

std::vector<std::uint32_t> label_counts(const Data& data, Uid node,
                                        std::span<const std::uint32_t> own) {
  if (data.quadratics) {
    const std::vector<std::uint32_t>& labels = data.quadratics->labels;
    const auto classes =
        static_cast<std::ptrdiff_t>(labels.size()) / std::ptrdiff_t{data.quadratics->nodes};
    const auto row = labels.begin() + node * classes;
    return {row, row + classes};
  }
  std::vector<std::uint32_t> counts(static_cast<std::size_t>(data.classes));
  for (const std::uint32_t sample : own) {
    ++counts[static_cast<std::size_t>(data.train.labels[sample])];
  }
  return counts;
}

}  // namespace kith
