#include <gtest/gtest.h>

#include "model/model.h"
#include "model/platform.h"

namespace kith {
namespace {

TEST(NoTorch, KnowsTheNetworksAndSaysWhatTheyNeed) {
  const Data data;
  for (const std::string json :
       {R"("linear")", R"({"type": "mlp", "hidden": [8]})", R"({"type": "lenet", "size": 28})"}) {
    const auto network = Model::registry().read(Config::parse(json, "run.json"));
    try {
      network.make({data, ""});
      ADD_FAILURE() << "made " << json;
    } catch (const ConfigError& error) {
      EXPECT_STREQ(error.what(),
                   "/model: this build of Kith has no LibTorch, and only the model \"vector\"; run "
                   "tools/install_dependencies.sh and build with -DKITH_TORCH=ON");
    }
  }
  EXPECT_EQ(numeric_platform(), "no LibTorch");
}

}  // namespace
}  // namespace kith
