#include "kernels/rice.h"

#include <algorithm>
#include <bit>

#include "compression/gap_stream.h"

namespace kith {
namespace {

constexpr int kMostBits = 31;
constexpr unsigned kSkipped = 0x80;  // in the first byte: what follows are the other indices

/// The indices below d that are not among `indices`.
std::vector<std::uint32_t> others(IndexView indices, std::uint32_t d) {
  std::vector<std::uint32_t> others;
  others.reserve(d - indices.size());
  std::uint32_t next = 0;
  for (const std::uint32_t index : indices) {
    while (next < index) others.push_back(next++);
    ++next;
  }
  while (next < d) others.push_back(next++);
  return others;
}

/// k, and the bits that the code has with it.
struct Choice {
  int k = 0;
  std::uint64_t bits = 0;
};

/// The best k. Of the bits n (1 + k) + Σ ⌊(g − 1) / 2^k⌋, what k + 1 saves on the quotients falls
/// with k, so they are convex in k, and where they stop falling is the minimum.
Choice choose(IndexView indices) {
  if (indices.empty()) return {};
  const auto bits = [&](int k, std::uint32_t quotients) {
    return quotients + indices.size() * (1 + static_cast<std::uint64_t>(k));
  };
  // A mean quotient of about 1 is near the best one, if the indices are anyhow random.
  const std::uint64_t mean = indices.back() / indices.size();
  int k = std::clamp(static_cast<int>(std::bit_width(mean)) - 2, 0, kMostBits - 2);
  for (;; ++k) {
    const auto [sums] = kernels::rice_quotients(indices, k);
    const std::uint64_t here = bits(k, sums[0]);
    const std::uint64_t next = bits(k + 1, sums[1]);
    const std::uint64_t after = bits(k + 2, sums[2]);
    if (here < next) {
      if (k == 0) return {k, here};
      k -= 2;
    } else if (next <= after) {
      return {k + 1, next};
    } else if (k + 2 == kMostBits) {
      return {k + 2, after};
    }
  }
}

/// The gaps of the indices in Rice's code, with the k that gives the fewest bits: for a random
/// subset of n of d within 5 % of its entropy, log2 C(d, n) bits. A first byte holds k. When there
/// are more than half of all indices, the others are coded instead; all d of them take one byte.
class RiceIndices final : public IndexCodec {
 public:
  using Params = NoParams;

  explicit RiceIndices(Params) {}

  void encode(IndexView indices, std::uint32_t d, Bytes& out) const override {
    if (indices.empty()) return;
    if (indices.size() > d / 2) {
      encode_with(kSkipped, others(indices, d), out);
    } else {
      encode_with(0, indices, out);
    }
  }

  void decode(ByteView code, std::uint32_t d, std::vector<std::uint32_t>& out) const override {
    out.clear();
    if (code.empty()) return;
    const auto first = std::to_integer<unsigned>(code.front());
    const int k = static_cast<int>(first & ~kSkipped);
    if (k > kMostBits) throw CorruptError("its indices begin with an unknown byte");
    decode_gaps(code.subspan(1), d, out,
                [k](auto& reader, auto piece) { return kernels::rice_decode(reader, k, piece); });
    if ((first & kSkipped) != 0) out = others(out, d);
  }

 private:
  static void encode_with(unsigned flag, IndexView indices, Bytes& out) {
    const Choice best = choose(indices);
    out.push_back(static_cast<std::byte>(flag | static_cast<unsigned>(best.k)));
    append(out, static_cast<std::size_t>((best.bits + 7) / 8),
           [&](std::byte* to) { return kernels::rice_encode(indices, best.k, to); });
  }
};

const Register<IndexCodec, RiceIndices> registered{
    "rice", "gaps in Rice's code, its parameter chosen for each message: the shortest"};

}  // namespace
}  // namespace kith
