#include "experiment/run_config.h"

#include <algorithm>

#include "experiment/device.h"
#include "experiment/plugin.h"

namespace kith {

void EvaluationConfig::fields(Fields& f) {
  f.optional("every", every,
             "rounds between evaluations; 0: only at the start and the end, which always are",
             Range{.at_least = 0});
  f.optional("on", on, "which samples: the node's own (train), validation, test",
             Choices{{"train", "validation", "test"}});
  f.optional("nodes", nodes, "how many nodes, evenly spread; by default all", Range{.at_least = 1});
  f.optional("samples", samples, "how many samples of each set, the first; by default all",
             Range{.at_least = 1});
  f.optional("average_model", average_model, "also evaluate the mean of all models");
  f.optional("record", record,
             "also keep every node's parameters (models up to 10,000), or its batches",
             Choices{{"parameters", "batches"}});
}

bool EvaluationConfig::has(const std::vector<std::string>& list, const std::string& word) const {
  return std::ranges::find(list, word) != list.end();
}

void RunConfig::fields(Fields& f) {
  f.optional("name", name, "of the run: its folder is runs/<name>-<time>");
  f.check(!name.empty() && name.find('/') == std::string::npos, "name",
          "must be usable as a folder's name");
  f.optional("seed", seed, "what everything random is drawn from", Range{.at_least = 0});
  f.required("nodes", nodes, "how many nodes learn", Range{.at_least = 1, .at_most = 1e8});
  f.required("rounds", rounds, "how often they talk to their neighbors",
             Range{.at_least = 0, .at_most = 4294967295.0});
  f.optional("device", device,
             "where they compute: cpu, cuda, cuda:K for card K, cuda:K,L for several, cuda:all, "
             "cuda:auto: a card a process");
  f.check(
      device_choice(device).has_value(), "device",
      "must be \"cpu\", \"cuda\", \"cuda:K\" with the number of a card, \"cuda:K,L\" with those of "
      "several, \"cuda:all\", or \"cuda:auto\"");
  f.optional(
      "allow_mixed_numerics", allow_mixed_numerics,
      "whether processes may compute on machines, and nodes on cards, that do not give the same "
      "bits");
  f.optional("plugins", plugins, "files with components from outside (see CONTRIBUTING.md)");
  f.required("graph", graph, "who talks to whom, and how much each weighs");
  f.optional("mapping", mapping, "which node lives in which process");
  f.optional("dataset", dataset, "what they learn from, and who holds what");
  f.required("model", model, "what they learn");
  f.optional("training", training, "how a node learns from its own data");
  f.optional("sharing", sharing, "what a node says, and how it merges what it hears");
  f.optional("node", node, "the protocol: who talks when");
  f.optional("communication", communication, "how messages travel");
  f.optional("evaluation", evaluation, "when and on what nodes are evaluated");
  f.optional("checkpoint", checkpoint, "what is kept");
}

RunConfig RunConfig::read(const Config& config) {
  RunConfig run;
  if (!config.is_object()) config.fail("must be an object, {…}");
  if (config.has("plugins") && !config.at("plugins").is_null()) {
    for (const Config& file : config.at("plugins").elements()) load_plugin(file.to_path());
  }
  Fields fields(config);
  run.fields(fields);
  fields.finish();
  run.json_ = '{' + fields.resolved() + '}';
  const bool on_cpu = device_choice(run.device)->kind == Device::Kind::kCpu;
  if (on_cpu) run.settle_cohort(0);
  const TrainingSettings& training = run.training.common();
  if (on_cpu && training.precision == "tf32") {
    config.at("training")
        .at("precision")
        .fail("\"tf32\" is arithmetic of GPUs; on the device \"" + run.device +
              "\" there are \"fp32\" and \"bf16\"");
  }
  return run;
}

void RunConfig::settle_cohort(std::int64_t nodes) {
  if (!training.common().cohort.automatic) return;
  const auto replace = [](std::string text, const std::string& from, const std::string& to) {
    return text.replace(text.find(from), from.size(), to);
  };
  const std::string open = "\"training\":" + training.json();
  std::string settled = replace(training.json(), R"("cohort":"auto")",
                                R"("cohort":)" + FieldType<CohortSize>::json({nodes, false}));
  if (nodes == 0 && training.common().cohort_convolution != "grouped") {
    settled =
        replace(settled, R"("cohort_convolution":"im2col")", R"("cohort_convolution":"grouped")");
  }
  training = Optimizer::registry().read(Config::parse(settled, "training"));
  json_ = replace(json_, open, "\"training\":" + training.json());
}

}  // namespace kith
