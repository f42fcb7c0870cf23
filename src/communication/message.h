#pragma once

#include <cstdint>

#include "core/body.h"
#include "core/types.h"

namespace kith {

/// Which of the messages of a round this is: 0 for the first exchange, 1 for the second, …
using Kind = std::int32_t;

/// Kinds from here on are of loose messages: of no round, read as they come.
inline constexpr Kind kFirstLoose = 1 << 15;

/// What one node tells others.
struct Message {
  Uid sender = 0;
  Round round = 0;
  Kind kind = 0;
  Body body;
};

/// Every message is accounted with the header it has on a wire, also where it crosses none.
inline constexpr std::uint64_t kHeaderBytes = 64;

/// Logical bytes of one node: the same whatever the transport, the mapping and the chunking.
struct Traffic {
  std::uint64_t bytes_sent = 0;
  std::uint64_t bytes_received = 0;
  std::uint64_t metadata_bytes_sent = 0;  ///< of bytes_sent: headers, indices, seeds, scales
  std::uint64_t messages_sent = 0;

  void count_sent(const Body& body, std::uint64_t receivers) {
    bytes_sent += receivers * (kHeaderBytes + body.size());
    metadata_bytes_sent += receivers * (kHeaderBytes + body.metadata_bytes());
    messages_sent += receivers;
  }
  void count_received(const Body& body) { bytes_received += kHeaderBytes + body.size(); }

  Traffic& operator+=(const Traffic& other) {
    bytes_sent += other.bytes_sent;
    bytes_received += other.bytes_received;
    metadata_bytes_sent += other.metadata_bytes_sent;
    messages_sent += other.messages_sent;
    return *this;
  }
};

}  // namespace kith
