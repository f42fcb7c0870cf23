#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "communication/group.h"
#include "communication/message.h"
#include "core/array.h"
#include "core/clock.h"
#include "core/registry.h"
#include "core/types.h"
#include "mapping/mapping.h"

namespace kith {

/// How messages reach the nodes of this process and of others. It moves bytes; waiting, order and
/// back-pressure are the PostOffice's, so that every transport behaves alike.
class Transport {
 public:
  /// Options of every transport.
  struct Common {
    std::int64_t max_lead = 1;
    double start_timeout_s = 60;
    double heartbeat_s = 1;
    double heartbeat_timeout_s = 6;
    double progress_timeout_s = 300;
    std::string on_failure = "fail";

    void fields(Fields& f) {
      f.optional("max_lead", max_lead, "rounds a sender may be ahead of a reader",
                 Range{.at_least = 1, .at_most = 1000});
      f.optional("start_timeout_s", start_timeout_s,
                 "how long processes wait for each other at the start", Range{.above = 0});
      f.optional("heartbeat_s", heartbeat_s, "seconds between signs of life to other processes",
                 Range{.at_least = 0.05});
      f.optional("heartbeat_timeout_s", heartbeat_timeout_s,
                 "a process that is silent for so long has failed", Range{.at_least = 0.2});
      f.check(heartbeat_timeout_s >= 2 * heartbeat_s, "heartbeat_timeout_s",
              "must be at least twice heartbeat_s, " + json_number(heartbeat_s));
      f.optional("progress_timeout_s", progress_timeout_s,
                 "the run has failed when no local step ends for so long", Range{.above = 0});
      f.optional("on_failure", on_failure, "what a lost process means: the run has failed",
                 Choices{{"fail"}});
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

  /// How a process is getting on, as its heartbeat says.
  struct Pulse {
    std::uint64_t progress = 0;  ///< grows while work goes on
    bool working = true;         ///< not only waiting for others
    Round round = 0;             ///< the lowest that a node is in
  };

  /// What a transport is made for.
  struct Context {
    const Common& common;  ///< outlives the transport, like the pool
    const Placement& placement;
    int process = 0;  ///< which of the placement's this is
    std::int64_t processes_per_machine = 1;
    ArrayPool& vectors;    ///< where vectors that arrive are put
    bool two_way = false;  ///< whether every round has a letter back on every edge
    std::function<int()> pending_signal = [] { return 0; };
    Round rounds = Round{1} << 47;  ///< of the run, and exchanges of a round: what lies beyond
    int exchanges = 1 << 15;        ///< them, nobody can have sent
    int lanes = 0;                  ///< of loose messages, for each a kind
    std::function<double()> clock_s = now_s;
  };

  static Registry<Transport, const Context&>& registry();

  virtual ~Transport() = default;

  /// The processes of the run.
  virtual Group& group() = 0;

  /// Waits until all processes are there. `about` is what must be the same in all, as (name, value)
  /// in a fixed order; `words` are process 0's to all, which the call gives. Throws PeerError that
  /// names who is missing, ConfigError that names the first difference.
  using Facts = std::vector<std::pair<std::string, std::string>>;
  virtual std::string join(const Facts& about, const std::string& words) = 0;

  /// From now on letters are delivered. `arrivals` outlives the transport's use, and `pulse` may be
  /// asked until `finish` or `fail` return.
  virtual void start(Arrivals& arrivals, std::function<Pulse()> pulse) = 0;

  /// What ended the run elsewhere, when something did. From any thread.
  virtual std::optional<Error> failure() const { return std::nullopt; }

  /// Says goodbye, when all is done.
  virtual void finish() = 0;

  /// Tells the others why this process ends. Once; also after `failure`.
  virtual void fail(const std::string& why) = 0;

  /// Hands `message` over for each of `receivers`. Never waits for them. Thread-safe.
  virtual void send(const Message& message, std::span<const Uid> receivers) = 0;

  /// Tells whoever may send to `node`, of this process, that it has come to `round`. Thread-safe.
  virtual void announce(Uid node, Round round) = 0;

  /// Bytes this process really put on a wire.
  virtual std::uint64_t wire_bytes() const = 0;

  /// What came and was no message of this run, by reason.
  virtual Rejections rejected() const { return {}; }
};

}  // namespace kith
