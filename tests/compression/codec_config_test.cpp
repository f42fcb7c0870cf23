#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compression/codec.h"
#include "compression/codec_testing.h"
#include "experiment/schema.h"
#include "sharing/sharing.h"

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
