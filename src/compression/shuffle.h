#pragma once

#include <memory>

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

/// Room for bytes that are about to be written.
class Scratch {
 public:
  explicit Scratch(std::size_t size)
      : data_(std::make_unique_for_overwrite<std::byte[]>(size)), size_(size) {}

  std::byte* data() { return data_.get(); }
  ByteView bytes() const { return {data_.get(), size_}; }

 private:
  std::unique_ptr<std::byte[]> data_;
  std::size_t size_;
};

/// Calls encode(bytes) with the bytes in shuffled order.
template <class Encode>
void encode_shuffled(ByteView bytes, int word, Encode encode) {
  if (word == 1) return encode(bytes);
  Scratch shuffled(bytes.size());
  kernels::shuffle_bytes(bytes, word, shuffled.data());
  encode(shuffled.bytes());
}

/// Appends the `size` bytes that decode(to) writes in shuffled order, in their own order.
template <class Decode>
void decode_shuffled(std::size_t size, int word, Bytes& out, Decode decode) {
  append(out, size, [&](std::byte* to) {
    if (word == 1) {
      decode(to);
    } else {
      Scratch shuffled(size);
      decode(shuffled.data());
      kernels::unshuffle_bytes(shuffled.bytes(), word, to);
    }
    return size;
  });
}

}  // namespace kith
