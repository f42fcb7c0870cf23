#pragma once

#include <cstddef>

#include "core/inline.h"

namespace kith::kernels::KITH_LEVEL {
namespace {

/// Σ_{i < size} term(i) in the order that kernels/norms.h promises.
template <class Term>
KITH_INLINE double block_sum(std::size_t size, Term term) {
  constexpr std::size_t kBlock = 4096, kLanes = 32;
  double sum = 0;
  for (std::size_t begin = 0; begin < size; begin += kBlock) {
    const std::size_t end = size - begin < kBlock ? size : begin + kBlock;
    double lane[kLanes] = {};
    std::size_t i = begin;
    for (; i + kLanes <= end; i += kLanes) {
      for (std::size_t k = 0; k < kLanes; ++k) lane[k] += term(i + k);
    }
    for (std::size_t k = 0; i + k < end; ++k) lane[k] += term(i + k);
    for (std::size_t apart = kLanes / 2; apart > 0; apart /= 2) {
      for (std::size_t k = 0; k < apart; ++k) lane[k] += lane[k + apart];
    }
    sum += lane[0];
  }
  return sum;
}

}  // namespace
}  // namespace kith::kernels::KITH_LEVEL
