#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "kernels/dwt.h"

namespace kith {

/// The multilevel discrete wavelet transform of vectors of one size, with an orthogonal wavelet and
/// PyWavelets' default treatment of the ends (`pywt.wavedec(x, wavelet, level=levels)`).
///
/// The coefficients lie in one run: the approximation, then the details from the coarsest to the
/// finest, [cA_n, cD_n, …, cD_1]. There are a few more of them than elements, because the signal is
/// mirrored at its ends. Immutable, so thread-safe; for float and double.
template <class Real>
class Wavelet {
 public:
  /// `name` is one of `wavelet_names()`. With 0 levels a vector is its own transform.
  Wavelet(const std::string& name, int levels, std::size_t size);

  std::size_t size() const { return lengths_.front(); }

  /// How many coefficients a vector has.
  std::size_t coefficients() const { return coefficients_; }

  using View = BasicArrayView<Real>;
  using ConstView = BasicArrayView<const Real>;

  /// `x` has size() elements, `out` coefficients(); they do not overlap, and lie on one device,
  /// which for double is the host.
  void forward(ConstView x, View out) const;

  /// The vector whose transform is `in`; where `in` is no transform of a vector, one whose
  /// transform is near.
  void inverse(ConstView in, View x) const;

  // The same in host memory.
  void forward(std::span<const Real> x, std::span<Real> out) const {
    forward({x.data(), x.size(), {}}, {out.data(), out.size(), {}});
  }
  void inverse(std::span<const Real> in, std::span<Real> x) const {
    inverse({in.data(), in.size(), {}}, {x.data(), x.size(), {}});
  }

 private:
  int levels() const { return static_cast<int>(lengths_.size()) - 1; }

  /// Where the details of `level`, 1 the finest, begin among the coefficients.
  std::size_t details_begin(int level) const;

  kernels::WaveletFilter<Real> filter_;
  std::vector<std::size_t> lengths_;  // of the approximation at each level, from the vector on
  std::size_t coefficients_ = 0;
};

/// "haar", "db2", …, "db8", "sym2", …, "sym8": Daubechies' wavelets with the shortest delay, and
/// those that are nearest to symmetric.
std::vector<std::string> wavelet_names();

}  // namespace kith
