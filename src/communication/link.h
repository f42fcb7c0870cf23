#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "communication/header.h"
#include "core/array.h"

namespace kith {

using Bytes = std::vector<std::byte>;

/// Carries frames between the processes of a run: each pair's in order, nothing lost while both
/// live. What the frames mean is the RemoteTransport's; so ZeroMQ and MPI are this interface.
///
/// All but `send`, `wake` and `wire_bytes` is called by one thread, from `join` to `close`.
class Link {
 public:
  struct Frame {
    HeaderBytes header;
    ByteView payload;
    std::shared_ptr<const void> keep;  ///< keeps the payload's bytes until they are gone
  };

  /// Who is told what comes.
  class Listener {
   public:
    virtual ~Listener() = default;

    /// Process 0's welcome is known. Before anything else.
    virtual void welcomed(ByteView welcome) = 0;

    /// A frame of process `from` comes. Gives where its payload belongs, null where it is unwanted.
    virtual std::byte* arriving(int from, const Header& header) = 0;

    /// Its payload is where it belongs. `bytes` are the header's, `hash` is the payload's
    /// (payload_hash), taken from where it now lies.
    virtual void arrived(int from, const Header& header, ByteView bytes, std::uint64_t hash) = 0;

    /// What came from process `from`, or from a stranger (−1), is no message.
    virtual void rejected(int from, Rejection reason) = 0;

    /// The connection to `process` broke.
    virtual void lost(int process, const std::string& why) = 0;
  };

  /// How the processes of a run find each other.
  struct Meeting {
    Bytes hello;    ///< what this process says of itself to process 0
    Bytes welcome;  ///< what process 0 says to all; its first 16 bytes are the run's id
    /// Why a process that said `hello` cannot take part; "" when it can. Asked in process 0.
    std::function<std::string(int process, ByteView hello)> objection;
    std::string password;  ///< what all processes of the run know, and few others
    double timeout_s = 60;
    std::function<int()> pending_signal;
  };

  virtual ~Link() = default;

  virtual int process() const = 0;
  virtual int processes() const = 0;

  /// "10.0.0.3:2002", or what else names where a process runs; "" when not known.
  virtual std::string address(int process) const = 0;

  /// Waits until all processes are there, connected each to each, and gives process 0's welcome.
  /// Throws PeerError that names who is missing, ConfigError for an objection.
  virtual Bytes join(const Meeting& meeting, Listener& listener) = 0;

  /// Sends `frames` to process `to`, one after the other with none between. Never waits. Urgent
  /// ones overtake. From any thread.
  virtual void send(int to, std::vector<Frame> frames, bool urgent) = 0;

  /// Tells `listener` what comes, for at most so long.
  virtual void poll(Listener& listener, double limit_s) = 0;

  /// Ends a `poll`. From any thread.
  virtual void wake() = 0;

  /// Sends what is left of what is urgent, for at most so long, and closes.
  virtual void close(double linger_s) = 0;

  /// Bytes handed to the network so far. From any thread.
  virtual std::uint64_t wire_bytes() const = 0;
};

}  // namespace kith
