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
};

}  // namespace kith
