#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "communication/message.h"
#include "core/registry.h"
#include "graph/schedule.h"

namespace kith {

/// One node wakes up and deals with another.
struct Event {
  std::int64_t number = 0;  ///< in the run, from 0
  Kind place = 0;           ///< in its round, from 0
  Uid initiator = 0;
  Uid partner = 0;         ///< the initiator itself where it has no neighbor
  std::int64_t delay = 0;  ///< so many events old is the model that the initiator's gradient is of

  bool is_alone() const { return partner == initiator; }
  Uid other(Uid node) const { return node == initiator ? partner : initiator; }
};

/// When the nodes of an asynchronous algorithm act. Papers analyze such algorithms as one sequence
/// of events; in a run of that sequence a node does its part in the events that it takes part in,
/// in their order, and the result is the same bits whatever the threads, processes and machines.
/// Immutable, so thread-safe.
class Activation {
 public:
  using Common = NoCommon;

  static Registry<Activation>& registry();

  /// An event's messages are told apart by its place in its round: no round may have more.
  static constexpr std::int64_t kMostEvents = 10'000;

  virtual ~Activation() = default;

  /// Whether there is one order of events. Where there is none the rest means nothing.
  virtual bool is_ordered() const { return true; }

  /// Events that make a round: as much work, for all nodes together, as in a round of others.
  virtual std::int64_t events_per_round(std::int64_t nodes) const = 0;

  /// No event's delay is larger.
  virtual std::int64_t most_delay() const = 0;

  /// The events of `round` that `node` takes part in, in their order. Equal in all processes.
  virtual std::vector<Event> events_of(Uid node, Round round, const Schedule& schedule,
                                       std::uint64_t seed) const = 0;

  /// Throws ConfigError when there cannot be so many rounds of so many nodes.
  virtual void check(std::int64_t nodes, Round rounds) const = 0;
};

/// Throws ConfigError where events may be late, for a protocol that has no late gradients.
void refuse_delays(const Activation& activation, const std::string& protocol);

/// Options of every activation.
struct EventsPerRound {
  std::optional<std::int64_t> events_per_round;

  void fields(Fields& f) {
    f.optional("events_per_round", events_per_round,
               "events between two evaluated states; as many as nodes by default",
               Range{.at_least = 1, .at_most = double{Activation::kMostEvents}});
  }
  std::int64_t of(std::int64_t nodes) const {
    return events_per_round.value_or(std::min(nodes, Activation::kMostEvents));
  }
};

}  // namespace kith
