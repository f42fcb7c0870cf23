#include "node/activation.h"

namespace kith {
namespace {

/// Nodes act when they are ready: messages are read as they come. Two such runs differ.
class ArrivalsActivation final : public Activation {
 public:
  using Params = NoParams;

  explicit ArrivalsActivation(Params) {}

  bool is_ordered() const override { return false; }
  std::int64_t events_per_round(std::int64_t) const override { return 0; }
  std::int64_t most_delay() const override { return 0; }
  std::vector<Event> events_of(Uid, Round, const Schedule&, std::uint64_t) const override {
    return {};
  }
  void check(std::int64_t, Round) const override {}
};

const Register<Activation, ArrivalsActivation> registered{
    "arrivals", "whenever a node is ready; what it hears depends on who is faster"};

}  // namespace
}  // namespace kith
