#include <cstring>

#include "compression/gap_stream.h"

namespace kith {
namespace {

/// Every gap in four bytes, of which most are zero: not short by itself, but made for lz4 or zstd.
class Gaps final : public IndexCodec {
 public:
  using Params = NoParams;

  explicit Gaps(Params) {}

  void encode(IndexView indices, std::uint32_t, Bytes& out) const override {
    append(out, sizeof(std::uint32_t) * indices.size(), [&](std::byte* to) {
      std::uint32_t before = ~0u;  // −1
      for (std::size_t i = 0; i < indices.size(); ++i) {
        const std::uint32_t gap = indices[i] - before;
        std::memcpy(to + sizeof(gap) * i, &gap, sizeof(gap));
        before = indices[i];
      }
      return sizeof(std::uint32_t) * indices.size();
    });
  }

  void decode(ByteView code, std::uint32_t d, std::vector<std::uint32_t>& out) const override {
    if (code.size() % sizeof(std::uint32_t) != 0) {
      throw CorruptError("its indices end within one");
    }
    out.resize(code.size() / sizeof(std::uint32_t));
    std::uint64_t next = 0;
    for (std::size_t i = 0; i < out.size(); ++i) {
      std::uint32_t gap;
      std::memcpy(&gap, code.data() + sizeof(gap) * i, sizeof(gap));
      next += gap;
      out[i] = static_cast<std::uint32_t>(next) - 1;
      // A gap of 0, also of the first one, is an index that does not ascend.
      if (gap == 0) throw CorruptError("its indices do not ascend");
    }
    check_ascending(out, d);
  }

  std::optional<std::size_t> fixed_size(std::size_t count, std::uint32_t) const override {
    return sizeof(std::uint32_t) * count;
  }

  int word() const override { return 4; }
};

const Register<IndexCodec, Gaps> registered{
    "gaps", "four bytes a gap between indices, for lz4 or zstd to shorten"};

}  // namespace
}  // namespace kith
