#include "experiment/decentralizepy/translation.h"

#include <gmock/gmock.h>

#include "core/error.h"
#include "experiment/run_config.h"
#include "support/folder.h"

namespace kith {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

constexpr char kCifar[] =
    "[DATASET]\ndataset_class = CIFAR10\nmodel_class = CNN\ntrain_dir = d\ntest_dir = d\n"
    "partition_niid = kshard\nshards = 3\n"
    "[OPTIMIZER_PARAMS]\noptimizer_class = SGD\nlr = 0.5\n"
    "[TRAIN_PARAMS]\nrounds = 2\nfull_epochs = True\nbatch_size = 4\nshuffle = True\n"
    "loss_class = CrossEntropyLoss\n"
    "[NODE]\ngraph_degree = 3\n[SHARING]\n";

class Translations : public WithFolder {
 protected:
  Translations() { flags.machines = 8; }

  Translation translated(const std::string& sharing, const std::string& head = kCifar) const {
    return Translation::of(Ini::parse(head + sharing, "a.ini"), "a.ini", folder_, flags);
  }
  Config config(const std::string& sharing, const std::string& head = kCifar) const {
    return Config::parse(translated(sharing, head).json, "translation");
  }

  DecentralizepyFlags flags;
};

TEST_F(Translations, AreConfigsThatAreRead) {
  for (const char* sharing :
       {"sharing_class = Sharing\n", "sharing_class = PlainAverageSharing\n",
        "sharing_class = SubSampling\nalpha = 0.1\nlayerwise = True\n",
        "sharing_class = PartialModel\nalpha = 0.1\n",
        "sharing_class = Wavelet\nalpha = 0.1\nwavelet = sym2\naccumulation = True\n",
        "sharing_class = JWINS\ncompress = True\ncompression_class = EliasFpzip\n",
        "sharing_class = FFT\nalpha = 0.3\n", "sharing_class = STC\nalpha = 0.1\n",
        "sharing_class = Choco\nstep_size = 0.2\nalpha = 0.1\n"}) {
    SCOPED_TRACE(sharing);
    const RunConfig run = RunConfig::read(config(sharing));
    EXPECT_EQ(run.nodes, 8);
    EXPECT_THAT(translated(sharing).remarks, Not(Contains(StartsWith("kith check"))));
  }
}

TEST_F(Translations, KeepWhatTrainingDoes) {
  const Config training = config("").at("training");
  EXPECT_EQ(training.at("local_epochs").to_integer(), 2);
  EXPECT_FALSE(training.has("local_steps"));
  EXPECT_EQ(training.at("lr").to_number(), 0.5);
  EXPECT_EQ(training.at("sampling").to_string(), "round");
  EXPECT_TRUE(training.at("reset_optimizer").to_bool());
  const Config partition = config("").at("dataset").at("partition");
  EXPECT_EQ(partition.at("type").to_string(), "shards");
  EXPECT_EQ(partition.at("per_node").to_integer(), 3);
}

TEST_F(Translations, KeepTheCodec) {
  const auto codec = [&](const std::string& words) {
    return config("sharing_class = PartialModel\nalpha = 0.1\ncompress = True\n" + words)
        .at("sharing")
        .at("codec")
        .dump();
  };
  EXPECT_EQ(codec("compression_class = Elias\n"), R"({"indices":"elias_gamma","values":"none"})");
  EXPECT_EQ(codec("compression_class = EliasFpzipLossy\nfloat_precision = 12\n"),
            R"({"indices":"elias_gamma","values":{"precision":12,"type":"fpzip"}})");
  EXPECT_EQ(codec("compression_class = Quantization\n"),
            R"({"indices":"none","values":{"levels":32767,"type":"quantization"}})");
  EXPECT_EQ(codec("compression_class = Lz4Wrapper\ncompress_data = True\n"),
            R"({"indices":["gaps","lz4"],"values":{"shuffle":false,"type":"lz4"}})");
}

TEST_F(Translations, AboveItsCapSubsamplingSendsEverything) {
  EXPECT_EQ(config("sharing_class = SubSampling\nalpha = 0.6\nmetadata_cap = 0.5\n")
                .at("sharing")
                .at("alpha")
                .to_number(),
            1);
  EXPECT_EQ(config("sharing_class = SubSampling\nalpha = 0.4\nmetadata_cap = 0.5\n")
                .at("sharing")
                .at("alpha")
                .to_number(),
            0.4);
}

TEST_F(Translations, KeepTheTimeoutOfEpidemicLearning) {
  std::string ini = kCifar;
  ini.replace(ini.find("graph_degree = 3"), 16, "graph_degree = 3\ntimeout = 0.5");
  const RunConfig run = RunConfig::read(config("sharing_class = Sharing\n", ini));
  EXPECT_EQ(run.node.json(), R"({"type":"epidemic_timeout","degree":3,"timeout_s":0.5})");
  EXPECT_EQ(run.graph.type(), "fully_connected");
}

TEST_F(Translations, NameEveryKeyThatHasNoPlace) {
  const Translation made = translated("dict_ordered = True\nsave_shared = True\nmystery = 1\n");
  EXPECT_THAT(made.remarks, Contains(StartsWith("[SHARING] save_shared = True: ")));
  EXPECT_THAT(made.remarks, Contains(StartsWith("[SHARING] mystery = 1: no key")));
  EXPECT_THAT(made.remarks, Not(Contains(HasSubstr("dict_ordered"))));
  EXPECT_THAT(made.remarks, Contains(HasSubstr("--iterations")));
  for (const std::string& remark : made.remarks) {
    EXPECT_THAT(made.json, HasSubstr("//   " + remark + '\n'));
  }
}

TEST_F(Translations, TakeTheGraphAndTheAddresses) {
  flags.graph = write("ring.edges", "3\n0 1\n1 2\n2 0\n");
  flags.addresses = write("hosts.json", R"({"0": "10.0.0.1", "1": "10.0.0.2"})");
  flags.machines.reset();
  const Config made = config("[COMMUNICATION]\ncomm_class = TCP\noffset = 9000\n");
  EXPECT_EQ(made.at("nodes").to_integer(), 3);
  EXPECT_EQ(made.at("graph").at("path").to_string(), flags.graph.string());
  EXPECT_EQ(made.at("mapping").at("machines").to_integer(), 2);
  EXPECT_EQ(made.at("mapping").at("processes_per_machine").to_integer(), 2);
  EXPECT_EQ(made.at("communication").at("port").to_integer(), 9000);
}

TEST_F(Translations, ASetThatIsNotThereIsNotEvaluated) {
  const std::string untested = replaced(kCifar, "test_dir = d\n", "test_dir =\n");
  EXPECT_THAT(config("", untested).at("evaluation").at("on").elements(), IsEmpty());
  EXPECT_EQ(config("").at("evaluation").at("on").elements().size(), 1u);
}

TEST_F(Translations, WhatMakesNoSenseIsAnError) {
  const auto error = [&](const std::string& what, const std::string& by) {
    return message_of<InputError>([&] { translated("", replaced(kCifar, what, by)); });
  };
  EXPECT_EQ(error("lr = 0.5", "lr = 1e999"),
            "a.ini: [OPTIMIZER_PARAMS] lr: must be a number, got \"1e999\"");
  EXPECT_THAT(error("rounds = 2", "rounds = 2.5"), HasSubstr("must be a whole number, got 2.5"));
  EXPECT_THAT(error("model_class = CNN\n", ""), HasSubstr("model_class: is missing"));
  EXPECT_THAT(message_of<InputError>([&] { translated("sharing_class = Choco\n"); }),
              HasSubstr("[SHARING] step_size: is missing"));
  EXPECT_THAT(
      message_of<InputError>([&] { translated("sharing_class = JWINS\nalpha_list = [0.1, x]\n"); }),
      HasSubstr("alpha_list: must be a list of numbers"));
}

}  // namespace
}  // namespace kith
