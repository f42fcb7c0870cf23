#pragma once

#include <span>

#include "kernels/mix_coded.h"

namespace kith::kernels {

/// What a node of CHOCO-SGD does with a round's differences (sharing/choco.cpp), in one pass. With
/// its own difference q_i and its neighbors' q_j, each as it came, and the weights W_ij of `heard`:
///
///     public_copy += q_i;  pull += W_ij q_j, pull −= W_ij q_i, neighbor by neighbor;
///     out = y + γ pull
///
/// Each product and sum is rounded once. The weight of `own` is not used. `out` may be `y`.
void choco_update(const CodedTerm& own, std::span<const CodedTerm> heard, float gamma,
                  ConstArrayView y, ArrayView public_copy, ArrayView pull, ArrayView out);

}  // namespace kith::kernels
