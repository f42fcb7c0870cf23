#include "experiment/check_needs.h"

#include <cstdio>
#include <cstring>

#include "core/text.h"
#include "graph/analysis.h"
#include "graph/two_coloring.h"

namespace kith {
namespace {

[[noreturn]] void refuse(const std::string& path, const std::string& component,
                         const std::string& need, const std::string& but,
                         const std::string& remedy) {
  throw ConfigError(path + ": " + component + " needs " + need + ", but " + but + "; " + remedy);
}

std::string sum_text(const WrongSum& wrong) {
  char sum[32];
  std::snprintf(sum, sizeof sum, "%.10g", wrong.sum);  // not 1 to the 9 digits that count as 1
  return std::to_string(wrong.node) + " sum to " + sum + " in round " + std::to_string(wrong.round);
}

void check_rows(const std::string& component, const Audit& audit) {
  if (!audit.row) return;
  const std::string push_sum =
      audit.column ? "" : " (these, of which columns sum to 1, are for push-sum)";
  refuse("/graph/weights", component, "weights that sum to 1 over what each node hears and itself",
         "those of node " + sum_text(*audit.row),
         "use metropolis_hastings, or neighborhood_mean where edges go one way" + push_sum);
}

void check_columns(const std::string& component, const Needs& needs, const Audit& audit) {
  if (!audit.column) return;
  const std::string but = "those put on node " + sum_text(*audit.column);
  if (!needs.doubly_stochastic) {
    refuse("/graph/weights", component,
           "column-stochastic weights, which keep the sum over all nodes", but,
           "use column_stochastic, or metropolis_hastings where edges go both ways");
  }
  refuse("/graph/weights", component,
         "doubly stochastic weights, which keep the mean of all models", but,
         "use metropolis_hastings on a graph whose edges go both ways");
}

void check_symmetry(const std::string& component, const Schedule& schedule) {
  const auto found = asymmetry(schedule);
  if (!found) return;
  const std::string one = "node " + std::to_string(found->node);
  const std::string other = "node " + std::to_string(found->other);
  refuse("/graph/weights", component, "weights that are equal both ways",
         one + " puts another weight on " + other + " than " + other + " on " + one + " in round " +
             std::to_string(found->round),
         "use metropolis_hastings on a graph whose edges go both ways");
}

void check_two_way(const std::string& component, const Schedule& schedule) {
  const auto found = one_way_edge(schedule);
  if (!found) return;
  const std::string one = "node " + std::to_string(found->node);
  const std::string other = "node " + std::to_string(found->other);
  refuse("/graph", component, "a graph whose edges go both ways",
         one + " hears " + other + " in round " + std::to_string(found->round) + ", and " + other +
             " does not hear " + one,
         "use one that is not directed, such as ring, regular or hypercube");
}

void check_static(const std::string& component, const Setting& setting) {
  if (setting.schedule.period() == 1) return;
  refuse("/graph", component, "a graph that stays the same",
         setting.config.graph.type() + " changes from round to round",
         "use a static one, such as ring, regular or exponential");
}

void check_eigenvalues(const std::string& component, double above, const Setting& setting) {
  check_static(component, setting);
  check_symmetry(component, setting.schedule);
  const std::optional<double> least = spectrum(matrix_of(setting.schedule, 0)).lambda_min;
  // Of graphs too large for a spectrum a lazy W is known all the same: its weights tell.
  if (least && *least > above + 1e-9) return;  // as exact as a spectrum is known
  char need[80], value[40];
  std::snprintf(need, sizeof need, "a mixing matrix whose eigenvalues are above %.4g", above);
  if (least) std::snprintf(value, sizeof value, "the least of this one is %.6g", *least);
  refuse("/graph/weights", component, need, least ? value : "those of this one are not known",
         "use {\"type\": \"lazy\", \"of\": \"metropolis_hastings\", \"gamma\": 0.5}");
}

void check_mixing_rate(const std::string& component, const Setting& setting) {
  check_static(component, setting);
  check_symmetry(component, setting.schedule);
  const std::optional<double> gap = spectrum(matrix_of(setting.schedule, 0)).spectral_gap;
  if (gap && *gap > 1e-9) return;
  refuse("/graph", component, "weights of which the spectral gap is known and above 0",
         gap ? "that of these is 0" : "that of these is not known",
         "use a connected graph with metropolis_hastings");
}

void check_sharing(const std::string& component, const Setting& setting) {
  const std::string type = setting.config.sharing.type();
  if (type == "full") return;
  refuse("/sharing", component, "vectors that travel whole", "this run has the sharing " + type,
         "leave \"sharing\" out");
}

void check_training(const std::string& component, const Needs& needs, const Setting& setting) {
  const TrainingSettings& settings = setting.config.training.common();
  if (needs.one_step && (settings.local_epochs || settings.local_steps.value_or(1) > 1)) {
    const bool epochs = settings.local_epochs.has_value();
    refuse(epochs ? "/training/local_epochs" : "/training/local_steps", component,
           "one local step a round",
           epochs ? "an epoch has more" : "this run takes " + std::to_string(*settings.local_steps),
           "set training.local_steps to 1");
  }
  if (needs.plain_sgd && !setting.config.training.make()->state().empty()) {
    refuse("/training", component, "an optimizer that remembers nothing",
           setting.config.training.type() + " with these options does",
           "use {\"type\": \"sgd\", \"lr\": …} without momentum");
  }
}

void check_tree(const std::string& component, const Setting& setting) {
  const Graph graph = matrix_of(setting.schedule, 0).graph;
  const std::string remedy = "use chain, star or binary_tree, or a file with a tree";
  const std::string need = "a tree, in which exactly one path joins any two nodes";
  if (graph.is_directed()) refuse("/graph", component, need, "some edges go one way only", remedy);
  if (!graph.connected()) refuse("/graph", component, need, "some nodes are not joined", remedy);
  if (graph.edges() == graph.nodes() - 1) return;
  refuse("/graph", component, need,
         count_of(std::uint64_t(graph.nodes()), "node") + " are joined by " +
             count_of(std::uint64_t(graph.edges()), "edge") + ", not " +
             std::to_string(graph.nodes() - 1),
         remedy);
}

void check_bipartite(const std::string& component, const Setting& setting) {
  if (two_coloring(setting.schedule)) return;
  refuse("/graph", component, "two halves of nodes with all edges between them",
         "some cycle of this graph has an odd length",
         "use a ring of an even number of nodes, hypercube, grid or complete_bipartite");
}

void check_start(const std::string& component, const Setting& setting) {
  Array first(setting.parameters), other(setting.parameters);
  setting.initial.fill(0, first.view());
  for (Uid uid = 1; uid < setting.config.nodes; ++uid) {
    setting.initial.fill(uid, other.view());
    if (std::memcmp(first.data(), other.data(), setting.parameters * sizeof(float)) == 0) continue;
    const bool from_x0 = setting.config.model.common().init.from == Initialization::From::kShared;
    refuse(from_x0 ? "/dataset" : "/model/init", component,
           "all nodes to start from the same parameters",
           "those of nodes 0 and " + std::to_string(uid) + " differ",
           from_x0 ? "leave x0 out, or make its rows equal"
                   : "set it to \"shared\", or to a file with one tensor for each parameter");
  }
}

}  // namespace

void check_needs(const std::string& name, const Needs& needs, const Setting& setting) {
  const std::string component = needs.because.empty() ? name : name + " (" + needs.because + ")";
  if (needs.static_graph || needs.tree || needs.bipartite) check_static(component, setting);
  if (needs.tree) check_tree(component, setting);
  if (needs.bipartite) check_bipartite(component, setting);
  if (needs.row_stochastic || needs.doubly_stochastic) check_rows(component, setting.audit);
  if (needs.doubly_stochastic || needs.column_stochastic) {
    check_columns(component, needs, setting.audit);
  }
  if (needs.two_way) check_two_way(component, setting.schedule);
  if (needs.symmetric) check_symmetry(component, setting.schedule);
  if (needs.lambda_min_above) check_eigenvalues(component, *needs.lambda_min_above, setting);
  if (needs.even && setting.config.nodes % 2 != 0) {
    refuse("/nodes", component, "an even number of nodes",
           "there are " + std::to_string(setting.config.nodes), "add or leave out one");
  }
  if (needs.equal_start) check_start(component, setting);
  if (needs.labels && !setting.has_labels) {
    refuse("/dataset", component, "training data with labels",
           setting.config.dataset.type() + " as it is here has none",
           "use a dataset of a classification, or quadratics with labels");
  }
  if (needs.mixing_rate) check_mixing_rate(component, setting);
  if (needs.full_sharing) check_sharing(component, setting);
  check_training(component, needs, setting);
}

std::optional<std::string> note_on_mean(const Audit& audit) {
  if (audit.row || !audit.column) return {};
  return "mixing moves the mean of all models: the weights put on node " + sum_text(*audit.column) +
         ", not to 1";
}

}  // namespace kith
