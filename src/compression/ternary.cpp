#include <algorithm>

#include "compression/scales.h"
#include "compression/selection.h"
#include "core/scratch.h"
#include "kernels/norms.h"
#include "kernels/signs.h"
#include "kernels/sparse.h"
#include "kernels/vector_ops.h"

namespace kith {
namespace {

/// Sparse ternary compression (Sattler et al., IEEE TNNLS 2020, arXiv:1903.02891): the k
/// coordinates of largest magnitude become ±μ, μ being their mean magnitude, the others 0.
/// Contractive: with T the k largest, ‖Q(x) − x‖² = ‖x‖² − ‖x_T‖₁² / k, and ‖x_T‖₁² / k >=
/// ‖x_T‖² / k >= ‖x‖² / d, so δ >= 1/d.
///
/// On the wire: μ of each segment, float32; a sign bit for each index (1: negative), each segment
/// from a fresh byte on; k indices.
class Ternary final : public Compressor {
 public:
  using Params = Selection::Options;

  Ternary(const Params& params, const Context& context) : selection_(params, context.layout) {
    form_.indices = selection_.kept();
    form_.head = sizeof(float) * selection_.parts().size();
    for (const auto& part : selection_.parts()) {
      form_.packed += kernels::sign_bytes(part.kept);
      largest_segment_ = std::max(largest_segment_, part.segment.size);
    }
  }

  bool on_device() const override { return true; }

  void compress(ConstArrayView x, const Stream&, Compressed& out) override {
    selection_.largest(x, out);
    out.head.resize(form_.head);
    out.packed.resize(form_.packed);
    std::uint8_t* to = out.packed.data();
    ConstArrayView values = out.values.view();
    for (std::size_t k = 0; k < selection_.parts().size(); ++k) {
      const std::size_t kept = selection_.parts()[k].kept;
      const double sum = kernels::absolute_sum(values.part(0, kept));
      put_scale(out, k, static_cast<float>(sum / static_cast<double>(kept)));
      kernels::sign_bits(values.part(0, kept), to);
      to += kernels::sign_bytes(kept);
      values = values.part(kept, values.size - kept);
    }
    out.values.resize(0);
  }

  void add(const Compressed& message, float scale, ArrayView out) const override {
    // On a processor a few at a time, which stay in its cache; each run begins with a fresh byte.
    constexpr std::size_t kRun = 1024;
    const std::size_t run = out.device.is_cpu() ? kRun : message.indices.size();
    const ArrayView room =
        scratch_vector<Ternary>(std::min(run, message.indices.size()), out.device);
    const std::uint8_t* from = message.packed.data();
    std::span<const std::uint32_t> indices = message.indices;
    for (std::size_t k = 0; k < selection_.parts().size(); ++k) {
      std::size_t left = selection_.parts()[k].kept;
      while (left > 0) {
        const std::size_t size = std::min(run, left);
        const ArrayView signs = room.part(0, size);
        kernels::fill(signs, 0);
        kernels::add_signs(from, 1, signs);
        kernels::scatter_add(indices.first(size), scale * scale_of(message, k), signs, out);
        from += kernels::sign_bytes(size);
        indices = indices.subspan(size);
        left -= size;
      }
    }
  }

  void check(const Compressed& message) const override {
    check_scales(message, selection_.parts().size());
  }

  Form form() const override { return form_; }

  ErrorLaw law() const override {
    return {.error = 1 - 1 / static_cast<double>(std::max<std::size_t>(1, largest_segment_))};
  }

 private:
  Selection selection_;
  Form form_;
  std::size_t largest_segment_ = 0;
};

const Register<Compressor, Ternary> registered{
    "ternary", "the signs of the largest coordinates, scaled by their mean magnitude (STC)"};

}  // namespace
}  // namespace kith
