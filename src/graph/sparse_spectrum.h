#pragma once

#include "graph/analysis.h"

namespace kith {

/// Two ways to the spectrum of a large sparse W; each leaves absent what it does not find.

/// Lanczos iterations, for any W: quick where the eigenvalues at the ends stand apart, as in random
/// graphs.
Spectrum lanczos_spectrum(const MixingMatrix& w, bool symmetric);

/// Lanczos iterations on the inverse of W − σ I for σ just beyond the ends of the spectrum, where
/// W = Wᵀ and W 1 = 1: quick where the graph falls apart when few nodes are taken out, as do long
/// rings and trees, whatever their eigenvalues.
Spectrum shift_invert_spectrum(const MixingMatrix& w);

/// Whether shift_invert_spectrum is likely to be quick.
bool falls_apart(const Graph& graph);

}  // namespace kith
