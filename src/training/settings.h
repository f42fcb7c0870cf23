#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/registry.h"
#include "core/types.h"
#include "training/learning_rate.h"

namespace kith {

/// Samples per gradient: a number, or in a config "full" for the whole partition.
struct BatchSize {
  std::int64_t samples = 0;  ///< 0: the whole partition

  bool is_full() const { return samples == 0; }
};

template <>
struct FieldType<BatchSize> {
  static void read(const Config& config, BatchSize& value);
  static std::string json(const BatchSize& value);
  static void describe(const BatchSize& value, FieldInfo& info);
};

/// How many nodes are trained as one computation: a number, or in a config "off" for none, or
/// "auto" for what suits the device, which is none: measured on a CPU, only small networks train
/// faster together, larger ones slower; on cards nothing was measured yet.
struct CohortSize {
  std::int64_t nodes = 0;  ///< 0: each by itself
  bool automatic = false;  ///< to be found out, from what fits a device
};

template <>
struct FieldType<CohortSize> {
  static void read(const Config& config, CohortSize& value);
  static std::string json(const CohortSize& value);
  static void describe(const CohortSize& value, FieldInfo& info);
};

/// Nodes that take longer than their machine does: to see what an algorithm makes of them.
struct SlowNodes {
  std::vector<Uid> nodes;
  double factor = 1;

  void fields(Fields& f) {
    f.required("nodes", nodes, "which", Range{.at_least = 0});
    f.required("factor", factor, "a local step takes them so many times as long",
               Range{.at_least = 1});
  }
};

/// The options of training that no optimizer cares for: the options of every optimizer.
struct TrainingSettings {
  std::optional<BatchSize> batch_size;
  std::optional<std::int64_t> local_steps;  ///< never beside local_epochs
  std::optional<std::int64_t> local_epochs;
  std::optional<std::string> loss;
  Blueprint<LearningRate> schedule = LearningRate::registry().standard("constant");
  bool reset_optimizer = false;
  std::string sampling = "epoch";
  CohortSize cohort;
  std::string cohort_convolution = "grouped";
  std::string precision = "fp32";
  std::optional<std::int64_t> seed;
  std::optional<SlowNodes> slow;

  void fields(Fields& f);
};

}  // namespace kith
