#include "training/settings.h"

namespace kith {

void FieldType<BatchSize>::read(const Config& config, BatchSize& value) {
  if (config.is_string() && config.to_string() == "full") {
    value.samples = 0;
    return;
  }
  const std::string expected = "must be a number of samples, at least 1, or \"full\", got ";
  if (config.is_string()) config.fail(expected + config.dump(true));
  value.samples = config.to_integer();
  if (value.samples < 1) config.fail(expected + config.dump());
}

std::string FieldType<BatchSize>::json(const BatchSize& value) {
  return value.is_full() ? json_string("full") : std::to_string(value.samples);
}

void FieldType<BatchSize>::describe(const BatchSize&, FieldInfo& info) { info.type = "anything"; }

void FieldType<CohortSize>::read(const Config& config, CohortSize& value) {
  const std::string word = config.is_string() ? config.to_string() : "";
  if (word == "auto" || word == "off") {
    value = {0, word == "auto"};
    return;
  }
  const std::string expected =
      "must be a number of nodes, at least 2, or \"off\" or \"auto\", got ";
  if (config.is_string()) config.fail(expected + config.dump(true));
  value.nodes = config.to_integer();
  if (value.nodes < 2 || value.nodes > 1'000'000) config.fail(expected + config.dump());
}

std::string FieldType<CohortSize>::json(const CohortSize& value) {
  if (value.automatic) return json_string("auto");
  return value.nodes == 0 ? json_string("off") : std::to_string(value.nodes);
}

void FieldType<CohortSize>::describe(const CohortSize&, FieldInfo& info) { info.type = "anything"; }

void TrainingSettings::fields(Fields& f) {
  f.optional("batch_size", batch_size, "samples per gradient, or \"full\": the whole partition");
  f.optional("local_steps", local_steps, "optimizer steps in a round", Range{.at_least = 0});
  f.optional("local_epochs", local_epochs, "passes over the partition in a round",
             Range{.at_least = 1});
  f.check(!local_steps || !local_epochs, "local_epochs",
          "stands beside \"local_steps\"; give one of them");
  f.optional("loss", loss, "what is minimized; by default what the task asks for",
             Choices{{"cross_entropy", "mse"}});
  f.optional("schedule", schedule, "how the learning rate changes over the local steps");
  f.optional("reset_optimizer", reset_optimizer, "whether every round forgets momentum");
  f.optional("sampling", sampling,
             "when a new order of the partition is drawn: when it is used up, or at every round",
             Choices{{"epoch", "round"}});
  f.optional("cohort", cohort,
             "how many nodes are trained as one computation, which changes the last bits: a "
             "number, \"off\", or \"auto\": on a GPU as many as fit, on a CPU \"off\"");
  f.optional("cohort_convolution", cohort_convolution,
             "how a cohort convolves, which changes the last bits: as one convolution with a group "
             "for each node, or by im2col as one batched product of matrices",
             Choices{{"grouped", "im2col"}});
  f.check(cohort.nodes > 0 || cohort.automatic || cohort_convolution == "grouped",
          "cohort_convolution",
          "is \"" + cohort_convolution +
              "\", but there are no cohorts; give \"cohort\" a number, or leave this out");
  f.optional("precision", precision,
             "of the gradients' arithmetic: float32, TF32 (on GPUs), or bfloat16 where PyTorch's "
             "autocast finds it safe; parameters and mixing are float32 always",
             Choices{{"fp32", "tf32", "bf16"}});
  f.optional("seed", seed, "draws the batches whatever the run's seed", Range{.at_least = 0});
  f.optional("slow", slow, "nodes that wait after each local step, as slower ones would take");
}

}  // namespace kith
