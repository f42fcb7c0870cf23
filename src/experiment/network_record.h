#pragma once

#include <optional>
#include <string>
#include <vector>

#include "communication/group.h"
#include "core/json_object.h"
#include "core/members.h"
#include "core/types.h"
#include "experiment/live_view.h"

namespace kith {

/// What process 0 needs to know of a node for the network's record. Sent between processes as it
/// lies in memory.
struct NodeStats {
  double squared_distance = 0;  ///< ‖x_i − x̄‖²
  double train_loss = 0;
  double test_loss = 0;
  double test_accuracy = 0;
  std::uint64_t bytes_sent = 0;
  std::int64_t samples = 0;  ///< seen so far
  Uid uid = 0;
  bool has_train_loss = false;
  bool has_test_loss = false;
  bool has_test_accuracy = false;
  std::uint8_t unused = 0;
};

Bytes to_bytes(const std::vector<NodeStats>& stats);

/// What all have come to.
struct NetworkStats {
  std::vector<NodeStats> nodes;     ///< by uid
  std::uint64_t service_bytes = 0;  ///< sent by the service
};

/// The stats of all members, from those of each process. Throws PeerError.
NetworkStats merge_stats(const std::vector<Bytes>& by_process, const Members& members);

/// Adds what the nodes reached together to the network's record: means, spreads and sums in uid
/// order. `train_size` samples are one epoch.
NetworkView add_network(JsonObject& record, const NetworkStats& stats, Round completed,
                        std::size_t train_size);

}  // namespace kith
