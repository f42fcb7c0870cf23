#include "compression/selection.h"
#include "kernels/sparse.h"

namespace kith {
namespace {

/// Keeps the k coordinates of largest magnitude, as they are; of equal ones those at the lowest
/// indices. Contractive: ‖Q(x) − x‖² <= (1 − k/d) ‖x‖², with equality where all magnitudes are
/// equal. On the wire: k indices, k values.
class TopK final : public Compressor {
 public:
  using Params = Selection::Options;

  TopK(const Params& params, const Context& context) : selection_(params, context.layout) {}

  bool on_device() const override { return true; }

  void compress(ConstArrayView x, const Stream&, Compressed& out) override {
    selection_.largest(x, out);
  }

  void add(const Compressed& message, float scale, ArrayView out) const override {
    kernels::scatter_add(message.indices, scale, message.values.view(), out);
  }

  Form form() const override { return {.indices = selection_.kept(), .values = selection_.kept()}; }
  ErrorLaw law() const override { return {.error = selection_.error()}; }

 private:
  Selection selection_;
};

const Register<Compressor, TopK> registered{"top_k", "the coordinates of largest magnitude"};

}  // namespace
}  // namespace kith
