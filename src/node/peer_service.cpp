#include "node/peer_service.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "node/server.h"

namespace kith {
namespace {

constexpr char kNonsense[] = "a service named neighbors that cannot be";

/// Appends values to bytes, and takes them off again.
template <class T>
void put(Bytes& bytes, T value) {
  const auto raw = std::as_bytes(std::span(&value, 1));
  bytes.insert(bytes.end(), raw.begin(), raw.end());
}

template <class T>
T take(ByteView& bytes) {
  T value;
  if (bytes.size() < sizeof value) throw PeerError(kNonsense);
  std::memcpy(&value, bytes.data(), sizeof value);
  bytes = bytes.subspan(sizeof value);
  return value;
}

bool are_others(std::span<const Uid> uids, Uid self, std::int64_t nodes) {
  return std::ranges::is_sorted(uids, std::less_equal{}) && !std::ranges::count(uids, self) &&
         (uids.empty() || (uids.front() >= 0 && uids.back() < nodes));
}

}  // namespace

Task<> PeerService::run(Node& self) {
  co_await self.observe(0);
  for (Round round = 0; round < self.rounds(); ++round) {
    self.begin_apart(round);
    for (Uid node = 0; (round == 0 || schedule_.period() != 1) && node < self.nodes(); ++node) {
      const Body message = message_of(schedule_.neighborhood(node, round));
      const std::vector<Uid> receiver(1, node);
      co_await self.post(kind_, message, receiver);
    }
    co_await self.observe(round + 1);
  }
}

Task<> PeerService::begin(Node& self, Round round, Kind kind, bool changes) {
  self.begin_apart(round);
  if (round > 0 && !changes) co_return;
  const Message message = co_await server::from_server(self, kind);
  self.meet(neighborhood_of(message.body.coded(), self.uid(), self.nodes()));
}

Body message_of(const Neighborhood& neighborhood) {
  Bytes bytes;
  put(bytes, neighborhood.self_weight);
  put(bytes, static_cast<std::uint32_t>(neighborhood.senders.size()));
  for (const Neighborhood::Sender& sender : neighborhood.senders) {
    put(bytes, sender.uid);
    put(bytes, sender.weight);
  }
  for (const Uid receiver : neighborhood.receivers) put(bytes, receiver);
  const std::uint64_t size = bytes.size();
  return Body(std::move(bytes), size);
}

Neighborhood neighborhood_of(ByteView bytes, Uid self, std::int64_t nodes) {
  Neighborhood neighborhood;
  neighborhood.self_weight = take<double>(bytes);
  const auto count = take<std::uint32_t>(bytes);
  bool is_finite = std::isfinite(neighborhood.self_weight);
  std::vector<Uid> senders;
  for (std::uint32_t i = 0; i < count; ++i) {
    senders.push_back(take<Uid>(bytes));
    neighborhood.senders.push_back({senders.back(), take<double>(bytes)});
    is_finite = is_finite && std::isfinite(neighborhood.senders.back().weight);
  }
  while (!bytes.empty()) neighborhood.receivers.push_back(take<Uid>(bytes));
  if (!is_finite || !are_others(senders, self, nodes) ||
      !are_others(neighborhood.receivers, self, nodes)) {
    throw PeerError(kNonsense);
  }
  return neighborhood;
}

}  // namespace kith
