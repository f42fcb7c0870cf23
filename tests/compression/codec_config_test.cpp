#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compression/codec.h"
#include "compression/codec_testing.h"
#include "experiment/schema.h"
#include "kernels/mix.h"
#include "sharing/sharing.h"
#include "support/quadratic_run.h"

namespace kith {
namespace {

using ::testing::HasSubstr;

std::string message_about(const std::string& json) {
  try {
    codec_options(json);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(CodecConfig, IsRiceAndPlainNumbersUnlessSaidOtherwise) {
  EXPECT_EQ(FieldType<CodecOptions>::json(codec_options("{}")),
            R"({"indices":{"type":"rice"},"values":{"type":"none"}})");
}

TEST(CodecConfig, SpellsOutChainsAndTheirDefaults) {
  const CodecOptions options = codec_options(
      R"({"indices": "elias_gamma",
          "values": ["quantization", {"type": "zstd", "level": 7}, "lz4"]})");
  const std::string json = FieldType<CodecOptions>::json(options);
  EXPECT_EQ(json, R"({"indices":{"type":"elias_gamma"},"values":[)"
                  R"({"type":"quantization","levels":32767},)"
                  R"({"type":"zstd","level":7,"shuffle":true},{"type":"lz4","shuffle":true}]})");
  EXPECT_EQ(FieldType<CodecOptions>::json(codec_options(json)), json);
}

TEST(CodecConfig, IsRefusedWithTheRemedy) {
  EXPECT_EQ(
      message_about(R"({"indices": "rise"})"),
      R"(run.json: /indices: unknown index_codec "rise"; did you mean "rice"? Known: bitpack, )"
      R"(elias_delta, elias_gamma, gaps, lz4, none, rice, varint, zstd)");
  EXPECT_EQ(message_about(R"({"values": ["fpzip", "fpzip"]})"),
            R"(run.json: /values/1: unknown byte_codec "fpzip". Known: lz4, zstd)");
  EXPECT_EQ(message_about(R"({"values": []})"), "run.json: /values: must name a codec, got []");
  EXPECT_THAT(message_about(R"({"values": 3})"),
              HasSubstr("run.json: /values: must be a value_codec"));
  EXPECT_EQ(message_about(R"({"values": {"type": "fpzip", "precision": 33}})"),
            "run.json: /values/precision: must be at least 2 and at most 32, got 33");
  EXPECT_THAT(message_about(R"({"value": "none"})"), HasSubstr(R"(did you mean "values"?)"));
}

/// Gossip in which vectors, or only their even coordinates, go through a codec: stands for the
/// methods that do so.
class Coded final : public Sharing {
 public:
  struct Params {
    bool sparse = false;
    CodecOptions codec;

    void fields(Fields& f) {
      f.optional("sparse", sparse, "only even coordinates are said");
      f.optional("codec", codec, "how numbers become bytes");
    }
  };

  Coded(const Params& params, const Context& context)
      : codec_(params.codec), sparse_(params.sparse), size_(context.layout.size) {}

  void say(const Turn&, const Slot& x, Outbox& outbox) override {
    if (!sparse_) return outbox.to_all(codec_.encode(x));
    Sparse said;
    for (std::uint32_t i = 0; i < size_; i += 2) {
      said.indices.push_back(i);
      said.values.push_back((*x)[i]);
    }
    outbox.to_all(codec_.encode(said.indices, view(said.values), size()));
  }

  void hear(const Turn& turn, const Slot& x, std::span<const Heard> heard, ArrayView out) override {
    std::vector<Array> vectors;
    std::vector<kernels::Term> terms;
    for (const Heard& neighbor : heard) {
      Array& vector = vectors.emplace_back(size_);
      if (sparse_) {
        Sparse received;
        codec_.decode(neighbor.sender, *neighbor.body, size(), received);
        std::copy(x->data(), x->data() + size_, vector.data());
        for (std::size_t k = 0; k < received.indices.size(); ++k) {
          vector[received.indices[k]] = received.values[k];
        }
      } else {
        codec_.decode(neighbor.sender, *neighbor.body, vector.view());
      }
    }
    for (std::size_t k = 0; k < heard.size(); ++k)
      terms.push_back({heard[k].weight, vectors[k].view()});
    kernels::mix(turn.self_weight, x->view(), terms, out);
  }

 private:
  std::uint32_t size() const { return static_cast<std::uint32_t>(size_); }

  Codec codec_;
  bool sparse_;
  std::size_t size_;
};
const Register<Sharing, Coded> registered{"coded_in_a_test", "gossip through a codec"};

std::string run_config(const std::string& sharing) {
  return R"({"name": "coded", "nodes": 6, "rounds": 5, "graph": "ring",
             "model": {"type": "vector", "size": 200, "init": "per_node"},
             "training": {"type": "sgd", "local_steps": 0},
             "evaluation": {"record": ["parameters"]}, "sharing": )" +
         sharing + '}';
}

TEST(CodedGossip, IsPlainGossipBitForBitWhenTheCodecLosesNothing) {
  TestRun runs;
  runs.run(run_config(R"("full")"));
  const Matrix expected = runs.parameters(5);
  for (const std::string& values : kLosslessCodecs) {
    runs.run(run_config(R"({"type": "coded_in_a_test", "codec": {"values": )" + values + "}}"));
    EXPECT_EQ(runs.parameters(5), expected) << values;
  }
}

TEST(CodedGossip, OfSomeCoordinatesIsTheSameWithEveryCodecOfIndices) {
  TestRun runs;
  Matrix expected;
  for (const std::string& indices : kIndexCodecs) {
    runs.run(run_config(R"({"type": "coded_in_a_test", "sparse": true, "codec": {"indices": )" +
                        indices + "}}"));
    if (expected.empty()) expected = runs.parameters(5);
    EXPECT_EQ(runs.parameters(5), expected) << indices;
  }
}

TEST(CodedGossip, CountsBytesAndMetadataOfEveryMessage) {
  TestRun runs;
  runs.run(
      run_config(R"({"type": "coded_in_a_test", "sparse": true, "codec": {"indices": "none"}})"));
  for (const Config& line : runs.events("evaluation")) {
    // To two neighbors: a header of 64 bytes, 100 indices and 100 numbers.
    const std::int64_t messages = 2 * line.at("round").to_integer();
    EXPECT_EQ(line.at("bytes_sent").to_integer(), messages * (64 + 800));
    EXPECT_EQ(line.at("metadata_bytes_sent").to_integer(), messages * (64 + 400));
  }
}

TEST(Schema, AcceptsACodecOrAListOfCodecs) {
  const Config schema = Config::parse(config_schema(), "schema");
  for (const Config& form : schema.at("$defs").at("sharing").at("anyOf").elements()) {
    if (!form.has("properties") || !form.at("properties").has("codec")) continue;
    const Config values = form.at("properties").at("codec").at("properties").at("values");
    const std::vector<Config> forms = values.at("anyOf").elements();
    ASSERT_EQ(forms.size(), 2u);
    EXPECT_EQ(forms[0].at("$ref").to_string(), "#/$defs/value_codec");
    EXPECT_EQ(forms[1].at("prefixItems").elements()[0].at("$ref").to_string(),
              "#/$defs/value_codec");
    EXPECT_EQ(forms[1].at("items").at("$ref").to_string(), "#/$defs/byte_codec");
    return;
  }
  FAIL() << "no sharing has a codec";
}

}  // namespace
}  // namespace kith
