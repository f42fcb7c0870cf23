#include "experiment/plan.h"

#include <algorithm>
#include <cstdio>
#include <numeric>

#include "core/device_memory.h"
#include "core/json_object.h"
#include "experiment/check_needs.h"

namespace kith {
namespace {

// A backward pass costs about two forward passes.
constexpr double kTrainingPasses = 3;

/// Bytes of what node 0 would say to its first neighbor in each exchange of a channel in round 0,
/// header included.
void add_first_messages(const Experiment& experiment, std::size_t channel,
                        std::vector<std::uint64_t>& bytes) {
  const Channel::Spec spec = experiment.protocol().channels()[channel];
  Array here(experiment.layout().size + (spec.weighted ? 1 : 0));
  experiment.fill_initial(0, here.view().part(0, experiment.layout().size));
  const auto v = std::make_shared<Array>(here.size(), experiment.device_of(0));
  copy(here.view(), v->view());
  const std::vector<Uid> receivers = experiment.schedule().neighborhood(0, 0).receivers;
  Reports reports;
  const std::unique_ptr<Sharing> sharing = experiment.make_sharing(channel, 0, reports);
  sharing->start(v->view());
  for (int exchange = 0; exchange < sharing->exchanges(); ++exchange) {
    Sharing::Outbox outbox;
    sharing->say({0, exchange, 1, {}, receivers}, v, outbox);
    std::uint64_t size = 0;
    if (outbox.common()) {
      size = kHeaderBytes + outbox.common()->size();
    } else if (!outbox.single().empty()) {
      size = kHeaderBytes + outbox.single().front().second.size();
    }
    for (int mix = 0; mix < spec.mixes; ++mix) bytes.push_back(size);
  }
}

/// The same of all channels.
std::vector<std::uint64_t> first_messages(const Experiment& experiment) {
  std::vector<std::uint64_t> bytes;
  const std::size_t channels = experiment.protocol().channels().size();
  for (std::size_t channel = 0; channel < channels; ++channel) {
    add_first_messages(experiment, channel, bytes);
  }
  if (bytes.empty()) bytes.push_back(kHeaderBytes + sizeof(float) * experiment.layout().size);
  return bytes;
}

double evaluation_share(const Experiment& experiment, const Plan& plan) {
  const RunConfig& config = experiment.config();
  const auto rounds = static_cast<double>(config.rounds);
  const auto every = static_cast<double>(config.evaluation.every);
  const double evaluations = 2 + (every > 0 ? std::max(0.0, rounds - 1) / every : 0);
  const auto evaluated_nodes =
      static_cast<double>(std::min(config.nodes, config.evaluation.nodes.value_or(config.nodes)));
  const double samples =
      std::min(static_cast<double>(plan.test_samples),
               static_cast<double>(config.evaluation.samples.value_or(INT64_MAX)));
  const double evaluating = evaluations * evaluated_nodes * samples;

  const auto& batch = config.training.common().batch_size;
  double training = 0;
  for (Uid uid = 0; uid < config.nodes; ++uid) {
    const double own =
        static_cast<double>(experiment.partition()[static_cast<std::size_t>(uid)].size());
    const double size =
        batch && !batch->is_full() ? std::min(own, static_cast<double>(batch->samples)) : own;
    training += kTrainingPasses * rounds * static_cast<double>(experiment.local_steps(uid)) * size;
  }
  return evaluating + training > 0 ? evaluating / (evaluating + training) : 0;
}

/// Of a schedule what its first round is; that need not connect anything.
std::string graph_text(const std::string& type, const GraphInfo& graph) {
  const std::string text = type + ", " + count_of(static_cast<std::uint64_t>(graph.edges), "edge") +
                           ", degree " + std::to_string(graph.degree_min) + " to " +
                           std::to_string(graph.degree_max);
  if (graph.period != 1) return text + " in round 0";
  return text + (graph.connected ? ", connected" : ", NOT connected");
}

std::string schedule_text(const GraphInfo& graph) {
  if (graph.period == 0) return "never repeats";
  std::string text = "repeats after " + count_of(static_cast<std::uint64_t>(graph.period), "round");
  if (!graph.product_distance) return text;
  char left[64];
  std::snprintf(left, sizeof left, ", which leave at most %.2g of a disagreement",
                *graph.product_distance);
  return text + left;
}

std::string optional_number(const std::optional<double>& value) {
  return value ? json_number(*value) : "null";
}

}  // namespace

Plan make_plan(const Experiment& experiment) {
  const RunConfig& config = experiment.config();
  Plan plan;
  plan.graph = inspect(experiment.schedule());
  plan.processes = std::ssize(experiment.placement().nodes_of);
  plan.parameters = experiment.layout().size;
  plan.train_samples = experiment.data().train.size();
  plan.test_samples = experiment.data().test.size();
  const auto sizes = [](const auto& own) { return own.size(); };
  const auto [least, most] = std::ranges::minmax(experiment.partition(), {}, sizes);
  plan.partition_min = least.size();
  plan.partition_max = most.size();
  for (Uid uid = 0; uid < config.nodes; ++uid) {
    plan.nodes_without_data += experiment.partition()[static_cast<std::size_t>(uid)].empty();
    plan.local_steps_max = std::max(plan.local_steps_max, experiment.local_steps(uid));
  }
  const std::vector<std::uint64_t> bytes = first_messages(experiment);
  plan.message_bytes = bytes.front();
  const double edges = experiment.protocol()
                           .found_edges(config.nodes)
                           .value_or(plan.graph.degree_mean * static_cast<double>(config.nodes));
  const double own_vectors = experiment.protocol().own_vectors(config.nodes);
  const bool mixes = !experiment.protocol().channels().empty();
  plan.bytes_per_round = static_cast<std::uint64_t>(
      (mixes ? edges * std::accumulate(bytes.begin(), bytes.end(), 0.0) : 0) +
      own_vectors * static_cast<double>(kHeaderBytes + sizeof(float) * plan.parameters));
  plan.memory_bytes = static_cast<std::uint64_t>(config.nodes) * experiment.node_bytes();
  plan.evaluation_share = evaluation_share(experiment, plan);
  return plan;
}

std::string plan_text(const Experiment& experiment, const Plan& plan) {
  const RunConfig& config = experiment.config();
  const Transport::Common& limits = config.communication.common();
  const Placement& placement = experiment.placement();
  std::string text;
  const auto line = [&](const char* name, const std::string& value) {
    char row[32];
    std::snprintf(row, sizeof row, "%-18s", name);
    text += row + value + '\n';
  };
  const auto number = [](auto value) { return std::to_string(value); };
  line("nodes", number(config.nodes) + " in " +
                    count_of(static_cast<std::uint64_t>(plan.processes), "process", "processes") +
                    ", " + count_of(static_cast<std::uint64_t>(experiment.threads()), "thread") +
                    " here");
  if (plan.processes > 1) {
    for (std::size_t process = 0; process < placement.nodes_of.size(); ++process) {
      std::size_t samples = 0;
      for (const Uid uid : placement.nodes_of[process]) {
        samples += experiment.partition()[static_cast<std::size_t>(uid)].size();
      }
      line(process == 0 ? "mapping" : "", "process " + number(process) + ": " +
                                              placement.names(static_cast<int>(process)) + ", " +
                                              count_of(samples, "sample"));
    }
  }
  line("rounds", number(config.rounds) + ", up to " +
                     count_of(static_cast<std::uint64_t>(plan.local_steps_max), "local step") +
                     " each");
  line("algorithm", config.node.type() + ", sharing " + config.sharing.type());
  line("graph", graph_text(config.graph.type(), plan.graph));
  if (plan.graph.period != 1) line("schedule", schedule_text(plan.graph));
  if (plan.graph.period == 1 && plan.graph.spectrum.spectral_gap) {
    line("spectral gap", json_number(*plan.graph.spectrum.spectral_gap));
  }
  if (const auto note = note_on_mean(experiment.audit())) line("weights", *note);
  line("training samples", number(plan.train_samples) + ", " + number(plan.partition_min) + " to " +
                               number(plan.partition_max) + " a node");
  if (plan.train_samples > 0 && plan.nodes_without_data > 0) {
    line("", count_of(static_cast<std::uint64_t>(plan.nodes_without_data), "node") +
                 " without any: they only mix");
  }
  line("test samples", number(plan.test_samples));
  line("model", config.model.type() + ", " + count_of(plan.parameters, "parameter"));
  line("bytes per round",
       experiment.protocol().channels().empty()
           ? "as the protocol sends; see kith list node " + config.node.type()
           : bytes_text(static_cast<double>(plan.bytes_per_round)) + " in all, " +
                 bytes_text(static_cast<double>(plan.message_bytes)) + " a message");
  line("memory", "at most " + bytes_text(static_cast<double>(plan.memory_bytes)) +
                     " for vectors, at a lead of " +
                     count_of(static_cast<std::uint64_t>(limits.max_lead), "round"));
  char share[32];
  std::snprintf(share, sizeof share, "%.0f %% of the arithmetic", 100 * plan.evaluation_share);
  line("evaluation", share);
  const std::string progress = duration_text(limits.progress_timeout_s) + " without progress";
  line("deadlines", plan.processes > 1
                        ? duration_text(limits.start_timeout_s) + " to start, " +
                              duration_text(limits.heartbeat_timeout_s) + " of silence, " + progress
                        : progress + "; a standstill is found at once");
  return text;
}

std::string plan_json(const Experiment& experiment, const Plan& plan) {
  const RunConfig& config = experiment.config();
  const Transport::Common& limits = config.communication.common();
  return JsonObject()
      .add("nodes", config.nodes)
      .add("rounds", config.rounds)
      .add("processes", plan.processes)
      .raw("mapping", json_array(experiment.placement().nodes_of,
                                 [](const std::vector<Uid>& uids) {
                                   return json_array(uids,
                                                     [](Uid uid) { return std::to_string(uid); });
                                 }))
      .add("threads", experiment.threads())
      .add("local_steps", plan.local_steps_max)
      .add("node", config.node.type())
      .add("sharing", config.sharing.type())
      .add("graph", config.graph.type())
      .add("edges", plan.graph.edges)
      .add("degree_min", plan.graph.degree_min)
      .add("degree_mean", plan.graph.degree_mean)
      .add("degree_max", plan.graph.degree_max)
      .add("connected", plan.graph.connected)
      .raw("spectral_gap", optional_number(plan.graph.spectrum.spectral_gap))
      .add("period", plan.graph.period)
      .raw("product_distance", optional_number(plan.graph.product_distance))
      .raw("rounds_to_consensus", plan.graph.rounds_to_consensus
                                      ? std::to_string(*plan.graph.rounds_to_consensus)
                                      : "null")
      .add("doubly_stochastic", !experiment.audit().row && !experiment.audit().column)
      .add("train_samples", plan.train_samples)
      .add("test_samples", plan.test_samples)
      .add("partition_min", plan.partition_min)
      .add("partition_max", plan.partition_max)
      .add("nodes_without_data", plan.nodes_without_data)
      .add("parameters", plan.parameters)
      .add("message_bytes", plan.message_bytes)
      .add("bytes_per_round", plan.bytes_per_round)
      .add("memory_bytes", plan.memory_bytes)
      .add("evaluation_share", plan.evaluation_share)
      .add("start_timeout_s", limits.start_timeout_s)
      .add("heartbeat_timeout_s", limits.heartbeat_timeout_s)
      .add("progress_timeout_s", limits.progress_timeout_s)
      .str();
}

}  // namespace kith
