#include <algorithm>
#include <fstream>
#include <limits>
#include <sstream>

#include "core/config.h"
#include "core/text.h"
#include "node/activation.h"

namespace kith {
namespace {

/// The events of a file: a JSON list of [initiator, partner, delay], the delay being 0 where it is
/// left out. So a run follows a sequence that was recorded, or made by hand, elsewhere.
class TraceActivation final : public Activation {
 public:
  struct Params {
    Path path;
    EventsPerRound events;

    void fields(Fields& f) {
      f.required("path", path, "a JSON list of [initiator, partner, delay]");
      events.fields(f);
    }
  };

  explicit TraceActivation(const Params& params)
      : per_round_(params.events), file_(params.path.value.string()) {
    std::ifstream stream(params.path.value);
    std::ostringstream text;
    if (!(text << stream.rdbuf())) throw InputError(file_ + ": cannot be read");
    try {
      for (const Config& entry : Config::parse(text.str(), file_).elements()) add(entry);
    } catch (const ConfigError& error) {
      throw InputError(error.what());
    }
  }

  std::int64_t events_per_round(std::int64_t nodes) const override { return per_round_.of(nodes); }
  std::int64_t most_delay() const override { return most_delay_; }

  std::vector<Event> events_of(Uid node, Round round, const Schedule& schedule,
                               std::uint64_t) const override {
    const std::int64_t count = events_per_round(schedule.nodes());
    std::vector<Event> own;
    for (std::int64_t place = 0; place < count; ++place) {
      Event event = events_[static_cast<std::size_t>(round * count + place)];
      if (event.initiator != node && event.partner != node) continue;
      event.place = static_cast<Kind>(place);
      own.push_back(event);
    }
    return own;
  }

  void check(std::int64_t nodes, Round rounds) const override {
    const std::int64_t needed = rounds * events_per_round(nodes);
    if (std::ssize(events_) < needed) {
      throw InputError(file_ + ": has " + count_of(events_.size(), "event") + ", and " +
                       count_of(static_cast<std::uint64_t>(rounds), "round") +
                       " of this run take " + std::to_string(needed));
    }
    for (const Event& event : events_) {
      if (event.initiator < nodes && event.partner < nodes) continue;
      throw InputError(file_ + ": event " + std::to_string(event.number) + " is of node " +
                       std::to_string(std::max(event.initiator, event.partner)) +
                       ", and the run has " + count_of(static_cast<std::uint64_t>(nodes), "node"));
    }
  }

 private:
  void add(const Config& entry) {
    const std::vector<Config> numbers = entry.elements();
    if (numbers.size() != 2 && numbers.size() != 3) {
      entry.fail("must be [initiator, partner, delay], got " + entry.dump(true));
    }
    Event& event = events_.emplace_back();
    event.number = std::ssize(events_) - 1;
    event.initiator = node_in(numbers[0]);
    event.partner = node_in(numbers[1]);
    if (numbers.size() == 3) event.delay = numbers[2].to_integer();
    if (event.delay < 0) entry.fail("must have a delay of at least 0, got " + entry.dump());
    most_delay_ = std::max(most_delay_, event.delay);
  }

  static Uid node_in(const Config& value) {
    const std::int64_t uid = value.to_integer();
    if (uid < 0 || uid > std::numeric_limits<Uid>::max()) {
      value.fail("must be the number of a node, got " + value.dump());
    }
    return static_cast<Uid>(uid);
  }

  EventsPerRound per_round_;
  std::string file_;
  std::vector<Event> events_;
  std::int64_t most_delay_ = 0;
};

const Register<Activation, TraceActivation> registered{"trace",
                                                       "the events of a file, in its order"};

}  // namespace
}  // namespace kith
