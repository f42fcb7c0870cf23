#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "compression/compressing.h"
#include "compression/wavelet.h"
#include "support/source_folder.h"

namespace kith {
namespace {

using nlohmann::json;

/// Numbers that were computed independently.
json oracle(const char* name) {
  std::ifstream stream(source_folder() / "../shared/oracles" / name);
  return stream ? json::parse(stream) : json();
}

void expect_near(const std::vector<float>& found, const std::vector<double>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], expected[i], 1e-6) << i;
}

/// Our config of an operator of the oracle.
std::string our_config(const std::string& name) {
  const auto with = [](const char* type, const char* option, const std::string& value) {
    return json{{"type", type}, {option, std::stoi(value)}}.dump();
  };
  if (name.starts_with("top")) return with("top_k", "k", name.substr(3));
  if (name.starts_with("stc_k")) return with("ternary", "k", name.substr(5));
  if (name.starts_with("uniform_minmax_")) return with("uniform", "bits", name.substr(15, 1));
  return "\"sign\"";
}

TEST(CompressorOracle, OutputsAreThoseOfTheIndependentComputation) {
  const json all = oracle("compressors.json");
  if (all.is_null()) GTEST_SKIP() << "NOT CHECKED: compressors.json is not there";
  const auto x = all.at("v").get<std::vector<float>>();
  ASSERT_EQ(all.at("tests").size(), 9u);
  for (const json& test : all.at("tests")) {
    SCOPED_TRACE(test.at("name").get<std::string>());
    const std::vector<float> q = Compressing(our_config(test.at("name")), x.size()).of(x);
    expect_near(q, test.at("out"));
    EXPECT_NEAR(squared_error(q, x), test.at("sq_err").get<double>(), 1e-5);
  }
}

TEST(CompressorOracle, MinMaxUint8HasBaguasCodes) {
  const json all = oracle("compressors.json");
  if (all.is_null()) GTEST_SKIP() << "NOT CHECKED: compressors.json is not there";
  const auto x = all.at("v").get<std::vector<float>>();
  const json& bagua = all.at("bagua_minmax_uint8");
  const Compressing q(R"("minmax_uint8")", x.size());
  EXPECT_EQ(q.compress(x).packed, bagua.at("codes").get<std::vector<std::uint8_t>>());
  expect_near(q.of(x), bagua.at("decoded"));
}

/// Mean squared error, and the mean of the message's vectors, over many draws.
struct Drawn {
  Drawn(const std::string& config, const std::vector<float>& x, double scale = 1) {
    constexpr int kDraws = 100'000;
    const Compressing q(config, x.size());
    for (int draw = 0; draw < kDraws; ++draw) {
      std::vector<float> said = q.of(x, std::uint32_t(draw));
      for (float& value : said) value = float(value * scale);
      const double error = squared_error(said, x);
      mean += error / kDraws;
      squares += error * error / kDraws;
    }
    tolerance = 4 * std::sqrt(std::max(0.0, squares - mean * mean) / kDraws) + 1e-5 * mean;
  }

  double mean = 0;
  double squares = 0;
  double tolerance = 0;
};

TEST(CompressorOracle, ExpectedErrorsAreThoseOfTheIndependentComputation) {
  const json all = oracle("compressors.json");
  if (all.is_null()) GTEST_SKIP() << "NOT CHECKED: compressors.json is not there";
  const auto x = all.at("v").get<std::vector<float>>();
  int checked = 0;
  for (const json& test : all.at("random")) {
    const std::string name = test.at("name");
    SCOPED_TRACE(test.dump());
    json config;
    if (name.starts_with("random_k")) {
      config = {{"type", "random_k"}, {"k", test.at("k")}};
      config["unbiased"] = name.find("unbiased") != std::string::npos;
    } else if (name.starts_with("QSGD")) {
      config = {{"type", "qsgd"}, {"levels", test.at("s")}};
      config["unbiased"] = name == "QSGD unbiased";
    } else if (name.starts_with("TernGrad")) {
      config = {{"type", "qsgd"}, {"levels", 1}, {"norm", "max"}};
    } else {
      continue;  // masks are not compressors, and there is no grid that does not follow the vector
    }
    ++checked;
    const Drawn drawn(config.dump(), x);
    EXPECT_NEAR(drawn.mean, test.at("E_sq_err").get<double>(), drawn.tolerance);
    const ErrorLaw law = Compressing(config.dump(), x.size())->law();
    if (test.contains("omega")) {
      EXPECT_NEAR(law.error, test.at("omega").get<double>(), 1e-12);
    }
    if (test.contains("delta")) {
      EXPECT_NEAR(law.error, 1 - test.at("delta").get<double>(), 1e-12);
    }
  }
  EXPECT_EQ(checked, 15);
}

TEST(CompressorOracle, LowRankComesToTheBestApproximationAndNeverBeatsIt) {
  const json all = oracle("compressors.json");
  if (all.is_null()) GTEST_SKIP() << "NOT CHECKED: compressors.json is not there";
  std::vector<float> m;
  for (const json& row : all.at("low_rank").at("M")) {
    for (const json& value : row) m.push_back(value);
  }
  ParameterLayout layout;
  layout.add("m", {6, 4});
  for (const char* rank : {"1", "2"}) {  // three pairs of vectors are longer than the matrix
    const double best = all.at("low_rank").at("truncated_svd_sq_err").at(rank);
    const Compressing q(R"({"type": "low_rank", "rank": )" + std::string(rank) + '}', layout);
    for (std::uint32_t step = 0; step < 100; ++step) {
      EXPECT_GE(squared_error(q.of(m, step), m), best * (1 - 1e-6)) << step;
    }
    EXPECT_NEAR(squared_error(q.of(m, 100), m), best, 1e-5);
  }
}

template <class Real>
void expect_transform(const std::string& wavelet, const json& signal, Real tolerance) {
  const auto x = signal.at("x").get<std::vector<Real>>();
  const int levels = int(signal.at("coeffs").size()) - 1;
  const Wavelet<Real> transform(wavelet, levels, x.size());
  std::vector<Real> expected, found(transform.coefficients()), back(x.size());
  for (const json& part : signal.at("coeffs")) {
    for (const json& value : part) expected.push_back(value);
  }
  ASSERT_EQ(found.size(), expected.size());
  transform.forward(x, found);
  transform.inverse(found, back);
  for (std::size_t i = 0; i < found.size(); ++i) ASSERT_NEAR(found[i], expected[i], tolerance) << i;
  for (std::size_t i = 0; i < x.size(); ++i) ASSERT_NEAR(back[i], x[i], tolerance) << i;
}

TEST(WaveletOracle, CoefficientsAreThoseOfTheIndependentComputation) {
  const json all = oracle("wavelets.json");
  if (all.is_null()) GTEST_SKIP() << "NOT CHECKED: wavelets.json is not there";
  int checked = 0;
  for (const auto& [name, signal] : all.items()) {
    if (!signal.is_object() || !signal.contains("coeffs")) continue;
    SCOPED_TRACE(name);
    const std::string wavelet = name.substr(0, name.find(','));
    expect_transform<double>(wavelet, signal, 1e-9);
    expect_transform<float>(wavelet, signal, 1e-5f);
    ++checked;
  }
  EXPECT_EQ(checked, 15);
}

}  // namespace
}  // namespace kith
