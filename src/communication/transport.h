#pragma once

#include <cstdint>
#include <span>

#include "communication/message.h"
#include "core/registry.h"
#include "core/types.h"

namespace kith {

/// How messages reach the nodes of this process and of others. It moves bytes; waiting, order and
/// back-pressure are the PostOffice's, so that every transport behaves alike.
class Transport {
 public:
  /// Options of every transport.
  struct Common {
    std::int64_t max_lead = 1;
    double progress_timeout_s = 300;

    void fields(Fields& f) {
      f.optional("max_lead", max_lead, "rounds a sender may be ahead of a reader",
                 Range{.at_least = 1, .at_most = 1000});
      f.optional("progress_timeout_s", progress_timeout_s,
                 "the run has failed when no local step ends for so long", Range{.above = 0});
    }
  };

  /// Where a transport puts what arrives for the nodes of this process. Thread-safe.
  class Arrivals {
   public:
    virtual ~Arrivals() = default;
    virtual void deliver(Uid receiver, const Message& message) = 0;

    /// `node`, of this process or another, has come to `round`.
    virtual void entered(Uid node, Round round) = 0;
  };

  static Registry<Transport>& registry();

  virtual ~Transport() = default;

  /// Connects; called once, before any node runs. `arrivals` outlives the transport's use.
  virtual void start(Arrivals& arrivals) = 0;

  /// Hands `message` over for each of `receivers`. Never waits for them. Thread-safe.
  virtual void send(const Message& message, std::span<const Uid> receivers) = 0;

  /// Tells whoever may send to `node`, of this process, that it has come to `round`. Thread-safe.
  virtual void announce(Uid node, Round round) = 0;

  /// Bytes this process really put on a wire.
  virtual std::uint64_t wire_bytes() const = 0;
};

}  // namespace kith
