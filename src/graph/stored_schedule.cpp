#include "graph/stored_schedule.h"

namespace kith {

std::unique_ptr<Weights> weights_of(const Schedule::Context& context) {
  if (const auto* given = given_weights(context)) return given->make();
  return Weights::registry().standard("metropolis_hastings").make();
}

const Blueprint<Weights>* given_weights(const Schedule::Context& context) {
  return context.common && context.common->weights ? &*context.common->weights : nullptr;
}

StoredSchedule::StoredSchedule(Graph graph, const Context& context) {
  period_.push_back(weights_of(context)->on(std::move(graph)));
}

StoredSchedule::StoredSchedule(MixingMatrix own, const Context& context) {
  const auto* given = given_weights(context);
  period_.push_back(given ? given->make()->on(std::move(own.graph)) : std::move(own));
}

Neighborhood StoredSchedule::neighborhood(Uid node, Round round) const {
  const MixingMatrix& w = period_[std::size_t(round % period())];
  const auto senders = w.graph.senders(node);
  const auto receivers = w.graph.receivers(node);
  const auto weights = w.row(node);
  Neighborhood neighborhood{w.self_weights[std::size_t(node)], {}, {}};
  neighborhood.senders.reserve(senders.size());
  for (std::size_t k = 0; k < senders.size(); ++k) {
    neighborhood.senders.push_back({senders[k], weights[k]});
  }
  neighborhood.receivers.assign(receivers.begin(), receivers.end());
  return neighborhood;
}

}  // namespace kith
