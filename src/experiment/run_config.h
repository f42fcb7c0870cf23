#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "communication/transport.h"
#include "core/fields.h"
#include "dataset/dataset.h"
#include "graph/schedule.h"
#include "mapping/mapping.h"
#include "model/model.h"
#include "node/protocol.h"
#include "sharing/sharing.h"
#include "training/optimizer.h"

namespace kith {

/// When and on what nodes are evaluated.
struct EvaluationConfig {
  std::int64_t every = 5;
  std::vector<std::string> on{"test"};
  std::optional<std::int64_t> nodes;
  std::optional<std::int64_t> samples;
  bool average_model = false;
  std::vector<std::string> record;

  void fields(Fields& f);
  bool has(const std::vector<std::string>& list, const std::string& word) const;
  bool evaluates(const std::string& set) const { return has(on, set); }
  bool records(const std::string& what) const { return has(record, what); }
};

struct CheckpointConfig {
  bool final = true;

  void fields(Fields& f) { f.optional("final", final, "keep the final parameters in final/"); }
};

/// A whole config, read and checked: one member per section.
struct RunConfig {
  std::string name = "run";
  std::int64_t seed = 1;
  std::int64_t nodes = 0;
  std::int64_t rounds = 0;
  std::string device = "cpu";
  bool allow_mixed_numerics = false;
  std::vector<Path> plugins;
  Blueprint<Schedule, const Schedule::Context&> graph;
  Blueprint<Mapping> mapping = Mapping::registry().standard("linear");
  Blueprint<Dataset> dataset = Dataset::registry().standard("none");
  Blueprint<Model, const Model::Context&> model;
  Blueprint<Optimizer> training = Optimizer::registry().standard("sgd");
  Blueprint<Sharing, const Sharing::Context&> sharing = Sharing::registry().standard("full");
  Blueprint<Protocol> node = Protocol::registry().standard("dpsgd");
  Blueprint<Transport, const Transport::Context&> communication =
      Transport::registry().standard("inproc");
  EvaluationConfig evaluation;
  CheckpointConfig checkpoint;

  void fields(Fields& f);

  /// The seed of a component: its own where it has one.
  std::uint64_t seed_or(const std::optional<std::int64_t>& own) const {
    return static_cast<std::uint64_t>(own.value_or(seed));
  }

  /// The resolved config as JSON, every default spelled out. Reading it again gives this config.
  const std::string& json() const { return json_; }

  /// Replaces training.cohort, where it is "auto", by what that is found to be; 0 is "off", and
  /// then nothing is convolved in cohorts.
  void settle_cohort(std::int64_t nodes);

  /// Loads the plug-ins that the config names, then reads it. "auto" cohorts are "off" on a CPU; on
  /// a GPU that is left open.
  static RunConfig read(const Config& config);

 private:
  std::string json_;
};

}  // namespace kith
