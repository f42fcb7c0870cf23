#pragma once

#include "node/node.h"
#include "node/service.h"

namespace kith {

/// Tells every node at the beginning of every round who its neighbors are, and with which weights.
/// It alone holds the schedule. One message a node, of kind `kind`; where the graph stays, one in
/// the whole run.
class PeerService final : public Service {
 public:
  PeerService(const Context& context, Kind kind) : schedule_(context.schedule), kind_(kind) {}

  Task<> run(Node& self) override;

  /// What a node does with it: begins `round` with the neighbors that the service names.
  static Task<> begin(Node& self, Round round, Kind kind, bool changes);

 private:
  const Schedule& schedule_;
  Kind kind_;
};

/// A neighborhood as bytes, all of them metadata, and back. Throws PeerError for what is none of a
/// run of `nodes`.
Body message_of(const Neighborhood& neighborhood);
Neighborhood neighborhood_of(ByteView bytes, Uid self, std::int64_t nodes);

}  // namespace kith
