#include "compression/wavelet.h"

#include "core/random.h"
#include "sharing/change_sharing.h"

namespace kith {
namespace {

/// Which wavelet, and how many levels of it.
struct WaveletOptions {
  std::string wavelet = "sym2";
  int level = 4;

  void fields(Fields& f) {
    f.optional("wavelet", wavelet, "the wavelet's name, as PyWavelets has it",
               Choices{wavelet_names()});
    f.optional("level", level, "how many times the transform is taken; 0 leaves the parameters",
               Range{.at_least = 0, .at_most = 30});
  }
};

/// The coefficients of the whole model as one signal.
class WaveletBasis final : public Basis {
 public:
  WaveletBasis(const WaveletOptions& options, std::size_t size)
      : transform_(options.wavelet, options.level, size) {}

  bool on_device() const override { return true; }
  std::size_t coordinates() const override { return transform_.coefficients(); }

  void forward(ConstArrayView x, ArrayView out) const override { transform_.forward(x, out); }

  void inverse(ConstArrayView in, ArrayView x) const override { transform_.inverse(in, x); }

 private:
  Wavelet<float> transform_;
};

/// A node says the part α of its model's wavelet coefficients that changed most. A coefficient
/// stands for a run of parameters that lie, and often move, together.
class WaveletSharing final : public SteadyChangeSharing {
 public:
  struct Params : SteadyChangeSharing::Params {
    WaveletOptions wavelet;

    void fields(Fields& f) {
      SteadyChangeSharing::Params::fields(f);
      wavelet.fields(f);
    }
  };

  WaveletSharing(const Params& params, const Context& context)
      : SteadyChangeSharing(params, context,
                            std::make_unique<WaveletBasis>(params.wavelet, context.layout.size)) {}
};

/// JWINS: the same with a cut-off that each node draws anew in each round, from a list that ends
/// in 1: now and then a node says everything (Dhasade, Kermarrec, Pires, Sharma, Vujasinovic &
/// Wigger, "Get More for Less in Decentralized Learning Systems", ICDCS 2023, arXiv:2306.04377).
/// Receivers draw the same number as the sender, so no message says how long it is.
class Jwins final : public ChangeSharing {
 public:
  struct Params : ChangeSharing::Params {
    Params() { accumulation = "paper"; }

    std::vector<double> alphas{0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 1.0};
    WaveletOptions wavelet;

    void fields(Fields& f) {
      f.optional("alphas", alphas,
                 "the parts of the coefficients from which a node draws one, every round",
                 Range{.above = 0, .at_most = 1});
      f.check(!alphas.empty(), "alphas", "must have a number, got []");
      wavelet.fields(f);
      ChangeSharing::Params::fields(f);
    }
  };

  Jwins(const Params& params, const Context& context)
      : ChangeSharing(params, context,
                      std::make_unique<WaveletBasis>(params.wavelet, context.layout.size)),
        alphas_(params.alphas),
        seed_(context.seed) {}

 private:
  double alpha(Uid uid, Round round) const override {
    Random random(seed_, Purpose::kSharing, static_cast<std::uint32_t>(uid),
                  static_cast<std::uint32_t>(round));
    return alphas_[random.below(static_cast<std::uint32_t>(alphas_.size()))];
  }

  std::vector<double> alphas_;
  std::uint64_t seed_;
};

const Register<Sharing, WaveletSharing> wavelet{
    "wavelet", "the wavelet coefficients of the model that changed most"};
const Register<Sharing, Jwins> jwins{
    "jwins", "JWINS: the same, how many of them being drawn anew every round"};

}  // namespace
}  // namespace kith
