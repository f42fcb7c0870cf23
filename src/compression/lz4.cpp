#include <lz4.h>

#include <climits>

#include "compression/packing.h"
#include "compression/shuffle.h"

namespace kith {
namespace {

/// LZ4 blocks behind their length. Bytes of numbers repeat little: it helps where many are equal or
/// of similar size, and is fast.
class Lz4 final : public ByteCodec {
 public:
  using Params = ShuffleParams;

  explicit Lz4(const Params& params) : shuffle_(params.shuffle) {}

  void encode(ByteView bytes, int word, Bytes& out) const override {
    if (bytes.size() > LZ4_MAX_INPUT_SIZE) {
      throw ResourceError("lz4 takes messages of at most 2 GB; use zstd");
    }
    const int size = static_cast<int>(bytes.size());
    append_length(out, bytes.size());
    encode_shuffled(bytes, shuffle_ ? word : 1, [&](ByteView shuffled) {
      append(out, static_cast<std::size_t>(LZ4_compressBound(size)), [&](std::byte* to) {
        return static_cast<std::size_t>(
            LZ4_compress_default(reinterpret_cast<const char*>(shuffled.data()),
                                 reinterpret_cast<char*>(to), size, LZ4_compressBound(size)));
      });
    });
  }

  void decode(ByteView code, int word, std::size_t most, Bytes& out) const override {
    const std::uint64_t size = take_length(code);
    if (size == 0 || size > most || size > LZ4_MAX_INPUT_SIZE || code.size() > INT_MAX) {
      throw CorruptError("it says that it has " + std::to_string(size) + " bytes");
    }
    decode_shuffled(static_cast<std::size_t>(size), shuffle_ ? word : 1, out, [&](std::byte* to) {
      const int written = LZ4_decompress_safe(
          reinterpret_cast<const char*>(code.data()), reinterpret_cast<char*>(to),
          static_cast<int>(code.size()), static_cast<int>(size));
      if (written != static_cast<int>(size)) throw CorruptError("LZ4 cannot read it");
    });
  }

  std::size_t most(std::size_t size) const override { return size + size / 255 + 32; }

 private:
  bool shuffle_;
};

const Register<ByteCodec, Lz4> bytes{"lz4", "LZ4"};
const Register<IndexCodec, IndicesThrough<Lz4>> indices{"lz4", "four bytes a gap, through LZ4"};
const Register<ValueCodec, ValuesThrough<Lz4>> values{"lz4", "float32 through LZ4"};

}  // namespace
}  // namespace kith
