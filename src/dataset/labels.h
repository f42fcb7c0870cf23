#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/types.h"
#include "dataset/dataset.h"

namespace kith {

/// Whether every node's training data has labels to count.
bool has_labels(const Data& data);

/// How often each label is in the training data of `node`, which holds the samples `own`. Of data
/// that has labels.
std::vector<std::uint32_t> label_counts(const Data& data, Uid node,
                                        std::span<const std::uint32_t> own);

}  // namespace kith
