#include <zstd.h>

#include "compression/packing.h"
#include "compression/shuffle.h"

namespace kith {
namespace {

/// Contexts are some hundred kilobytes and costly to make: each thread that uses any keeps one.
ZSTD_CCtx* compressor() {
  struct Free {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  };
  thread_local const std::unique_ptr<ZSTD_CCtx, Free> context(ZSTD_createCCtx());
  return context.get();
}

ZSTD_DCtx* decompressor() {
  struct Free {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
  };
  thread_local const std::unique_ptr<ZSTD_DCtx, Free> context(ZSTD_createDCtx());
  return context.get();
}

/// One Zstandard frame, which names its length. Entropy coding shortens even random numbers a
/// little: the exponents of float32, once they stand side by side.
class Zstd final : public ByteCodec {
 public:
  struct Params : ShuffleParams {
    int level = 1;

    void fields(Fields& f) {
      f.optional("level", level, "the higher, the shorter and slower",
                 Range{.at_least = 1, .at_most = 19});
      ShuffleParams::fields(f);
    }
  };

  explicit Zstd(const Params& params) : level_(params.level), shuffle_(params.shuffle) {}

  void encode(ByteView bytes, int word, Bytes& out) const override {
    const std::size_t room = ZSTD_compressBound(bytes.size());
    encode_shuffled(bytes, shuffle_ ? word : 1, [&](ByteView shuffled) {
      append(out, room, [&](std::byte* to) {
        const std::size_t written =
            ZSTD_compressCCtx(compressor(), to, room, shuffled.data(), shuffled.size(), level_);
        if (ZSTD_isError(written) != 0) {
          throw ResourceError(std::string("zstd: ") + ZSTD_getErrorName(written));
        }
        return written;
      });
    });
  }

  void decode(ByteView code, int word, std::size_t most, Bytes& out) const override {
    const unsigned long long size = ZSTD_getFrameContentSize(code.data(), code.size());
    if (size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR ||
        ZSTD_findFrameCompressedSize(code.data(), code.size()) != code.size()) {
      throw CorruptError("it is not one Zstandard frame that names its length");
    }
    if (size == 0 || size > most)
      throw CorruptError("it says that it has " + std::to_string(size) + " bytes");
    const auto count = static_cast<std::size_t>(size);
    decode_shuffled(count, shuffle_ ? word : 1, out, [&](std::byte* to) {
      const std::size_t written =
          ZSTD_decompressDCtx(decompressor(), to, count, code.data(), code.size());
      if (written != count) throw CorruptError("Zstandard cannot read it");
    });
  }

  std::size_t most(std::size_t size) const override { return ZSTD_compressBound(size); }

 private:
  int level_;
  bool shuffle_;
};

const Register<ByteCodec, Zstd> bytes{"zstd", "Zstandard"};
const Register<IndexCodec, IndicesThrough<Zstd>> indices{"zstd",
                                                         "four bytes a gap, through Zstandard"};
const Register<ValueCodec, ValuesThrough<Zstd>> values{"zstd", "float32 through Zstandard"};

}  // namespace
}  // namespace kith
