#pragma once

#include "compression/codec.h"
#include "kernels/mix.h"
#include "sharing/sharing.h"

namespace kith {

/// How a method talks that says whole vectors. Between nodes of one process nothing is copied: a
/// message is the vector itself, unless a codec makes bytes of it. Where that loses something, a
/// node still counts itself as it is.
class VectorCoder {
 public:
  struct Options {
    CodecOptions codec;

    void fields(Fields& f) {
      f.optional("codec", codec, "how the numbers of a message become bytes");
    }
  };

  explicit VectorCoder(const Options& options) : codec_(options.codec) {}

  Body say(const Slot& x) const { return codec_.encode(x); }

  /// out = self_weight · x + Σ_j weight_j · x_j, in the order of `heard`. Throws PeerError for what
  /// is not a vector as long as x.
  void mix(float self_weight, ConstArrayView x, std::span<const Sharing::Heard> heard,
           ArrayView out);

  const Codec& codec() const { return codec_; }

 private:
  Codec codec_;
  std::vector<kernels::Term> terms_;  // kept to save an allocation each round
};

}  // namespace kith
