#include "support/json_trajectory.h"

namespace kith {
namespace {

const Trajectory kTraces[] = {
    {"gt_diging_ring",
     R"({"node": "gradient_tracking", "graph": "ring", "training": {"lr": 0.1}})"},
    {"gt_semi_ring", R"({"node": {"type": "gradient_tracking", "variant": "semi_atc"},
                         "training": {"lr": 0.1}})"},
    {"gt_atc_ring", R"({"node": {"type": "gradient_tracking", "variant": "atc"},
                        "training": {"lr": 0.1}})"},
    {"gt_atc_grid", R"({"node": {"type": "gradient_tracking", "variant": "atc"},
                        "graph": {"type": "grid", "rows": 2, "columns": 4},
                        "training": {"lr": 0.1}})"},
    {"d2_ring_lazy", R"({"node": "d2", "training": {"lr": 0.1}, "graph": {"type": "ring",
                         "weights": {"type": "lazy", "of": "metropolis_hastings", "gamma": 0.5}}})"},
    {"exact_diffusion_grid_lazy", R"({"node": "exact_diffusion", "training": {"lr": 0.1}})"},
    {"extra_ring", R"({"node": "extra", "training": {"lr": 0.1}})"},
    {"dmsgd_mixed_oldm_ring", R"({"node": {"type": "dmsgd", "momentum": 0.9,
                                           "order": "old_momentum"}, "training": {"lr": 0.05}})"},
    {"dmsgd_mixed_newm_ring", R"({"node": {"type": "dmsgd", "momentum": 0.9,
                                           "order": "new_momentum"}, "training": {"lr": 0.05}})"},
    {"decentlam_ring", R"({"node": {"type": "decentlam", "momentum": 0.9},
                           "training": {"lr": 0.05}})"},
    {"qg_dsgdm_ring", R"({"node": {"type": "quasi_global", "momentum": 0.9},
                          "training": {"lr": 0.05}})"},
    {"qg_dsgdm_n_ring", R"({"node": {"type": "quasi_global", "momentum": 0.9, "nesterov": true},
                            "training": {"lr": 0.05}})"},
    {"beer_ring_top1", R"({"node": {"type": "beer", "gamma": 0.2,
                                    "compressor": {"type": "top_k", "k": 1}},
                           "training": {"lr": 0.02}})",
     false, 10},
    {"decentdp_accumadam_ring", R"({"node": {"type": "dpsgd", "order": "combine_while_adapt"},
                                    "training": {"type": "accum_adam", "lr": 0.05,
                                                 "betas": [0.9, 0.99], "accum_iter": 4}})"},
    {"decentdp_accumadamw_ring",
     R"({"node": {"type": "dpsgd", "order": "combine_while_adapt"},
         "training": {"type": "accum_adamw", "lr": 0.05, "betas": [0.9, 0.99], "accum_iter": 4,
                      "weight_decay": 0.1}})"},
};

class ProtocolTrace : public ::testing::TestWithParam<Trajectory> {};
INSTANTIATE_TEST_SUITE_P(Traces, ProtocolTrace, ::testing::ValuesIn(kTraces),
                         [](const auto& info) { return info.param.trace; });

TEST_P(ProtocolTrace, IsThatOfTheIndependentComputation) { expect_trajectory(GetParam()); }

struct FixedPointCase {
  const char* order;  ///< of the D-PSGD that ends there
  const char* node;
};

class FixedPoint : public ::testing::TestWithParam<FixedPointCase> {};
INSTANTIATE_TEST_SUITE_P(
    Nodes, FixedPoint,
    ::testing::Values(FixedPointCase{"awc", R"({"type": "dpsgd", "order": "combine_while_adapt"})"},
                      FixedPointCase{"atc", R"("dpsgd")"},
                      FixedPointCase{"cta", R"({"type": "dpsgd", "order": "combine_then_adapt"})"},
                      FixedPointCase{"atc", R"({"type": "quasi_global", "momentum": 0.7})"},
                      FixedPointCase{"atc", R"({"type": "decentlam", "momentum": 0.7})"}),
    [](const auto& info) { return std::to_string(info.index); });

TEST_P(FixedPoint, IsThatOfTheLinearSystem) {
  const nlohmann::json all = oracle("trajectories.json");
  const nlohmann::json points = oracle("dpsgd_fixed_points.json");
  if (all.is_null() || points.is_null()) GTEST_SKIP() << "NOT CHECKED: no fixed points";
  for (const char* matrix : {"ring8_metropolis", "star8_metropolis"}) {
    for (const char* lr : {"0.1", "0.05"}) {
      TestRun run;
      write_matrix(all.at("matrices").at(matrix), run.folder() / "fixed.json");
      Trajectory run_of;
      run_of.rounds = 1500;
      run_of.config =
          nlohmann::json{{"graph", {{"type", "file"}, {"path", run.folder() / "fixed.json"}}},
                         {"node", nlohmann::json::parse(GetParam().node)},
                         {"training", {{"lr", std::stod(lr)}}},
                         {"evaluation", {{"every", 0}}}}
              .dump();
      run_on(all, run_of, run);
      const std::string key = std::string(matrix) + ",lr=" + lr;
      const Matrix expected = points.at("points").at(key).at(GetParam().order).at("X");
      EXPECT_LT(largest_difference(run.parameters(1500), expected), 1e-5) << key;
    }
  }
}

}  // namespace
}  // namespace kith
