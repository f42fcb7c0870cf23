#include <cstring>

#include "compression/selection.h"
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

  Compressed compress(ConstArrayView x, const Stream& stream) override {
    require_finite(x);
    const std::uint64_t seed = Random(stream).bits64();
    Compressed message;
    message.packed.resize(sizeof seed);
    std::memcpy(message.packed.data(), &seed, sizeof seed);
    message.values.resize(selection_.kept());
    const ArrayView values{message.values.data(), message.values.size(), {}};
    std::size_t at = 0;
    for_each_part(seed, [&](const Selection::Part& part, std::span<const std::uint32_t> indices) {
      kernels::gather(x.part(part.segment.offset, part.segment.size), indices,
                      values.part(at, part.kept));
      at += part.kept;
    });
    return message;
  }

  void add(const Compressed& message, float scale, ArrayView out) const override {
    std::uint64_t seed = 0;
    std::memcpy(&seed, message.packed.data(), sizeof seed);
    std::size_t at = 0;
    for_each_part(seed, [&](const Selection::Part& part, std::span<const std::uint32_t> indices) {
      const double blown_up = double(part.segment.size) / double(part.kept);
      const float weight = unbiased_ ? static_cast<float>(scale * blown_up) : scale;
      kernels::scatter_add(indices, weight, message.value_view().part(at, part.kept),
                           out.part(part.segment.offset, part.segment.size));
      at += part.kept;
    });
  }

  Form form() const override {
    return {.values = selection_.kept(),
            .packed = sizeof(std::uint64_t),
            .metadata = sizeof(std::uint64_t)};
  }

  ErrorLaw law() const override {
    const double error = selection_.error();
    return {.error = unbiased_ ? error / (1 - error) : error, .unbiased = unbiased_};
  }

 private:
  /// Calls action(part, indices within it, ascending) for each part in order.
  template <class Action>
  void for_each_part(std::uint64_t seed, Action action) const {
    Random random(seed, Purpose::kCompression);
    std::vector<std::byte> taken;
    std::vector<std::uint32_t> indices;
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
      indices.resize(part.kept + 8);
      kernels::indices_of_set_bits(taken, indices);
      action(part, std::span<const std::uint32_t>(indices).first(part.kept));
    }
  }

  bool unbiased_;
  Selection selection_;
};

const Register<Compressor, RandomK> registered{
    "random_k", "coordinates drawn at random; their seed is sent instead of their indices"};

}  // namespace
}  // namespace kith
