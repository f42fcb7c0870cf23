#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/json_object.h"
#include "support/quadratic_run.h"
#include "support/softmax_model.h"

namespace kith {
namespace {

using ::testing::HasSubstr;

using Counts = std::vector<std::vector<std::int64_t>>;

/// Whether `j` is nearer to `i` than `c` is, by the cosines of their counts in whole numbers.
bool is_nearer(const Counts& counts, std::size_t i, std::size_t j, std::size_t c, bool most) {
  const auto dot = [&](std::size_t a, std::size_t b) {
    std::int64_t sum = 0;
    for (std::size_t k = 0; k < counts[a].size(); ++k) sum += counts[a][k] * counts[b][k];
    return sum;
  };
  // cos(i, j) < cos(i, c), squared and without fractions. Who has no data is like nobody.
  const std::int64_t left = dot(i, j) * dot(i, j) * std::max<std::int64_t>(dot(c, c), 1);
  const std::int64_t right = dot(i, c) * dot(i, c) * std::max<std::int64_t>(dot(j, j), 1);
  if (left == right) return j < c;
  return most ? left > right : left < right;
}

/// Who is joined to whom: j is chosen by i when fewer than k others are nearer.
std::vector<std::vector<bool>> overlay_of(const Counts& counts, std::size_t k, bool most) {
  const std::size_t n = counts.size();
  std::vector<std::vector<bool>> joined(n, std::vector<bool>(n));
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      if (j == i) continue;
      std::size_t nearer = 0;
      for (std::size_t c = 0; c < n; ++c) {
        nearer += c != i && c != j && is_nearer(counts, i, c, j, most);
      }
      if (nearer < k) joined[i][j] = joined[j][i] = true;
    }
  }
  return joined;
}

Counts random_counts(std::size_t nodes, std::size_t labels, std::uint64_t seed) {
  Counts counts(nodes, std::vector<std::int64_t>(labels));
  Random random(seed, Purpose::kModel);
  for (auto& row : counts) {
    for (auto& count : row) count = static_cast<std::int64_t>(4 * random.uniform());
  }
  return counts;
}

std::string knn(std::size_t k, bool most) {
  return JsonObject()
      .add("type", "knn")
      .add("k", static_cast<std::int64_t>(k))
      .add("keep", most ? "most" : "least")
      .str();
}

class Overlay : public ::testing::Test {
 protected:
  /// Quadratics whose nodes have these labels; none where it is empty.
  std::string labelled(const Counts& counts, std::size_t nodes) {
    const auto path = run_.folder() / ("q" + std::to_string(files_++) + ".json");
    QuadraticProblem problem(nodes, std::max<std::size_t>(nodes, 2));
    for (auto& row : problem.x0) std::ranges::fill(row, 0);
    for (std::size_t i = 0; i < nodes; ++i) problem.x0[i][i] = 1;
    problem.write(path);
    if (!counts.empty()) {
      std::string text;
      std::getline(std::ifstream(path), text, '\0');
      const std::string labels = json_array(counts, [](const auto& row) {
        return json_array(row, [](std::int64_t count) { return std::to_string(count); });
      });
      std::ofstream(path) << text.substr(0, text.rfind('}')) << ", \"labels\": " << labels << '}';
    }
    return JsonObject().add("type", "quadratics").add("path", path.string()).str();
  }

