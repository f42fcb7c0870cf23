#include "support/json_trajectory.h"

namespace kith {
namespace {

const Trajectory kTraces[] = {
    {"dpsgd_awc_ring", R"({"node": {"type": "dpsgd", "order": "combine_while_adapt"},
                           "graph": "ring", "training": {"lr": 0.1}})"},
    {"dpsgd_awc_star", R"({"node": {"type": "dpsgd", "order": "combine_while_adapt"},
                           "training": {"lr": 0.1}})"},
    {"dpsgd_atc_grid", R"({"node": "dpsgd", "graph": {"type": "grid", "rows": 2, "columns": 4},
                           "training": {"lr": 0.1}})"},
    {"dpsgd_cta_ring", R"({"node": {"type": "dpsgd", "order": "combine_then_adapt"},
                           "training": {"lr": 0.1}})"},
    {"dsgdm_atc_ring", R"({"node": "dpsgd", "training": {"lr": 0.05, "momentum": 0.9}})"},
    {"dsgdm_nesterov_ring",
     R"({"node": "dpsgd", "training": {"lr": 0.05, "momentum": 0.9, "nesterov": true}})"},
    {"local_dsgd_ring_H4", R"({"node": "dpsgd", "training": {"lr": 0.05, "local_steps": 4}})"},
    // Where all average with all, D-PSGD is FedAvg.
    {"fedavg_H5", R"({"node": "dpsgd", "graph": "fully_connected",
                      "training": {"lr": 0.05, "local_steps": 5}})",
     true},
};

class DpsgdTrace : public ::testing::TestWithParam<Trajectory> {};
INSTANTIATE_TEST_SUITE_P(Traces, DpsgdTrace, ::testing::ValuesIn(kTraces),
                         [](const auto& info) { return info.param.trace; });

TEST_P(DpsgdTrace, IsThatOfTheIndependentComputation) { expect_trajectory(GetParam()); }

}  // namespace
}  // namespace kith
