#pragma once

#include <cstddef>
#include <memory>

#include "core/array.h"

namespace kith {

/// Brings numbers to another device. What it returns may be read when whoever made the carrier says
/// so. Throws DeviceError.
class Carrier {
 public:
  virtual ~Carrier() = default;

  virtual const Device& to() const = 0;

  /// A vector.
  virtual std::shared_ptr<Array> carry(ConstArrayView x) = 0;

  /// Numbers of any kind, `bytes` > 0 of them, into an array that may be longer.
  virtual std::shared_ptr<Array> carry(const void* from, std::size_t bytes) = 0;
};

}  // namespace kith
