#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "communication/message.h"
#include "core/array.h"

namespace kith {

/// Which run a message belongs to: of its config and its start, so that no two runs share one.
using RunId = std::array<std::uint64_t, 2>;

/// What stands in front of every frame between processes: 64 bytes, little-endian.
///
///      0  u32  magic, "KITH"             40  u16  kind: the exchange of the round
///      4  u8   version                   42  u16  incarnation of the sender
///      5  u8   length of the header      44  u32  chunk
///      6  u8   type                      48  u64  bytes of the whole body
///      7  u8   form of the body          56  u64  XXH3-64 of the bytes before and of that of the
///      8  u64  run id, first half                 payload behind
///     16  u64  run id, second half
///     24  i32  sender: a node, or a process
///     28  i32  receiver; −k: the k nodes that chunk 0 lists
///     32  i64  round
///
/// A body travels in chunks of at most kChunkBytes, numbered from 1; chunk 0 holds the receivers,
/// as i32, ascending, where there are several.
struct Header {
  enum class Type : std::uint8_t {
    kLetter = 1,     ///< a node's message
    kNews = 2,       ///< nodes that came to a round: pairs of i64, node and round
    kGroup = 3,      ///< from process to process, in order
    kHeartbeat = 4,  ///< a Pulse
    kFailure = 5,    ///< why the run ends, as text
    kGoodbye = 6,    ///< the sender has all it needs, and said all it has to say
    kJoin = 7,       ///< to process 0, before the run
    kWelcome = 8,    ///< its answer: everybody's address
    kRefusal = 9,    ///< or why not, as text; to process 0: the sender waits no longer
    kHello = 10,     ///< the first frame on every connection
    kFarewell = 11,  ///< the answer to a goodbye: all that came before it is here
  };
  static constexpr std::uint8_t kLastType = 11;

  enum class Form : std::uint8_t { kFloats = 0, kCoded = 1 };

  Type type = Type::kLetter;
  Form form = Form::kCoded;
  RunId run{};
  std::int32_t sender = 0;
  std::int32_t receiver = 0;
  Round round = 0;
  std::uint16_t kind = 0;
  std::uint16_t incarnation = 0;
  std::uint32_t chunk = 0;
  std::uint64_t body_bytes = 0;
  std::uint64_t checksum = 0;  ///< set by `write`, kept by `read`

  static constexpr std::size_t kChunkBytes = 1 << 20;

  /// How many chunks the body takes; an empty one takes one.
  std::uint32_t chunks() const;

  /// Bytes of the payload behind this header.
  std::size_t payload_bytes() const;
};

using HeaderBytes = std::array<std::byte, kHeaderBytes>;

/// The hash of a payload that a checksum covers.
std::uint64_t payload_hash(ByteView payload);

/// The bytes of `header`, before a payload of that hash.
HeaderBytes write_header(const Header& header, std::uint64_t payload_hash);

/// Why bytes from outside are no message of this run. Each has a counter.
enum class Rejection : std::uint8_t {
  kLength,    ///< too short, too long, or not as long as it says
  kMagic,     ///< not ours
  kVersion,   ///< of another version
  kRun,       ///< of another run
  kReceiver,  ///< for a node that does not live here
  kSender,    ///< from a node that does not live there
  kRound,     ///< of a round that is over or far off, or seen before
  kKind,      ///< of a type or an exchange that does not exist
  kBody,      ///< a body that this run cannot produce
  kChecksum,  ///< damaged
  kStranger,  ///< from somebody who is no process of this run
};
inline constexpr std::size_t kRejections = 11;
const char* name_of(Rejection reason);

/// How often each reason was met.
using Rejections = std::array<std::uint64_t, kRejections>;

/// Reads a header without believing it: its form and its run, nothing about nodes. Sets `reason`
/// and gives nothing when it is none.
std::optional<Header> read_header(ByteView bytes, Rejection& reason);

/// Whether the checksum in `header`, which was read from `bytes`, holds for a payload of that hash.
bool checksum_holds(const Header& header, ByteView bytes, std::uint64_t payload_hash);

}  // namespace kith