  std::string edges(const std::vector<std::vector<bool>>& joined) {
    const auto path = run_.folder() / ("graph" + std::to_string(files_++) + ".edges");
    std::ofstream file(path);
    file << joined.size() << '\n';
    for (std::size_t i = 0; i < joined.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (joined[i][j]) file << j << ' ' << i << '\n';
      }
    }
    file.close();
    return JsonObject().add("type", "file").add("path", path.string()).str();
  }

  struct Setting {
    std::string dataset;
    std::string model = R"("vector")";
    std::string training = R"({"type": "sgd", "lr": 0.05, "local_steps": 2})";
    std::string sharing = R"("full")";
    int rounds = 12;
  };

  static std::string config(const std::string& node, const std::string& graph, std::size_t nodes,
                            const Setting& setting) {
    return JsonObject()
        .add("nodes", static_cast<std::int64_t>(nodes))
        .add("rounds", setting.rounds)
        .raw("graph", graph)
        .raw("dataset", setting.dataset)
        .raw("model", setting.model)
        .raw("training", setting.training)
        .raw("sharing", setting.sharing)
        .raw("node", node)
        .raw("evaluation", R"({"every": 1, "record": ["parameters"]})")
        .str();
  }

  std::uint64_t digest(const std::string& node, const std::string& graph, std::size_t nodes,
                       const Setting& setting) {
    return run_.run(config(node, graph, nodes, setting)).digest;
  }

  /// W of the overlay that nodes with these labels find: what one round of gossip makes of unit
  /// vectors.
  Matrix found(const Counts& counts, std::size_t k, bool most) {
    Setting setting{.dataset = labelled(counts, counts.size()), .rounds = 1};
    setting.training = R"({"type": "sgd", "local_steps": 0})";
    digest(knn(k, most), R"("fully_connected")", counts.size(), setting);
    return run_.parameters(1);
  }

  void expect_overlay(const Counts& counts, std::size_t k, bool most) {
    const auto joined = overlay_of(counts, k, most);
    const Matrix w = found(counts, k, most);
    const std::size_t n = counts.size();
    const auto degree = [&](std::size_t i) { return std::ranges::count(joined[i], true); };
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) {
        if (i == j) continue;
        const double want = joined[i][j] ? 1.0 / double(1 + std::max(degree(i), degree(j))) : 0;
        EXPECT_NEAR(w[i][j], want, 1e-7) << i << ' ' << j << " k " << k << " most " << most;
      }
    }
  }

  std::string refusal(const std::string& node, const Setting& setting) {
    try {
      digest(node, R"("ring")", 3, setting);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }

  TestRun run_;
  int files_ = 0;
};

TEST_F(Overlay, IsThatOfTheMostOrLeastSimilarLabels) {
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    const Counts counts = random_counts(11, 3, seed);
    for (const std::size_t k : {1, 2, 4}) {
      expect_overlay(counts, k, true);
      expect_overlay(counts, k, false);
    }
  }
}

TEST_F(Overlay, TellsGroupsApart) {
  const Counts counts{{9, 1}, {8, 0}, {1, 7}, {0, 5}};
  const auto said = [&](const char* name) {
    return run_.events("service").back().at(name).to_number();
  };
  const Matrix alike = found(counts, 1, true);
  EXPECT_EQ(alike, (Matrix{{.5, .5, 0, 0}, {.5, .5, 0, 0}, {0, 0, .5, .5}, {0, 0, .5, .5}}));
  EXPECT_EQ(said("overlay_edges"), 2);
  EXPECT_EQ(said("overlay_connected"), 0);
  EXPECT_EQ(run_.events("evaluation").back().at("neighbors").to_number(), 1);
  const Matrix unlike = found(counts, 1, false);  // 0 – 3 – 1 – 2
  EXPECT_EQ(unlike[0][1], 0);
  EXPECT_EQ(unlike[2][3], 0);
  EXPECT_EQ(said("overlay_edges"), 3);
  EXPECT_EQ(said("overlay_connected"), 1);
}

// All are as similar, though their counts and norms are not the same: 3 and 7 times one another,
// and 3/√9 as near to the first as 1/√1.
TEST_F(Overlay, TiesGoToTheLowestUid) {
  for (const bool most : {true, false}) {
    const Counts multiples{{1, 2}, {3, 6}, {7, 14}, {49, 98}, {5, 10}};
    expect_overlay(multiples, 1, most);
    const Matrix w = found(multiples, 1, most);  // a star: all choose 0, which chooses 1
    for (std::size_t i = 1; i < w.size(); ++i) EXPECT_FLOAT_EQ(float(w[i][0]), 0.2f) << i;
    expect_overlay({{1, 0, 0, 0}, {1, 2, 2, 0}, {3, 6, 6, 0}, {2, 4, 0, 4}, {1, 0, 2, 2}}, 2, most);
    expect_overlay({{0, 0}, {0, 0}, {1, 0}, {0, 1}, {0, 0}}, 2, most);
  }
}

TEST_F(Overlay, IsCompleteWhereAllOthersAreKept) {
  const Counts counts = random_counts(6, 4, 7);
  const Setting setting{.dataset = labelled(counts, 6)};
  const std::uint64_t complete =
      digest(R"("dpsgd")", edges(overlay_of(counts, 5, true)), 6, setting);
  for (const bool most : {true, false}) {
    for (const std::size_t k : {5, 6, 1000}) {
      EXPECT_EQ(digest(knn(k, most), R"("ring")", 6, setting), complete) << k;
      const Matrix mean(6, std::vector<double>(6, 1.0 / 6));
      EXPECT_LT(largest_difference(found(counts, k, most), mean), 1e-7) << k;
    }
  }
}

