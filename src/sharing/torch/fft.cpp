#include <ATen/ATen.h>

#include "sharing/change_sharing.h"

namespace kith {
namespace {

/// The discrete Fourier transform of the whole model as one real signal, unitary: ⌊d/2⌋ + 1 complex
/// coefficients; the others are their conjugates.
class FourierBasis final : public Basis {
 public:
  explicit FourierBasis(std::size_t size) : size_(static_cast<std::int64_t>(size)) {}

  std::size_t coordinates() const override { return static_cast<std::size_t>(size_ / 2 + 1); }
  std::size_t width() const override { return 2; }

  void forward(ConstArrayView x, ArrayView out) const override {
    at::Tensor coefficients = complex(out.data);
    at::fft_rfft_out(coefficients, real(x.data), size_, -1, "ortho");
  }

  void inverse(ConstArrayView in, ArrayView x) const override {
    at::Tensor out = real(x.data);
    at::fft_irfft_out(out, complex(in.data), size_, -1, "ortho");
  }

 private:
  // Torch has no tensors that are only read.
  at::Tensor real(const float* data) const {
    return at::from_blob(const_cast<float*>(data), {size_}, at::kFloat);
  }

  at::Tensor complex(const float* data) const {
    return at::view_as_complex(
        at::from_blob(const_cast<float*>(data), {size_ / 2 + 1, 2}, at::kFloat));
  }

  std::int64_t size_;
};

/// A node says the part α of its model's Fourier coefficients that changed most, by their modulus
/// ("FFT" in decentralizepy).
class Fft final : public SteadyChangeSharing {
 public:
  using Params = SteadyChangeSharing::Params;

  Fft(const Params& params, const Context& context)
      : SteadyChangeSharing(params, context, std::make_unique<FourierBasis>(context.layout.size)) {}
};

const Register<Sharing, Fft> registered{"fft", "the Fourier coefficients that changed most"};

}  // namespace
}  // namespace kith
