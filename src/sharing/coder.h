#pragma once

#include "compression/compressor.h"
#include "sharing/sharing.h"

namespace kith {

/// How a compressing method talks: vectors become messages, and messages are added to vectors. What
/// a node said it hears from its own bytes, as its neighbors do; so both ends hold the same bits.
class Coder {
 public:
  using CompressorChoice = Blueprint<Compressor, const Compressor::Context&>;

  Coder(const CompressorChoice& compressor, const Sharing::Context& context);

  /// Q(v) as a message, random numbers drawn for this node and round.
  Body say(ConstArrayView v, Round round);

  /// out += scale · q, for the q that was said last.
  void add_own(float scale, ArrayView out) const;

  /// out += scale · q_j, for what neighbor j said. Throws PeerError, naming it, if that cannot be.
  void add(const Sharing::Heard& neighbor, float scale, ArrayView out) const;

  /// out += Σ_j W_ij (q_j − q_i). Between two neighbors of a symmetric W the terms cancel exactly.
  void add_pull(std::span<const Sharing::Heard> heard, ArrayView out) const;

  ErrorLaw law() const { return compressor_->law(); }

  void walk_state(StateWalker& walker) { compressor_->walk_state(walker); }

 private:
  std::unique_ptr<Compressor> compressor_;
  std::size_t size_;
  Stream stream_;
  Compressed own_;
};

/// Room for a vector that nobody needs beyond the function that asked: one a thread, lost with the
/// thread's next call.
ArrayView scratch_vector(std::size_t size);

}  // namespace kith