TEST_F(Overlay, IsLearnedOnAsDPsgdDoes) {
  const Counts counts = random_counts(9, 3, 5);
  Setting setting{.dataset = labelled(counts, 9)};
  for (const bool most : {true, false}) {
    const std::string graph = edges(overlay_of(counts, 2, most));
    for (const char* sharing :
         {R"("full")",
          R"({"type": "choco", "gamma": 0.3, "compressor": {"type": "top_k", "k": 2}})",
          R"({"type": "powergossip", "gamma": 0.5, "rank": 1})"}) {
      setting.sharing = sharing;
      EXPECT_EQ(digest(knn(2, most), R"("ring")", 9, setting),
                digest(R"("dpsgd")", graph, 9, setting))
          << sharing;
    }
  }
}

TEST_F(Overlay, OfSamplesIsThatOfTheirPartition) {
  const auto path = run_.folder() / "clouds.csv";
  std::ofstream file(path);
  file << "a,b,label\n";
  Random random(7, Purpose::kModel);
  for (int i = 0; i < 120; ++i) {
    file << random.normal() << ',' << random.normal() << ",class" << i % 5 << '\n';
  }
  file.close();
  for (const char* partition :
       {R"({"type": "dirichlet", "alpha": 0.5})", R"({"type": "by_column", "column": "label"})"}) {
    Setting setting{.dataset = JsonObject()
                                   .add("type", "csv")
                                   .add("path", path.string())
                                   .add("target", "label")
                                   .add("task", "classification")
                                   .raw("partition", partition)
                                   .str(),
                    .model = R"("softmax_in_a_test")"};  // skewed_data_test.cpp registers it
    setting.training = R"({"type": "sgd", "lr": 0.1, "batch_size": 4})";
    const Experiment plan(
        RunConfig::read(Config::parse(config(knn(2, true), R"("ring")", 7, setting), "test.json")),
        1);
    Counts counts;
    for (const auto& own : plan.partition()) {
      counts.emplace_back(5);
      for (const auto sample : own) {
        ++counts.back()[static_cast<std::size_t>(plan.data().train.labels[sample])];
      }
    }
    for (const bool most : {true, false}) {
      EXPECT_EQ(digest(knn(2, most), R"("ring")", 7, setting),
                digest(R"("dpsgd")", edges(overlay_of(counts, 2, most)), 7, setting))
          << partition;
    }
  }
}

TEST_F(Overlay, OfOneOrTwoNodesIsAllThereIs) {
  for (const std::size_t nodes : {1, 2}) {
    const Setting setting{.dataset = labelled(random_counts(nodes, 2, 1), nodes)};
    EXPECT_EQ(digest(R"("knn")", R"("fully_connected")", nodes, setting),
              digest(R"("dpsgd")", R"("fully_connected")", nodes, setting))
        << nodes;
  }
}

TEST_F(Overlay, CostsAHistogramAndAListOnce) {
  const Counts counts{{9, 1}, {8, 0}, {1, 7}, {0, 5}};
  const Setting setting{.dataset = labelled(counts, 4), .rounds = 3};
  digest(knn(1, true), R"("ring")", 4, setting);  // two pairs
  EXPECT_EQ(run_.events("service").back().at("bytes_sent").to_integer(), 4 * (64 + 12 + 12 + 4));
  EXPECT_EQ(run_.events("evaluation").back().at("bytes_sent").to_integer(),
            64 + 4 * 2 + 3 * (64 + 4 * 4));
}

TEST_F(Overlay, NeedsLabels) {
  const std::string lacks =
      "/dataset: knn (it chooses neighbors by the labels of their samples) needs training data "
      "with "
      "labels, but ";
  EXPECT_THAT(refusal(R"("knn")", {.dataset = labelled({}, 3)}),
              HasSubstr(lacks + "quadratics as it is here has none; use a dataset of a "
                                "classification, or quadratics with labels"));
  Setting none{.dataset = R"("none")", .model = R"({"type": "vector", "size": 3})"};
  none.training = R"({"type": "sgd", "local_steps": 0})";
  EXPECT_THAT(refusal(R"("knn")", none), HasSubstr(lacks + "none as it is here"));
  const Setting labels{.dataset = labelled({{1, 0}, {0, 1}, {1, 1}}, 3)};
  EXPECT_EQ(refusal(R"("knn")", labels), "");
  EXPECT_THAT(refusal(R"({"type": "knn", "k": 0})", labels), HasSubstr("/node/k"));
  EXPECT_THAT(refusal(R"({"type": "knn", "keep": "some"})", labels), HasSubstr("/node/keep"));
}

}  // namespace
}  // namespace kith
