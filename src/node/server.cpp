#include "node/server.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/device_memory.h"
#include "core/random.h"
#include "kernels/mix.h"
#include "kernels/vector_ops.h"

namespace kith::server {
namespace {

constexpr Kind kShownFirst = 0, kStart = 1;

/// Of the messages that show the model: that before the first round is said in the first.
Kind shown(Round completed) { return completed == 0 ? kShownFirst : kShown; }

}  // namespace

std::vector<Uid> everybody(const Node& self) {
  std::vector<Uid> all(static_cast<std::size_t>(self.nodes()));
  std::iota(all.begin(), all.end(), 0);
  return all;
}

Task<> show(Node& self, Round completed) {
  if (self.is_observed(completed)) {
    const std::vector<Uid> all = everybody(self);
    const Body model = model_of(self);
    co_await self.post(shown(completed), model, all, /*counted=*/false);
  }
  co_await self.observe(completed);
}

Task<> look(Node& self, Round completed) {
  if (self.is_observed(completed)) {
    const std::vector<Uid> server(1, self.service());
    const std::vector<Message> model =
        co_await self.collect(shown(completed), server, /*counted=*/false);
    become(self, model.front());
  }
  co_await self.observe(completed);
}

Task<> hand_out_start(Node& self) {
  const std::vector<Uid> all = everybody(self);
  const Body start = model_of(self);
  co_await self.post(kStart, start, all);
}

Task<> take_start(Node& self) {
  const Message start = co_await from_server(self, kStart);
  become(self, start);
}

Task<Message> from_server(Node& self, Kind kind) {
  const std::vector<Uid> server(1, self.service());
  std::vector<Message> messages = co_await self.collect(kind, server);
  co_return std::move(messages.front());
}

void require_finite(ConstArrayView vector) {
  if (kernels::all_finite(vector)) return;
  throw NumericError("a parameter is not finite; a smaller learning rate may help");
}

Body model_of(const Node& self) {
  require_finite(self.x());
  return Body(self.published());
}

Task<> to_server(Node& self, Kind kind, Slot vector) {
  require_finite(vector->view());
  const std::vector<Uid> server(1, self.service());
  const Body body(std::move(vector));
  co_await self.post(kind, body, server);
}

ConstArrayView vector_of(const Node& self, const Message& message) {
  const ConstArrayView vector = message.body.floats();
  if (vector.size != self.x().size) {
    const bool of_node = message.sender != self.service();
    throw PeerError((of_node ? "node " + std::to_string(message.sender) : "the service") +
                    " sent a vector of " + std::to_string(vector.size) + " numbers, not " +
                    std::to_string(self.x().size));
  }
  return vector;
}

void become(Node& self, const Message& message) {
  const ConstArrayView model = vector_of(self, message);
  copy(model, self.overwrite_x());
}

void add_up(const Node& self, std::span<const Message> messages, std::span<const float> weights,
            ArrayView out) {
  std::vector<kernels::Term> terms;
  for (std::size_t j = 0; j < messages.size(); ++j) {
    terms.push_back({weights[j], vector_of(self, messages[j])});
  }
  kernels::mix(0, self.x(), terms, out);
}

std::vector<float> weights_of(std::span<const double> shares) {
  const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
  std::vector<float> weights;
  double rounded = 0;
  for (const double share : shares) {
    weights.push_back(static_cast<float>(share / sum));
    rounded += double{weights.back()};
  }
  float& largest = *std::ranges::max_element(weights);
  largest = static_cast<float>(double{largest} + (1 - rounded));
  return weights;
}

std::vector<Uid> draw_workers(std::uint64_t seed, Round round, std::int64_t nodes,
                              double fraction) {
  std::vector<Uid> uids(static_cast<std::size_t>(nodes));
  std::iota(uids.begin(), uids.end(), 0);
  const auto count =
      static_cast<std::size_t>(std::ceil(fraction * static_cast<double>(nodes) - 1e-9));
  if (count >= uids.size()) return uids;
  Random random(seed, Purpose::kNode, 0, static_cast<std::uint32_t>(round));
  shuffle(std::span(uids), random);
  uids.resize(std::max<std::size_t>(count, 1));
  std::ranges::sort(uids);
  return uids;
}

bool is_drawn(const Node& self, double fraction) {
  if (fraction == 1) return true;
  return std::ranges::binary_search(draw_workers(self.seed(), self.round(), self.nodes(), fraction),
                                    self.uid());
}

}  // namespace kith::server
