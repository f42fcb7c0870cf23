#include <bit>
#include <cstring>

#include "compression/gap_stream.h"
#include "compression/value_codec.h"

namespace kith {
namespace {

static_assert(std::endian::native == std::endian::little, "messages are little-endian");

/// `word` bytes each; throws CorruptError where that does not go up.
std::size_t count_in(ByteView code, std::size_t word, const char* what) {
  if (code.size() % word != 0) throw CorruptError("its " + std::string(what) + " end within one");
  return code.size() / word;
}

/// Indices as they lie in memory: four bytes each, little-endian.
class PlainIndices final : public IndexCodec {
 public:
  using Params = NoParams;

  explicit PlainIndices(Params) {}

  void encode(IndexView indices, std::uint32_t, Bytes& out) const override {
    append(out, std::as_bytes(indices));
  }

  void decode(ByteView code, std::uint32_t d, std::vector<std::uint32_t>& out) const override {
    const std::size_t count = count_in(code, sizeof(std::uint32_t), "indices");
    if (count > d) throw CorruptError("it has more indices than there are numbers");
    out.resize(count);
    if (count != 0) std::memcpy(out.data(), code.data(), code.size());
    check_ascending(out, d);
  }

  std::optional<std::size_t> fixed_size(std::size_t count, std::uint32_t) const override {
    return sizeof(std::uint32_t) * count;
  }

  int word() const override { return 4; }
};

/// Numbers as they lie in memory: float32, little-endian.
class PlainValues final : public ValueCodec {
 public:
  using Params = NoParams;

  explicit PlainValues(Params) {}

  void encode(ConstArrayView values, Bytes& out) const override {
    append(out, std::as_bytes(std::span(values.begin(), values.end())));
  }

  void decode(ByteView code, ArrayView out) const override {
    const std::size_t count = count_in(code, sizeof(float), "numbers");
    if (count != out.size) {
      throw CorruptError("it has " + count_of(count, "number") + ", not " +
                         std::to_string(out.size));
    }
    if (count != 0) std::memcpy(out.data, code.data(), code.size());
  }

  std::size_t most(std::size_t count) const override { return sizeof(float) * count; }
  bool fixed_size() const override { return true; }
  bool lossless() const override { return true; }
  int word() const override { return 4; }
};

const Register<IndexCodec, PlainIndices> indices{"none", "four bytes an index"};
const Register<ValueCodec, PlainValues> values{"none", "float32, as in memory"};

}  // namespace
}  // namespace kith
