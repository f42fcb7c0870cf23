#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/buffer.h"
#include "core/layout.h"

namespace kith {

/// A vector's coordinates dealt to fragments: each tensor's in a random order, an equal share to
/// every fragment but for what rounding leaves. All nodes of a run have the same ones.
class Fragments {
 public:
  struct Part {
    std::size_t offset = 0;
    std::size_t size = 0;
  };

  /// Those of a run: made once a thread and device, and kept until others are asked for there.
  static const Fragments& of(const ParameterLayout& layout, std::size_t count, std::uint64_t seed,
                             const Device& device = {});

  Fragments(const ParameterLayout& layout, std::size_t count, std::uint64_t seed,
            const Device& device = {});

  std::size_t count() const { return parts_.size(); }

  /// All coordinates, fragment by fragment, ascending within each, in the memory of the device.
  std::span<const std::uint32_t> coordinates() const { return coordinates_; }

  /// Where fragment f stands in `coordinates`.
  const Part& part(std::size_t f) const { return parts_[f]; }

 private:
  Buffer<std::uint32_t> coordinates_;
  std::vector<Part> parts_;
};

}  // namespace kith
