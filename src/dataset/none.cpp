#include "dataset/dataset.h"

namespace kith {
namespace {

/// No samples: nodes only average, for the study of gossip itself.
class NoData final : public Dataset {
 public:
  using Params = NoParams;

  explicit NoData(Params) {}

  Data load(const std::vector<std::string>&) const override { return {}; }
};

const Register<Dataset, NoData> registered{"none", "no samples: pure gossip"};

}  // namespace
}  // namespace kith
