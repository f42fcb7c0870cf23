#pragma once

#include "compression/codec.h"
#include "core/recycled.h"
#include "sharing/sharing.h"

namespace kith {

/// How a compressing method talks: vectors become messages, and messages are added to vectors.
/// Where its codec loses something, a node hears what it said from its own bytes, as its neighbors
/// do: so both ends hold the same bits.
class Coder {
 public:
  struct Options {
    Blueprint<Compressor, const Compressor::Context&> compressor;
    CodecOptions codec;

    /// `keeps` says of what a message keeps a part. A compressor that is there already is a
    /// default.
    void fields(Fields& f, std::string_view keeps) {
      const std::string help = "Q, what a message keeps of " + std::string(keeps);
      if (compressor) {
        f.optional("compressor", compressor, help);
      } else {
        f.required("compressor", compressor, help);
      }
      f.optional("codec", codec, "how the numbers of a message become bytes");
    }
  };

  Coder(const Options& options, const Sharing::Context& context);

  /// Whether vectors may lie on a device.
  bool on_device() const { return compressor_->on_device(); }

  /// Q(v) as a message, random numbers drawn for this node and round.
  Body say(ConstArrayView v, Round round);

  /// out += scale · q, for the q that was said last.
  void add_own(float scale, ArrayView out) const;

  /// out += scale · q_j, for what neighbor j said. Throws PeerError, naming it, if that cannot be.
  void add(const Sharing::Heard& neighbor, float scale, ArrayView out) const;

  /// out += Σ_j W_ij (q_j − q_i). Between two neighbors of a symmetric W the terms cancel exactly.
  void add_pull(std::span<const Sharing::Heard> heard, ArrayView out) const;

  /// Of the compressor; what a lossy codec adds is not in it.
  ErrorLaw law() const { return compressor_->law(); }
  bool lossless_codec() const { return codec_.lossless(); }

  void walk_state(StateWalker& walker) { compressor_->walk_state(walker); }

 private:
  std::unique_ptr<Compressor> compressor_;
  Codec codec_;
  Form form_;
  std::uint32_t size_;
  Device device_;
  Stream stream_;
  Recycled<Compressed> rooms_;
  std::shared_ptr<const Compressed> own_;  // what was said last
};

}  // namespace kith
