#include <map>
#include <nlohmann/json.hpp>

#include "graph/graph_testing.h"
#include "support/source_folder.h"

namespace kith {
namespace {

using nlohmann::json;

/// The oracle's names of what is called otherwise here.
std::string our_name(const std::string& name) {
  static const std::map<std::string, std::string> kOurs{
      {"binary_tree_heap", "binary_tree"},
      {"static_exponential", "exponential"},
      {"metropolis", "metropolis_hastings"},
  };
  const auto ours = kOurs.find(name);
  return ours == kOurs.end() ? name : ours->second;
}

MixingMatrix matrix_of(const json& row) {
  json graph{{"type", our_name(row.at("topology"))}};
  if (graph["type"] == "torus" || graph["type"] == "grid") {
    graph["rows"] = row.at("a");
    graph["columns"] = row.at("b");
  }
  if (row.value("weights", "") == "lazy_0.5_of_metropolis") {
    graph["weights"] = {{"type", "lazy"}, {"gamma", 0.5}};
  } else if (row.contains("weights")) {
    graph["weights"] = our_name(row.at("weights"));
  }
  return make_matrix(graph.dump(), row.at("n"));
}

const std::filesystem::path kOracle = source_folder() / "../shared/oracles/spectral_gaps.json";

json spectral_gaps() {
  std::ifstream stream(kOracle);
  return stream ? json::parse(stream) : json();
}

TEST(SpectralGap, IsThatOfTheIndependentComputation) {
  const json oracle = spectral_gaps();
  if (oracle.is_null()) GTEST_SKIP() << "NOT CHECKED: " << kOracle << " is not there";
  for (const json& row : oracle.at("rows")) {
    SCOPED_TRACE(row.dump());
    const MixingMatrix w = matrix_of(row);
    const Spectrum found = spectrum(w);
    EXPECT_NEAR(*found.spectral_gap, row.at("gap").get<double>(), 1e-9);
    if (is_symmetric(w)) {
      EXPECT_NEAR(*found.lambda_min, row.at("min_eig").get<double>(), 1e-9);
    }
    if (row.contains("edge_weight")) {
      for (const double weight : w.weights) {
        EXPECT_NEAR(weight, row.at("edge_weight").get<double>(), 1e-12);
      }
    }
  }
}

TEST(MetropolisHastings, HasTheMatricesOfTheIndependentComputation) {
  const json oracle = spectral_gaps();
  if (oracle.is_null()) GTEST_SKIP() << "NOT CHECKED: " << kOracle << " is not there";
  const std::pair<const char*, const char*> matrices[] = {
      {"metropolis_example_grid_2x4", R"({"type": "grid", "rows": 2})"},
      {"metropolis_example_star5", R"("star")"}};
  for (const auto& [name, graph] : matrices) {
    const json& rows = oracle.at(name);
    const MixingMatrix w = make_matrix(graph, std::int64_t(rows.size()));
    for (Uid i = 0; i < w.graph.nodes(); ++i) {
      std::vector<double> row(rows.size());
      row[std::size_t(i)] = w.self_weights[std::size_t(i)];
      for (std::size_t k = 0; k < w.row(i).size(); ++k) {
        row[std::size_t(w.graph.senders(i)[k])] = w.row(i)[k];
      }
      for (std::size_t j = 0; j < row.size(); ++j) {
        EXPECT_NEAR(row[j], rows[std::size_t(i)][j].get<double>(), 1e-12) << name;
      }
    }
  }
}

}  // namespace
}  // namespace kith
