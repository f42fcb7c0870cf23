#include "node/relay_sum.h"

#include <cmath>
#include <numeric>
#include <string>

#include "core/device_memory.h"
#include "core/error.h"
#include "core/scratch.h"
#include "core/text.h"
#include "kernels/mix.h"
#include "kernels/vector_ops.h"

namespace kith {

RelaySum::RelaySum(std::vector<Uid> neighbors, std::size_t size, const Device& device)
    : neighbors_(std::move(neighbors)),
      size_(size),
      messages_(size + 1, device),
      counts_(neighbors_.size()) {
  for (std::size_t i = 0; i < neighbors_.size(); ++i) {
    told_.emplace_back(std::make_shared<const Array>(size + 1, device));
  }
}

std::vector<Slot> RelaySum::tell(ConstArrayView own) {
  std::vector<std::shared_ptr<Array>> messages;
  // First the node itself and the neighbors before each, then those behind it: of a hub with many
  // neighbors nothing is added more than twice.
  ConstArrayView before = own;
  for (std::size_t k = 0; k < told_.size(); ++k) {
    const ArrayView m = messages.emplace_back(messages_.take())->view().part(0, size_);
    kernels::Term last[1];
    if (k > 0) last[0] = {1, relay(k - 1)};
    kernels::mix(1, before, std::span(last, k > 0 ? 1 : 0), m);
    before = m;
    kernels::fill(messages[k]->view().part(size_, 1), static_cast<float>(count()) - counts_[k]);
  }
  const ArrayView behind = scratch_vector<RelaySum>(size_, messages_.device());
  kernels::fill(behind, 0);
  for (std::size_t k = told_.size(); k-- > 0;) {
    const ArrayView m = messages[k]->view().part(0, size_);
    kernels::add_scaled(m, 1, behind, m);
    kernels::add_scaled(behind, 1, relay(k), behind);
  }
  return {messages.begin(), messages.end()};
}

void RelaySum::hear(std::span<const Message> told, std::int64_t nodes) {
  for (std::size_t i = 0; i < told.size(); ++i) {
    const ConstArrayView message = told[i].body.floats();
    const auto from = "node " + std::to_string(told[i].sender);
    if (message.size != size_ + 1) {
      throw PeerError(from + " sent a relay of " + std::to_string(message.size) + " numbers, not " +
                      std::to_string(size_ + 1));
    }
    const float count = last_of(message);
    if (!(count >= 1 && count < static_cast<float>(nodes) && std::floor(count) == count)) {
      throw PeerError(from + " sent a relay of " + json_number(count) +
                      " nodes, which is not from 1 to " + std::to_string(nodes - 1));
    }
    told_[i] = told[i].body;
    counts_[i] = count;
  }
}

std::vector<ConstArrayView> RelaySum::heard() const {
  std::vector<ConstArrayView> relays;
  for (std::size_t k = 0; k < told_.size(); ++k) relays.push_back(relay(k));
  return relays;
}

std::int64_t RelaySum::count() const {
  return std::accumulate(
      counts_.begin(), counts_.end(), std::int64_t{1},
      [](std::int64_t all, float c) { return all + static_cast<std::int64_t>(c); });
}

void RelaySum::walk_state(StateWalker& walker, const std::string& name) {
  for (std::size_t k = 0; k < told_.size(); ++k) {
    // A message is not ours to write to.
    const auto ours = std::make_shared<Array>(size_ + 1, messages_.device());
    copy(told_[k].floats(), ours->view());
    walker.tensor(name + "_" + std::to_string(neighbors_[k]), ours->view());
    told_[k] = Body(Slot(ours));
    counts_[k] = last_of(ours->view());
  }
}

}  // namespace kith
