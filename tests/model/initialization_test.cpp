#include <gtest/gtest.h>

#include "dataset/fixtures.h"
#include "model/model.h"

namespace kith {
namespace {

using From = Initialization::From;

Initialization initialization(const std::string& json) {
  const std::string model = R"({"type": "vector", "size": 1, "init": )" + json + "}";
  return Model::registry().read(Config::parse(model, "run.json")).common().init;
}

TEST(Initialization, IsSharedUnlessTheConfigSaysOtherwise) {
  EXPECT_EQ(Model::registry().standard("vector").common().init.from, From::kShared);
  EXPECT_EQ(initialization(R"("shared")").from, From::kShared);
  EXPECT_EQ(initialization(R"("per_node")").from, From::kPerNode);
}

class InitializationFile : public WithFolder {};

TEST_F(InitializationFile, IsSoughtFromTheConfigsFolder) {
  const auto config =
      write("run.json", R"({"type": "vector", "size": 1, "init": "../start.safetensors"})");
  const Initialization read = Model::registry().read(Config::load(config)).common().init;
  EXPECT_EQ(read.from, From::kFile);
  EXPECT_EQ(read.file, folder_.parent_path() / "start.safetensors");
  EXPECT_EQ(initialization(R"("/data/start.safetensors")").file, "/data/start.safetensors");
}

TEST(Initialization, ReadsItsOwnResolvedForm) {
  for (const std::string form : {"\"shared\"", "\"per_node\"", "\"/data/start.safetensors\""}) {
    EXPECT_EQ(FieldType<Initialization>::json(initialization(form)), form);
  }
}

TEST(Initialization, SaysWhatItCanBe) {
  const auto refusal = [](const std::string& json) -> std::string {
    try {
      initialization(json);
    } catch (const ConfigError& error) {
      return error.what();
    }
    return "accepted";
  };
  EXPECT_EQ(refusal("\"pernode\""),
            "run.json: /init: must be \"shared\", \"per_node\" or the path of a "
            ".safetensors file, got \"pernode\"");
  EXPECT_EQ(refusal("\"start.pt\""),
            "run.json: /init: must be \"shared\", \"per_node\" or the path of a "
            ".safetensors file, got \"start.pt\"");
  EXPECT_EQ(refusal("3"), "run.json: /init: must be a string, got 3");
}

}  // namespace
}  // namespace kith
