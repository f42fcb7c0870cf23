#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "graph/analysis.h"
#include "graph/schedule.h"

namespace kith {

/// The graph that a config's "graph" section would give.
inline std::unique_ptr<Schedule> make_graph(const std::string& json, std::int64_t nodes,
                                            std::uint64_t seed = 1) {
  const auto chosen = Schedule::registry().read(Config::parse(json, "graph"));
  return chosen.make({nodes, seed, &chosen.common()});
}

inline MixingMatrix make_matrix(const std::string& json, std::int64_t nodes,
                                std::uint64_t seed = 1) {
  return matrix_of(*make_graph(json, nodes, seed), 0);
}

inline std::unique_ptr<Weights> make_weights(const std::string& json) {
  return Weights::registry().read(Config::parse(json, "weights")).make();
}

inline std::vector<Uid> list(std::span<const Uid> uids) { return {uids.begin(), uids.end()}; }

/// 1 − the spectral gap.
inline double rho(const MixingMatrix& w) { return 1 - spectrum(w).spectral_gap.value(); }

/// Every undirected edge once, lower uid first.
inline std::vector<std::pair<Uid, Uid>> edges_of(const Graph& graph) {
  std::vector<std::pair<Uid, Uid>> edges;
  for (Uid node = 0; node < graph.nodes(); ++node) {
    for (const Uid neighbor : graph.neighbors(node)) {
      if (node < neighbor) edges.emplace_back(node, neighbor);
    }
  }
  return edges;
}

/// The message with which `action` fails.
template <class Failure, class Action>
std::string message_of(Action action) {
  try {
    action();
  } catch (const Failure& failure) {
    return failure.what();
  }
  return "nothing failed";
}

/// A folder of its own for each test, gone with it.
class WithGraphFolder : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::temp_directory_path() /
              ("kith_" + std::string(test->test_suite_name()) + '_' + test->name());
    std::filesystem::create_directories(folder_);
    back_ = std::filesystem::current_path();
    std::filesystem::current_path(folder_);  // so that messages show short names
  }
  void TearDown() override {
    std::filesystem::current_path(back_);
    std::filesystem::remove_all(folder_);
  }

  static void write_file(const std::string& name, const std::string& text) {
    std::ofstream(name, std::ios::binary) << text;
  }

 private:
  std::filesystem::path folder_;
  std::filesystem::path back_;
};

}  // namespace kith
