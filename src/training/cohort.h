#pragma once

#include <cstdint>
#include <exception>
#include <span>

#include "training/trainer.h"

namespace kith {

/// What one node of a cohort wants: its gradient, or its local steps.
struct Assignment {
  Trainer& trainer;
  ConstArrayView x;
  ArrayView out;
  std::int64_t steps = 0;  ///< out ← x after so many; 0: out ← the gradient at x

  std::exception_ptr error = nullptr;  ///< what this node's training threw
  double compute_s = 0;                ///< its share of the time
};

/// Nodes that share an architecture, trained as one computation over stacked parameters.
///
/// A node has its place by its uid, and the computation has as many places as a cohort has, filled
/// or not, each for as many samples as a batch can have. So what a node gets depends on its own
/// parameters and samples and on `places`, and never on who else was there.
struct CohortShape {
  std::int64_t places = 0;  ///< 0: every node by itself
  std::int64_t batch = 0;   ///< samples for each

  std::int64_t cohort_of(Uid uid) const { return uid / places; }
  std::size_t place_of(Uid uid) const { return static_cast<std::size_t>(uid % places); }
};

/// Carries out assignments of nodes of one cohort, step by step together.
void train_together(Model& model, const CohortShape& shape,
                    std::span<Assignment* const> assignments);

}  // namespace kith
