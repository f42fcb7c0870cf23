#include "sharing/change_sharing.h"

namespace kith {
namespace {

/// Stands for `fft` in a build without LibTorch.
class NoFft final : public Sharing {
 public:
  using Params = SteadyChangeSharing::Params;

  NoFft(const Params&, const Context&) {
    throw ConfigError(
        "/sharing: fft needs LibTorch, and this build of Kith has none; run "
        "tools/install_dependencies.sh and build with -DKITH_TORCH=ON, or use wavelet");
  }

  void say(const Turn&, const Slot&, Outbox&) override {}
  void hear(const Turn&, const Slot&, std::span<const Heard>, ArrayView) override {}
};

const Register<Sharing, NoFft> registered{"fft", "not in this build: it has no LibTorch"};

}  // namespace
}  // namespace kith
