#pragma once

#include "compression/code.h"
#include "core/registry.h"

namespace kith {

/// Numbers as bytes. Without state, so thread-safe.
class ValueCodec {
 public:
  using Common = NoCommon;

  static Registry<ValueCodec>& registry();

  virtual ~ValueCodec() = default;

  /// Appends the code of `values`, which are in host memory. A lossy codec throws NumericError for
  /// what it cannot represent.
  virtual void encode(ConstArrayView values, Bytes& out) const = 0;

  /// Fills `out` with the numbers that all of `code` stands for, as many as `out` has. Throws
  /// CorruptError unless there are such numbers.
  virtual void decode(ByteView code, ArrayView out) const = 0;

  /// What the code of `count` values takes at most.
  virtual std::size_t most(std::size_t count) const = 0;

  /// Whether every code of so many values is as long as that.
  virtual bool fixed_size() const = 0;

  /// Whether every number, NaN included, comes back as the same bits.
  virtual bool lossless() const = 0;

  /// How many bytes at the front of a code are no numbers but scales.
  virtual std::size_t metadata_bytes() const { return 0; }

  /// Behind the metadata, a code is made of words of so many bytes, 1, 2 or 4: for what packs it
  /// further.
  virtual int word() const { return 1; }
};

}  // namespace kith
