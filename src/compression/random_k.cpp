#include <cstring>

#include "compression/selection.h"
#include "core/scratch.h"
#include "kernels/random_bits.h"
#include "kernels/sparse.h"

namespace kith {
namespace {

/// Keeps k coordinates drawn without replacement. Contractive with δ = k/d, the expected error
/// being (1 − k/d) ‖x‖² exactly; or, multiplied by d/k, unbiased with ω = d/k − 1, again exactly.
///
/// On the wire: k values, and an eight-byte seed that the receiver draws the indices from. The
/// draw is Floyd's (Bentley & Floyd, CACM 1987): for j = n − k .. n − 1, a random place up to j, or
/// j itself where that is taken.
class RandomK final : public Compressor {
 public:
  struct Params : Selection::Options {
    bool unbiased = false;

    void fields(Fields& f) {
      Options::fields(f);
      f.optional("unbiased", unbiased,
                 "right on average: what is kept is multiplied by d/k; false: contractive");
    }
  };

  RandomK(const Params& params, const Context& context)
      : unbiased_(params.unbiased), selection_(params, context.layout) {}

  bool on_device() const override { return true; }

  void compress(ConstArrayView x, const Stream& stream, Compressed& out) override {
    require_finite(x);
    const std::uint64_t seed = Random(stream).bits64();
    out.head.resize(sizeof seed);
    std::memcpy(out.head.data(), &seed, sizeof seed);
    out.values.resize(selection_.kept());
    std::size_t at = 0;
    for_each_part(seed, x.device, [&](const Selection::Part& part, IndexView indices) {
      kernels::gather(x.part(part.segment.offset, part.segment.size), indices,
                      out.values.view().part(at, part.kept));
      at += part.kept;
    });
  }

  void add(const Compressed& message, float scale, ArrayView out) const override {
    std::uint64_t seed = 0;
    std::memcpy(&seed, message.head.data(), sizeof seed);
    std::size_t at = 0;
    for_each_part(seed, out.device, [&](const Selection::Part& part, IndexView indices) {
      const double blown_up = double(part.segment.size) / double(part.kept);
      const float weight = unbiased_ ? static_cast<float>(scale * blown_up) : scale;
      kernels::scatter_add(indices, weight, message.values.view().part(at, part.kept),
                           out.part(part.segment.offset, part.segment.size));
      at += part.kept;
    });
  }

  Form form() const override {
    return {.head = sizeof(std::uint64_t), .values = selection_.kept()};
  }

  ErrorLaw law() const override {
    const double error = selection_.error();
    return {.error = unbiased_ ? error / (1 - error) : error, .unbiased = unbiased_};
  }

 private:
  using IndexView = std::span<const std::uint32_t>;

  /// Calls action(part, indices within it, ascending) for each part in order. They are drawn one
  /// after the other, so on the host, and lie in the memory of `device` then.
  template <class Action>
  void for_each_part(std::uint64_t seed, const Device& device, Action action) const {
    Random random(seed, Purpose::kCompression);
    std::vector<std::byte> taken;
    Buffer<std::uint32_t>& indices = scratch_buffer<RandomK, std::uint32_t>(device);
    for (const Selection::Part& part : selection_.parts()) {
      const auto size = static_cast<std::uint32_t>(part.segment.size);
      taken.assign((size + 7) / 8, std::byte{0});
      const auto is_taken = [&](std::uint32_t i) {
        return (taken[i / 8] >> i % 8 & std::byte{1}) != std::byte{0};
      };
      for (std::uint32_t last = size - static_cast<std::uint32_t>(part.kept); last < size; ++last) {
        std::uint32_t place = random.below(last + 1);
        if (is_taken(place)) place = last;
        taken[place / 8] |= std::byte{1} << place % 8;
      }
      indices.fill([&](std::vector<std::uint32_t>& here) {
        here.resize(part.kept + 8);
        kernels::indices_of_set_bits(taken, here);
      });
      action(part, indices.span().first(part.kept));
    }
  }

  bool unbiased_;
  Selection selection_;
};

const Register<Compressor, RandomK> registered{
    "random_k", "coordinates drawn at random; their seed is sent instead of their indices"};

}  // namespace
}  // namespace kith
