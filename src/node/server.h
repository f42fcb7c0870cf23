#pragma once

#include <span>
#include <vector>

#include "node/node.h"
#include "node/service.h"

/// What protocols with a server have in common. Their nodes learn nothing of each other, so the
/// model of such a run is the server's: when the network is observed, every node becomes a copy of
/// the server's newest model, and is evaluated as that. These copies are for those who look on, and
/// are not counted as traffic; nodes forget them, since they train from what the server sends.
namespace kith::server {

/// The kinds of a round's messages. Those between two members come in the order of their kinds: a
/// protocol's own stand between what is said before the round and what shows the model after it.
inline constexpr Kind kFirstFree = 2, kShown = 7, kKinds = 8;

/// All nodes, ascending.
std::vector<Uid> everybody(const Node& self);

/// The server: all get its model, when somebody looks on.
Task<> show(Node& self, Round completed);

/// x of a server as a message. Throws NumericError where a number is not finite.
Body model_of(const Node& self);

/// A node: x ← the server's model, when somebody looks on.
Task<> look(Node& self, Round completed);

/// At the beginning of round 0, for those who keep a model of their own from then on: all get the
/// server's.
Task<> hand_out_start(Node& self);
Task<> take_start(Node& self);

/// The one message of a kind that the server sends to a node in this round.
Task<Message> from_server(Node& self, Kind kind);

/// Tells the server a vector. Throws NumericError where a number is not finite.
Task<> to_server(Node& self, Kind kind, Slot vector);

/// The vector of a message, which is as long as x. Throws PeerError.
ConstArrayView vector_of(const Node& self, const Message& message);

/// out ← Σ_j weights[j] · (the vector of messages[j]), in their order.
void add_up(const Node& self, std::span<const Message> messages, std::span<const float> weights,
            ArrayView out);

/// Weights in proportion to `shares`, which are not all 0, that make 1 as float32 too.
std::vector<float> weights_of(std::span<const double> shares);

/// x ← a message's vector.
void become(Node& self, const Message& message);

/// ⌈fraction · n⌉ nodes, drawn without replacement for `round`, ascending. All members of a run
/// draw the same.
std::vector<Uid> draw_workers(std::uint64_t seed, Round round, std::int64_t nodes, double fraction);

/// Whether a node is among them in this round.
bool is_drawn(const Node& self, double fraction);

/// Throws NumericError where a number is not finite.
void require_finite(ConstArrayView vector);

}  // namespace kith::server
