#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

/// Codes of strictly ascending indices below a limit d. What is coded is each index's gap, its
/// distance from the one before; the first one's gap is the index plus one, as if −1 stood before
/// it, so no gap is 0. How many there are follows from the length of the code: nothing else is
/// stored.
///
/// Encoders write to `out`, which has the room that their comment names, and return how much they
/// wrote. Decoders take what anybody may have sent, and read it piece by piece: into a buffer of
/// at least kLeastPiece, until `done` is set.
namespace kith::kernels {

enum class GapFault : std::uint8_t {
  kNone,
  kIncomplete,  ///< ends within a code, or has more behind its last one than fills a byte
  kTooLarge,    ///< an index is not below the limit
  kNotMinimal,  ///< a longer form of a number than the encoder writes
};

/// A code that is being read.
struct GapReader {
  std::span<const std::byte> code;
  std::uint64_t limit = 0;     ///< d
  std::uint64_t position = 0;  ///< what has been read, in bits (varint: in bytes)
  std::uint64_t next = 0;      ///< the last index plus one
  bool done = false;           ///< no index is left, or `fault` is set
  GapFault fault = GapFault::kNone;
};

/// A window of 64 bits holds at most 57 codes, and decoders look for room once a window.
inline constexpr std::size_t kLeastPiece = 64;

/// Whether `indices` ascend strictly from `at_least` on and stay below `limit`.
bool ascend(std::span<const std::uint32_t> indices, std::uint64_t at_least, std::uint64_t limit);

}  // namespace kith::kernels
