#include <algorithm>

#include "core/random.h"
#include "node/activation.h"

namespace kith {
namespace {

// Where the streams of events begin: those of nodes come before.
constexpr std::uint32_t kEvents = 1u << 31;

/// Events drawn from (seed, round, place): the initiator uniformly of all nodes, its partner
/// uniformly of those that hear it in that round, the delay uniformly of 0 … max_delay.
class SeededActivation final : public Activation {
 public:
  struct Params {
    EventsPerRound events;
    std::int64_t max_delay = 0;

    void fields(Fields& f) {
      events.fields(f);
      f.optional("max_delay", max_delay,
                 "gradients are of a model up to so many events old, drawn uniformly",
                 Range{.at_least = 0, .at_most = 1e6});
    }
  };

  explicit SeededActivation(const Params& params) : params_(params) {}

  std::int64_t events_per_round(std::int64_t nodes) const override {
    return params_.events.of(nodes);
  }
  std::int64_t most_delay() const override { return params_.max_delay; }

  std::vector<Event> events_of(Uid node, Round round, const Schedule& schedule,
                               std::uint64_t seed) const override {
    const Neighborhood own = schedule.neighborhood(node, round);
    const std::int64_t count = events_per_round(schedule.nodes());
    std::vector<Event> events;
    for (std::int64_t place = 0; place < count; ++place) {
      Random random(seed, Purpose::kNode, kEvents + static_cast<std::uint32_t>(place),
                    static_cast<std::uint32_t>(round));
      Event event;
      event.number = round * count + place;
      event.place = static_cast<Kind>(place);
      event.initiator =
          static_cast<Uid>(random.below(static_cast<std::uint32_t>(schedule.nodes())));
      // Whoever does not hear the initiator is no partner: the rest need not be drawn.
      const bool may_concern =
          event.initiator == node ||
          std::ranges::binary_search(own.senders, event.initiator, {}, &Neighborhood::Sender::uid);
      if (!may_concern) continue;
      const std::vector<Uid> partners =
          event.initiator == node ? own.receivers
                                  : schedule.neighborhood(event.initiator, round).receivers;
      event.partner = partners.empty()
                          ? event.initiator
                          : partners[random.below(static_cast<std::uint32_t>(partners.size()))];
      event.delay = random.below(static_cast<std::uint32_t>(params_.max_delay + 1));
      if (event.initiator == node || event.partner == node) events.push_back(event);
    }
    return events;
  }

  void check(std::int64_t, Round) const override {}

 private:
  Params params_;
};

const Register<Activation, SeededActivation> registered{
    "seeded", "one event after another, drawn from the run's seed"};

}  // namespace
}  // namespace kith
