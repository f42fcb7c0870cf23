#include "model/model.h"
#include "model/network_options.h"
#include "model/platform.h"

namespace kith {
namespace {

/// Stands for the networks in a build without LibTorch.
template <class Options>
class NoTorch final : public Model {
 public:
  using Params = Options;

  NoTorch(const Params&, const Context&) {
    throw ConfigError(
        "/model: this build of Kith has no LibTorch, and only the model \"vector\"; run "
        "tools/install_dependencies.sh and build with -DKITH_TORCH=ON");
  }

  const ParameterLayout& layout() const override { return layout_; }
  void initialize(std::uint64_t, std::uint32_t, ArrayView) const override {}
  Gradient gradient(ConstArrayView, Uid, std::span<const std::uint32_t>) override { return {}; }
  Score score(ConstArrayView, const Samples&, std::span<const std::uint32_t>) override {
    return {};
  }

 private:
  ParameterLayout layout_;
};

const Register<Model, NoTorch<NoParams>> linear{"linear", "not in this build: it has no LibTorch"};
const Register<Model, NoTorch<MlpOptions>> mlp{"mlp", "not in this build: it has no LibTorch"};
const Register<Model, NoTorch<LeNetOptions>> lenet{"lenet",
                                                   "not in this build: it has no LibTorch"};

}  // namespace

void open_network_device(const Device&, const std::string&) {}

std::string numeric_platform() { return "no LibTorch"; }

}  // namespace kith
