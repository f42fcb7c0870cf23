#pragma once

#include <algorithm>
#include <cstddef>

#include "kernels/half.h"
#include "kernels/mix_coded.h"
#include "kernels/quantize.h"
#include "kernels/vector_ops.h"

/// For operations of several passes on a processor: pieces that stay in its cache in between.
namespace kith::kernels {

struct Piece {
  std::size_t begin;
  std::size_t size;
};

/// A vector's coordinates in pieces of 64 KiB.
class Pieces {
 public:
  explicit Pieces(std::size_t size) : size_(size) {}

  class Iterator {
   public:
    Iterator(std::size_t at, std::size_t size) : at_(at), size_(size) {}
    Piece operator*() const { return {at_, std::min(kPiece, size_ - at_)}; }
    Iterator& operator++() {
      at_ += std::min(kPiece, size_ - at_);
      return *this;
    }
    bool operator!=(const Iterator& other) const { return at_ != other.at_; }

   private:
    static constexpr std::size_t kPiece = 16384;
    std::size_t at_;
    std::size_t size_;
  };

  Iterator begin() const { return {0, size_}; }
  Iterator end() const { return {size_, size_}; }

 private:
  std::size_t size_;
};

/// out_i += scale · number first + i of the term, whose own weight is left out of it.
inline void add_coded(const CodedTerm& term, float scale, std::size_t first, ArrayView out) {
  const auto* const bytes = static_cast<const std::uint8_t*>(term.numbers);
  switch (term.format) {
    case Format::kFloat32:
      return add_scaled(out, scale, {static_cast<const float*>(term.numbers) + first, out.size, {}},
                        out);
    case Format::kBf16:
      return add_bf16(bytes + 2 * first, scale, out);
    case Format::kFp16:
      return add_fp16(bytes + 2 * first, scale, out);
    case Format::kUint8:
      return add_dequantized(term.grid, bytes + first, scale, out);
  }
}

}  // namespace kith::kernels
