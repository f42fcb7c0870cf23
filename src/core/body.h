#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/array.h"

namespace kith {

/// What a message carries: a run of numbers that nobody changes any more, with whoever keeps them
/// alive. Copying it copies no number.
class Body {
 public:
  Body() = default;

  /// A whole vector, as it lies in memory.
  explicit Body(Slot vector)
      : owner_(vector), floats_(vector->view()), size_(floats_.size * sizeof(float)) {}

  /// Coded bytes, of which `metadata_bytes` are indices, seeds and scales.
  explicit Body(std::vector<std::byte> coded, std::uint64_t metadata_bytes = 0)
      : metadata_bytes_(metadata_bytes) {
    auto bytes = std::make_shared<const std::vector<std::byte>>(std::move(coded));
    coded_ = *bytes;
    size_ = coded_.size();
    owner_ = std::move(bytes);
  }

  /// The vector, when the body is one; else a view of nothing.
  ConstArrayView floats() const { return floats_; }

  /// The coded bytes, when the body is not a plain vector.
  ByteView coded() const { return coded_; }

  /// Bytes on the wire, header excluded.
  std::uint64_t size() const { return size_; }
  std::uint64_t metadata_bytes() const { return metadata_bytes_; }

 private:
  std::shared_ptr<const void> owner_;
  ConstArrayView floats_;
  ByteView coded_;
  std::uint64_t size_ = 0;
  std::uint64_t metadata_bytes_ = 0;
};

}  // namespace kith
