#pragma once

#include "compression/code.h"
#include "core/fields.h"
#include "kernels/byte_shuffle.h"

namespace kith {

/// The option of codecs of bytes that find repetitions.
struct ShuffleParams {
  bool shuffle = true;

  void fields(Fields& f) {
    f.optional("shuffle", shuffle,
               "put the first bytes of all numbers side by side, then the second ones, and so on");
  }
};

/// Bytes in the order in which a codec takes them. Keeps a view of those it was given.
class Shuffled {
 public:
  Shuffled(ByteView bytes, int word) : view_(bytes) {
    if (word == 1) return;
    own_.resize(bytes.size());
    kernels::shuffle_bytes(bytes, word, own_.data());
    view_ = own_;
  }

  ByteView bytes() const { return view_; }

 private:
  Bytes own_;
  ByteView view_;
};

/// Puts shuffled bytes in their order again.
inline void unshuffle(Bytes& bytes, int word) {
  if (word == 1) return;
  Bytes ordered(bytes.size());
  kernels::unshuffle_bytes(bytes, word, ordered.data());
  bytes = std::move(ordered);
}

}  // namespace kith
