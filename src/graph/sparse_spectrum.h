#pragma once

#include <optional>

#include "graph/mixing_matrix.h"

namespace kith {

/// An end of a spectrum, on the vectors that sum to zero.
enum class End { kTop, kBottom };

/// Three ways to the eigenvalue at one end of a large sparse W = Wᵀ with W 1 = 1. Each gives up
/// after some ten seconds.

/// Lanczos iterations: quick where the eigenvalues at the end stand apart, as in random graphs. At
/// the top at least 0.
std::optional<double> lanczos_end(const MixingMatrix& w, End end);

/// Lanczos iterations on the inverse of W − σ I for σ just beyond the end, from its factors: quick
/// where the graph falls apart when few nodes are taken out, as do long rings and trees, whatever
/// their eigenvalues.
std::optional<double> factorized_end(const MixingMatrix& w, End end);

/// The same by conjugate gradients: quick where what nodes keep for themselves differs much, as
/// where one weight fits hubs and leaves.
std::optional<double> conjugate_gradient_end(const MixingMatrix& w, End end);

/// Whether factorized_end is likely to be quick.
bool falls_apart(const Graph& graph);

/// Of any W, by Lanczos iterations: ‖W − J‖₂, and the smallest eigenvalue where W = Wᵀ.
std::optional<double> lanczos_norm(const MixingMatrix& w, bool symmetric);
std::optional<double> lanczos_smallest(const MixingMatrix& w);

}  // namespace kith
