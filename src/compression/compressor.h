#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/body.h"
#include "core/buffer.h"
#include "core/layout.h"
#include "core/random.h"
#include "core/registry.h"
#include "core/state.h"

namespace kith {

/// Q(x) as it is said, before the codec makes bytes of it. Which of its parts a message has, and
/// what they mean, is its compressor's affair. The parts that are as many as coordinates are kept
/// lie where the vector does.
struct Compressed final : Meaning {
  explicit Compressed(const Device& device = {})
      : packed(device), indices(device), values(device) {}

  const Device& device() const override { return values.device(); }
  std::shared_ptr<const Meaning> carried(Carrier& carrier) const override;

  std::vector<std::uint8_t> head;  ///< scales and seeds, in host memory
  Buffer<std::uint8_t> packed;     ///< codes, in their final form already
  Buffer<std::uint32_t> indices;   ///< of coordinates, strictly ascending
  Buffer<float> values;
};

/// How long the parts of a message are. Sender and receiver know it; no message is asked.
struct Form {
  std::size_t head = 0;    ///< bytes
  std::size_t packed = 0;  ///< bytes
  std::size_t indices = 0;
  std::size_t values = 0;
  bool at_most = false;  ///< there may be fewer indices, and then as many fewer values
};

/// In the place of d, for messages without indices.
inline constexpr std::uint32_t kNoIndices = 0;

/// What is proven of an operator's error, in exact arithmetic, for every x:
///
///     E‖Q(x) − x‖² <= error · ‖x‖² + d · floor²
///
/// It is contractive with δ = 1 − error where error < 1, and where it is unbiased (E Q(x) = x)
/// `error` is the ω of the literature.
struct ErrorLaw {
  double error = 0;
  double floor = 0;
  bool unbiased = false;
};

/// A lossy operator Q on vectors, and the message that stands for Q(x). Whoever has the message
/// gets the same bits from it, sender and receivers alike. A compressor may remember: one object
/// compresses one sequence of vectors of one node; `add` and `check` are for any node's messages.
class Compressor {
 public:
  using Common = NoCommon;

  struct Context {
    const ParameterLayout& layout;  ///< of the vectors; outlives the object
    Device device = {};             ///< where they lie
  };

  static Registry<Compressor, const Context&>& registry();

  virtual ~Compressor() = default;

  /// Makes `out`, which lies where x does, Q(x); random numbers are drawn from `stream`. Throws
  /// NumericError if x is not finite or cannot be said in this form.
  virtual void compress(ConstArrayView x, const Stream& stream, Compressed& out) = 0;

  /// out += scale · Q(x), for a message that `check` let through and that lies where `out` does.
  virtual void add(const Compressed& message, float scale, ArrayView out) const = 0;

  virtual Form form() const = 0;

  virtual ErrorLaw law() const = 0;

  /// Whether vectors may lie on a device: all that is done to them is done by kernels and copies.
  virtual bool on_device() const { return false; }

  /// Throws PeerError unless head and packed bytes can be this compressor's. The codec has seen to
  /// the rest. The sentence goes on behind "node 3 sent ".
  virtual void check(const Compressed&) const {}

  /// Lists what it remembers from one vector to the next.
  virtual void walk_state(StateWalker&) {}
};

/// Room for a message that nobody needs beyond the function that asked: one a thread, whose parts
/// keep the room they have, and lost with the thread's next call.
Compressed& message_room(const Device& device);

/// Throws NumericError unless every element is finite.
void require_finite(ConstArrayView x);

/// The same for what was computed from all of them.
void require_finite(double sum);

}  // namespace kith
