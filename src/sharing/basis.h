#pragma once

#include "core/array.h"

namespace kith {

/// Other coordinates for a vector of d numbers, in which fewer of them say more: wavelets, Fourier.
/// A linear map; immutable, so thread-safe.
class Basis {
 public:
  virtual ~Basis() = default;

  /// Whether vectors may lie on a device.
  virtual bool on_device() const { return false; }

  /// How many coordinates a vector has in this basis.
  virtual std::size_t coordinates() const = 0;

  /// How many floats a coordinate is: 2 where it is a complex number, real part first.
  virtual std::size_t width() const { return 1; }

  /// `x` has d numbers, `out` width() · coordinates(); they do not overlap.
  virtual void forward(ConstArrayView x, ArrayView out) const = 0;

  /// The vector that has these coordinates, or where none has, one that has nearly those.
  virtual void inverse(ConstArrayView in, ArrayView x) const = 0;
};

}  // namespace kith
