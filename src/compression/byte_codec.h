#pragma once

#include "compression/code.h"
#include "core/registry.h"

namespace kith {

/// Bytes as fewer bytes, of what another codec has written. Without state, so thread-safe.
class ByteCodec {
 public:
  using Common = NoCommon;

  static Registry<ByteCodec>& registry();

  virtual ~ByteCodec() = default;

  /// Appends the code of `bytes`, of which there are some, in words of `word` bytes: 1, 2 or 4.
  virtual void encode(ByteView bytes, int word, Bytes& out) const = 0;

  /// Appends the bytes that all of `code` stands for. Throws CorruptError unless there are such
  /// bytes, at least one and at most `most`; never allocates more than those.
  virtual void decode(ByteView code, int word, std::size_t most, Bytes& out) const = 0;

  /// What the code of `size` bytes takes at most.
  virtual std::size_t most(std::size_t size) const = 0;
};

}  // namespace kith
