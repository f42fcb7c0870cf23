#pragma once

#include <optional>
#include <span>

#include "compression/code.h"
#include "core/registry.h"

namespace kith {

using IndexView = std::span<const std::uint32_t>;

/// No codec takes more for indices below d, however many there are.
constexpr std::size_t most_index_bytes(std::uint32_t d) { return 5 * std::size_t{d} + 64; }

/// Which coordinates of a vector of length d a message is about: strictly ascending indices below
/// d, as bytes. Without state, so thread-safe.
class IndexCodec {
 public:
  using Common = NoCommon;

  static Registry<IndexCodec>& registry();

  virtual ~IndexCodec() = default;

  /// Appends the code of `indices`, which ascend strictly and are below `d`. No indices have the
  /// empty code.
  virtual void encode(IndexView indices, std::uint32_t d, Bytes& out) const = 0;

  /// Replaces `out` by the indices that all of `code` stands for. Throws CorruptError unless there
  /// are such indices; what it allocates is bounded by d and by the size of the code.
  virtual void decode(ByteView code, std::uint32_t d, std::vector<std::uint32_t>& out) const = 0;

  /// How long every code of `count` indices below `d` is, if that does not depend on them.
  virtual std::optional<std::size_t> fixed_size(std::size_t /*count*/, std::uint32_t /*d*/) const {
    return std::nullopt;
  }

  /// A code is made of words of so many bytes, 1 or 4: for what packs it further.
  virtual int word() const { return 1; }
};

}  // namespace kith
