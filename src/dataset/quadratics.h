#pragma once

#include <cstdint>
#include <vector>

namespace kith {

/// Node i minimizes f_i(x) = ½ (x − b_i)ᵀ A_i (x − b_i): the problem on which theory is exact.
struct Quadratics {
  std::int64_t nodes = 0;
  std::int64_t dimension = 0;
  std::vector<double> a;   ///< [n][d][d]
  std::vector<double> b;   ///< [n][d]
  std::vector<double> x0;  ///< [n][d], or empty: start at zero

  /// [n][classes], or empty: how many samples of each label the function of a node stands for.
  /// Nothing is computed from them; protocols that choose by labels see them.
  std::vector<std::uint32_t> labels;
};

}  // namespace kith
