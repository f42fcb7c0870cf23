#pragma once

#include <optional>
#include <string>

#include "core/needs.h"
#include "experiment/initial_parameters.h"
#include "experiment/run_config.h"
#include "graph/audit.h"

namespace kith {

/// A run as its components find it.
struct Setting {
  const RunConfig& config;
  const Schedule& schedule;
  const Audit& audit;
  const InitialParameters& initial;
  std::uint64_t parameters;  ///< of a node
  bool has_labels;           ///< its training data
};

/// Throws ConfigError for the first need that the setting does not meet: where in the config, what
/// `component` needs, where this run breaks it, and what would work.
void check_needs(const std::string& component, const Needs& needs, const Setting& setting);

/// What should be known of weights under which nodes agree, but not on the mean of where they
/// began.
std::optional<std::string> note_on_mean(const Audit& audit);

}  // namespace kith
