#include "compression/compressor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>

#include "compression/compressing.h"
#include "kernels/device/device_under_test.h"
#include "kernels/level.h"
#include "support/folder.h"

namespace kith {
namespace {

/// What every compressor must be able to do, each kind in several settings.
class EveryCompressor : public ::testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(Settings, EveryCompressor, ::testing::ValuesIn(kEveryCompressor),
                         [](const auto& info) { return std::to_string(info.index); });

TEST(Compressors, AreAllAmongThoseTested) {
  std::set<std::string> tested;
  for (const char* json : kEveryCompressor) {
    const Config config = Config::parse(json, "test");
    tested.insert(config.is_string() ? config.to_string() : config.at("type").to_string());
  }
  for (const std::string& name : Compressor::registry().names()) {
    EXPECT_TRUE(tested.contains(name)) << name;
  }
}

/// A model of a few layers: a matrix, a bias, a tensor, a scalar, an empty one.
ParameterLayout some_layers() {
  ParameterLayout layout;
  layout.add("weight", {6, 9});
  layout.add("bias", {6});
  layout.add("empty", {0, 5});
  layout.add("filters", {4, 2, 3, 3});
  layout.add("scale", {});
  return layout;
}

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kDenormal = std::numeric_limits<float>::denorm_min();

/// Vectors of a kind, `size` long, that a compressor might stumble over.
std::vector<std::vector<float>> awkward_vectors(std::size_t size) {
  std::vector<std::vector<float>> all{normal_vector(size, 1)};
  const auto add = [&](auto element) {
    auto& x = all.emplace_back(size);
    for (std::size_t i = 0; i < size; ++i) x[i] = float(element(i));
  };
  add([](std::size_t) { return 0; });
  add([](std::size_t) { return -0.0; });
  add([](std::size_t) { return 2.5; });
  add([](std::size_t i) { return i % 2 == 0 ? -1 : 1; });
  add([](std::size_t i) { return i == 3 ? 1 : 0; });
  add([](std::size_t i) { return i == 3 ? -1 : 1e-6; });
  add([](std::size_t i) { return 1000 + 1e-3 * double(i); });
  add([](std::size_t i) { return double(i % 5) * kDenormal; });
  add([](std::size_t i) { return std::sin(double(i)) * 1e-30; });
  add([](std::size_t i) { return std::sin(double(i)) * 60'000; });
  return all;
}

TEST_P(EveryCompressor, BytesComeBackAsTheMessageAndAsLongAsTheFormSays) {
  const Compressing q(GetParam(), some_layers());
  const Form form = q->form();
  for (const auto& x : awkward_vectors(q.layout().size)) {
    const Compressed message = q.compress(x);
    const Body body = q.said(message);
    const std::size_t longest = 4 * (form.indices + form.values) + form.head + form.packed;
    EXPECT_TRUE(form.at_most ? body.size() <= longest : body.size() == longest);
    EXPECT_EQ(body.metadata_bytes(), 4 * message.indices.size() + form.head);
    const Compressed back = q.heard(body);
    EXPECT_EQ(back.indices, elements(message.indices));
    EXPECT_EQ(back.head, message.head);
    EXPECT_EQ(back.packed, elements(message.packed));
    EXPECT_TRUE(std::equal(back.values.begin(), back.values.end(), message.values.begin(),
                           message.values.end()));
  }
}

TEST_P(EveryCompressor, IsAFunctionOfTheVectorAndTheStream) {
  const std::vector<float> x = normal_vector(some_layers().size, 3);
  const Compressing a(GetParam(), some_layers()), b(GetParam(), some_layers());
  EXPECT_EQ(a.of(x, 5), b.of(x, 5));
  EXPECT_EQ(a.of(x, 6), b.of(x, 6));
}

TEST_P(EveryCompressor, SaysTheSameBitsAtEveryLevel) {
  if (!kernels::supports(kernels::Level::kV3)) GTEST_SKIP() << "NOT CHECKED: there is one level";
  ParameterLayout layout = some_layers();
  layout.add("large", {700, 70});
  const std::vector<float> x = normal_vector(layout.size, 4);
  const auto said_at = [&](kernels::Level level) {
    const kernels::LevelScope scope(level);
    const Compressing q(GetParam(), layout);
    const Compressed message = q.compress(x);
    return std::tuple(message.head, elements(message.packed), q.expand(message));
  };
  EXPECT_EQ(said_at(kernels::Level::kGeneric), said_at(kernels::Level::kV3));
}

TEST_P(EveryCompressor, AddsItsVectorWeighted) {
  const Compressing q(GetParam(), some_layers());
  const std::vector<float> x = normal_vector(q.layout().size, 5);
  const Compressed message = q.compress(x);
  const std::vector<float> expanded = q.expand(message);
  std::vector<float> sum(x.size(), 1);
  q->add(message, 0.25f, {sum.data(), sum.size(), {}});
  for (std::size_t i = 0; i < x.size(); ++i) EXPECT_FLOAT_EQ(sum[i], 1 + 0.25f * expanded[i]);
}

// The processor plays the device, whose memory the host may not touch.
TEST_P(EveryCompressor, HasTheBitsOfTheProcessorOnADevice) {
  ParameterLayout layout = some_layers();
  layout.add("large", {90, 70});
  const Device there = kernels::device_under_test().device;
  const Compressing here(GetParam(), layout);
  const auto compressor = here.another(there);
  EXPECT_TRUE(compressor->on_device());
  const Codec codec = Compressing::plain();
  const auto d = static_cast<std::uint32_t>(layout.size);
  Compressed back(there);
  for (std::uint32_t round = 0; round < 3; ++round) {
    const std::vector<float> x = round == 1 ? std::vector<float>(d) : normal_vector(d, round);
    const Compressed want = here.compress(x, round);
    const ViewFrom x_there(here.view(x), there);
    auto got = std::make_shared<Compressed>(there);
    compressor->compress(x_there.view(), Stream{1, Purpose::kCompression, 0, round}, *got);
    const Body said = in_bytes(codec.encode(got, here->form(), d));
    const Body expected = here.said(want);
    EXPECT_TRUE(std::ranges::equal(said.coded(), expected.coded())) << round;
    EXPECT_EQ(said.metadata_bytes(), expected.metadata_bytes());

    codec.decode(3, said, here->form(), d, back);
    compressor->check(back);
    const std::vector<float> sum = normal_vector(d, 9);
    std::vector<float> sum_here = sum;
    here->add(want, 0.3f, {sum_here.data(), d, {}});
    for (const Compressed* const message : {got.get(), &back}) {
      Array sum_there(d, there);
      copy(here.view(sum), sum_there.view());
      compressor->add(*message, 0.3f, sum_there.view());
      EXPECT_TRUE(std::ranges::equal(host_copy(sum_there.view()).view(), sum_here)) << round;
    }
  }
}

TEST_P(EveryCompressor, KeepsItsErrorLaw) {
  const Compressing q(GetParam(), some_layers());
  const ErrorLaw law = q->law();
  const double d = double(q.layout().size);
  constexpr int kDraws = 1000;
  for (const auto& x : awkward_vectors(q.layout().size)) {
    double sum = 0, squares = 0;
    for (std::uint32_t draw = 0; draw < kDraws; ++draw) {
      // A new one for each: the law is that of a compressor without memory.
      const double error = squared_error(Compressing(GetParam(), q.layout()).of(x, draw), x);
      sum += error;
      squares += error * error;
    }
    const double mean = sum / kDraws;
    const double deviation = std::sqrt(std::max(0.0, squares / kDraws - mean * mean) / kDraws);
    const double bound = law.error * squared_norm(x) + d * law.floor * law.floor;
    const double rounding = 1e-6 * bound + 1e-13 * squared_norm(x) + d * 1e-88;
    EXPECT_LE(mean, bound + 4 * deviation + rounding);
  }
}

TEST_P(EveryCompressor, IsRightOnAverageWhereItSaysSo) {
  const Compressing q(GetParam(), some_layers());
  if (!q->law().unbiased) return;
  constexpr int kDraws = 20'000;
  const std::vector<float> x = normal_vector(q.layout().size, 6);
  std::vector<double> sum(x.size()), squares(x.size());
  for (int draw = 0; draw < kDraws; ++draw) {
    const std::vector<float> said = q.of(x, std::uint32_t(draw));
    for (std::size_t i = 0; i < x.size(); ++i) {
      sum[i] += said[i];
      squares[i] += double(said[i]) * double(said[i]);
    }
  }
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double mean = sum[i] / kDraws;
    const double deviation = std::sqrt(std::max(0.0, squares[i] / kDraws - mean * mean) / kDraws);
    EXPECT_NEAR(mean, x[i], 5 * deviation + 1e-6) << i;
  }
}

TEST_P(EveryCompressor, SaysNothingOfZero) {
  const Compressing q(GetParam(), some_layers());
  for (const float value : q.of(std::vector<float>(q.layout().size))) EXPECT_EQ(value, 0);
}

TEST_P(EveryCompressor, WorksOnNothingAndOnOneNumber) {
  const Compressing nothing(GetParam(), 0);
  EXPECT_TRUE(nothing.of({}).empty());
  const Compressing one(GetParam(), 1);
  EXPECT_EQ(one->form().indices, one.compress({0.75f}).indices.size());
  EXPECT_TRUE(std::isfinite(one.of({0.75f})[0]));
}

TEST_P(EveryCompressor, RefusesWhatIsNotFinite) {
  const Compressing q(GetParam(), some_layers());
  for (const float bad : {std::nanf(""), kInfinity, -kInfinity}) {
    for (const std::size_t at : {std::size_t{0}, q.layout().size - 1}) {
      std::vector<float> x = normal_vector(q.layout().size, 7);
      x[at] = bad;
      EXPECT_THROW(q.compress(x), NumericError);
    }
  }
}

/// Whatever comes over the wire is refused in a sentence, or can be added.
void receive(const Compressing& q, ByteView bytes) {
  try {
    q.expand(q.heard(Body(std::vector(bytes.begin(), bytes.end()))));
  } catch (const PeerError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("a message ")) << error.what();
  }
}

TEST_P(EveryCompressor, SurvivesHostileBytes) {
  const Compressing q(GetParam(), some_layers());
  Random random(8, Purpose::kModel);
  const Body body = q.said(q.compress(normal_vector(q.layout().size, 8)));
  const std::vector<std::byte> good(body.coded().begin(), body.coded().end());
  for (std::size_t length = 0; length <= good.size() + 9; ++length) {
    std::vector<std::byte> bytes = good;
    bytes.resize(length, std::byte{0xff});
    receive(q, bytes);
  }
  for (int trial = 0; trial < 3000; ++trial) {
    std::vector<std::byte> bytes = good;
    for (std::uint32_t flips = 1 + random.below(4); flips > 0 && !bytes.empty(); --flips) {
      bytes[random.below(std::uint32_t(bytes.size()))] = std::byte(random());
    }
    receive(q, bytes);
  }
}

/// The end of the sentence that refuses a message.
std::string refusal_of(const Compressing& q, const Compressed& message) {
  const std::string whole = message_of<PeerError>([&] { q.heard(q.said(message)); });
  const std::size_t colon = whole.rfind(": ");
  return colon == std::string::npos ? whole : whole.substr(colon + 2);
}

TEST(Message, IsRefusedWithWhatIsWrong) {
  const Compressing top(R"({"type": "top_k", "k": 2})", 5);
  EXPECT_EQ(refusal_of(top, message({1}, {1})), "it has 0 indices, not 2");
  EXPECT_EQ(refusal_of(top, message({}, {1})), "it ends in its numbers");
  EXPECT_EQ(refusal_of(top, message({1}, {1, 2})), "it has 1 index, not 2");
  EXPECT_EQ(refusal_of(top, message({1, 2, 3}, {1, 2})), "it has 3 indices, not 2");
  EXPECT_EQ(refusal_of(top, message({2, 2}, {1, 2})), "its indices do not ascend");
  EXPECT_EQ(refusal_of(top, message({2, 5}, {1, 2})), "an index is not below 5");
  EXPECT_EQ(refusal_of(top, message({1, 2}, {1, kInfinity})), "its numbers are not finite");
  EXPECT_EQ(refusal_of(top, message({1, 2}, {1, 2})), "no error");

  const Compressing threshold(R"({"type": "threshold", "value": 1})", 2);
  EXPECT_EQ(refusal_of(threshold, message({0, 1, 2}, {1, 2, 3})),
            "no number of coordinates takes 24 bytes");
  EXPECT_EQ(refusal_of(threshold, message({}, {})), "no error");
  EXPECT_EQ(refusal_of(threshold, message({1}, {2})), "no error");

  const Compressing qsgd(R"({"type": "qsgd", "levels": 1})", 2);
  EXPECT_EQ(refusal_of(qsgd, message({}, {}, {0, 0, 0x80, 0x3f}, {0b1001})), "no error");
  EXPECT_EQ(refusal_of(qsgd, message({}, {}, {0, 0, 0x80, 0x3f}, {})), "it ends in its head");
  EXPECT_EQ(refusal_of(qsgd, message({}, {}, {0, 0, 0x80, 0x3f}, {0, 0})), "it is 1 byte too long");
  EXPECT_EQ(refusal_of(qsgd, message({}, {}, {0, 0, 0x80, 0x3f}, {0b1101})),
            "a message with code 3, not at most 2");
  EXPECT_EQ(refusal_of(qsgd, message({}, {}, {0, 0, 0x80, 0xbf}, {0})),
            "a message with a scale that cannot be");
  const Compressing fp16(R"("fp16")", 1);
  EXPECT_EQ(refusal_of(fp16, message({}, {}, {}, {0, 0x7c})),
            "a message with a value that is not finite");
}

// Bytes a node of a ring sends a round, without headers.
TEST(Message, HasTheLengthThatIsPublished) {
  constexpr std::size_t d = 1'000'003;
  const auto on_a_ring = [](const char* json) {
    const Compressing q(json, d);
    return 2 * q.said(q.compress(std::vector<float>(d, 1))).size();
  };
  EXPECT_EQ(on_a_ring(R"("identity")"), 8'000'024u);
  EXPECT_EQ(on_a_ring(R"({"type": "top_k", "fraction": 0.01})"), 160'000u);
  EXPECT_EQ(on_a_ring(R"("sign")"), 250'010u);
  EXPECT_EQ(on_a_ring(R"({"type": "qsgd", "levels": 7})"), 2 * ((d * 4 + 7) / 8 + 4));
  EXPECT_EQ(on_a_ring(R"({"type": "qsgd", "levels": 127})"), 2 * (d + 4));
}

TEST(CompressorOptions, AreRefusedInASentence) {
  const auto refusal = [](const char* json) {
    return message_of<ConfigError>([&] { Compressing(json, 10); });
  };
  EXPECT_EQ(refusal(R"("top_k")"),
            "run.json: /compressor: \"fraction\" is missing; say it, or \"k\"");
  EXPECT_EQ(refusal(R"({"type": "top_k", "fraction": 0.1, "k": 3})"),
            "run.json: /compressor/fraction: and \"k\" exclude each other; say one of them");
  EXPECT_EQ(refusal(R"({"type": "random_k", "fraction": 0})"),
            "run.json: /compressor/fraction: must be above 0 and at most 1, got 0");
  EXPECT_EQ(
      refusal(R"({"type": "threshold", "value": 1.5, "relative_to": "max"})"),
      "run.json: /compressor/value: must be at most 1, being a part of the largest magnitude");
  EXPECT_EQ(refusal(R"({"type": "uniform", "bits": 9})"),
            "run.json: /compressor/bits: must be at least 1 and at most 8, got 9");
  EXPECT_EQ(refusal(R"("tok_k")"),
            "run.json: /compressor: unknown compressor \"tok_k\"; did you mean \"top_k\"? Known: "
            "bf16, fp16, identity, low_rank, minmax_uint8, qsgd, random_k, sign, ternary, "
            "threshold, top_k, uniform");
}

}  // namespace
}  // namespace kith
