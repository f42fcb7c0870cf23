#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "communication/header.h"
#include "communication/landing.h"
#include "communication/link.h"
#include "communication/transport.h"

namespace kith {

/// What is in a frame that a process of this run must not send. It ends the run.
struct Violation {
  Rejection reason;
  std::string words;
};

/// Puts together the letters that one other process sends, chunk by chunk, each where it stays. It
/// believes nothing: sizes are checked before anything is allocated for them. After a Violation
/// nothing more of that process can be understood.
class Incoming {
 public:
  /// What letters this run can have.
  struct Rules {
    const Placement& placement;
    int process;                    ///< this one
    int from;                       ///< the other
    std::uint64_t most_body_bytes;  ///< of a node's message
    Round max_lead;
    Round rounds;   ///< of the run
    int exchanges;  ///< of a round
    ArrayPool& vectors;
    const std::vector<std::atomic<Round>>& now;  ///< by node: the round that those here are in
    int lanes = 0;                               ///< of loose messages
    Landing* landing = nullptr;                  ///< where vectors lie on a device
  };

  explicit Incoming(const Rules& rules) : rules_(rules) {}

  /// Where the payload of the next frame of a letter belongs. Throws Violation.
  std::byte* place(const Header& header);

  /// A letter that is complete.
  struct Letter {
    Message message;
    std::vector<Uid> receivers;
  };

  /// Its payload is there, and its checksum holds. True when the letter is complete: then `letter`
  /// has it.
  bool add(const Header& header, Letter& letter);

 private:
  std::byte* place_floats(const Header& header);
  void begin(const Header& header);
  void accept(Uid receiver);
  void forget_the_past();

  Rules rules_;
  bool open_ = false;
  Header head_;             // of the letter that is coming
  std::uint32_t next_ = 0;  // chunk
  std::vector<Uid> receivers_;
  std::shared_ptr<Array> floats_;
  std::shared_ptr<Staging::Chunk> chunk_;  // on its way to a device
  Bytes coded_;
  std::unordered_map<std::uint64_t, std::uint64_t>
      last_;                      // by (sender, receiver): (round, kind) + 1
  std::size_t most_last_ = 1024;  // then what is over is forgotten
};

}  // namespace kith
