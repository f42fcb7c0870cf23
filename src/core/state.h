#pragma once

#include <string_view>

#include "core/array.h"

namespace kith {

/// Walks over what an object must keep to go on where it stopped. An object lists its state once,
/// in one function; whoever saves, restores, hashes or counts it brings a walker.
class StateWalker {
 public:
  virtual ~StateWalker() = default;

  /// A vector; the walker may read or write its elements. Names are unique within an object.
  virtual void tensor(std::string_view name, ArrayView values) = 0;
};

}  // namespace kith
