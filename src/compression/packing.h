#pragma once

#include <memory>
#include <vector>

#include "compression/byte_codec.h"
#include "compression/index_codec.h"
#include "compression/value_codec.h"

namespace kith {

/// Codecs of bytes, one after another.
using Packers = std::vector<std::unique_ptr<const ByteCodec>>;

/// Indices through one codec, and its bytes through others.
class PackedIndices : public IndexCodec {
 public:
  PackedIndices(std::unique_ptr<const IndexCodec> numbers, Packers packers)
      : numbers_(std::move(numbers)), packers_(std::move(packers)) {}

  void encode(IndexView indices, std::uint32_t d, Bytes& out) const override;
  void decode(ByteView code, std::uint32_t d, std::vector<std::uint32_t>& out) const override;

 private:
  std::unique_ptr<const IndexCodec> numbers_;
  Packers packers_;
};

/// Numbers through one codec, and its bytes through others; its metadata is left as it is.
class PackedValues : public ValueCodec {
 public:
  PackedValues(std::unique_ptr<const ValueCodec> numbers, Packers packers)
      : numbers_(std::move(numbers)), packers_(std::move(packers)) {}

  void encode(ConstArrayView values, Bytes& out) const override;
  void decode(ByteView code, ArrayView out) const override;
  std::size_t most(std::size_t count) const override;
  bool fixed_size() const override { return false; }
  bool lossless() const override { return numbers_->lossless(); }
  std::size_t metadata_bytes() const override { return numbers_->metadata_bytes(); }

 private:
  std::unique_ptr<const ValueCodec> numbers_;
  Packers packers_;
};

inline Packers packed_by(std::unique_ptr<const ByteCodec> packer) {
  Packers packers;
  packers.push_back(std::move(packer));
  return packers;
}

/// A codec of bytes that stands where a codec of indices is asked for: gaps of four bytes go
/// through it.
template <class Packer>
class IndicesThrough final : public PackedIndices {
 public:
  using Params = typename Packer::Params;

  explicit IndicesThrough(const Params& params)
      : PackedIndices(registry().standard("gaps").make(),
                      packed_by(std::make_unique<Packer>(params))) {}
};

/// The same for numbers: as they lie in memory they go through it.
template <class Packer>
class ValuesThrough final : public PackedValues {
 public:
  using Params = typename Packer::Params;

  explicit ValuesThrough(const Params& params)
      : PackedValues(registry().standard("none").make(),
                     packed_by(std::make_unique<Packer>(params))) {}
};

}  // namespace kith
