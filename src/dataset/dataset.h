#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/registry.h"
#include "dataset/partition.h"
#include "dataset/quadratics.h"
#include "dataset/samples.h"

namespace kith {

/// Everything a dataset holds, ready for training.
struct Data {
  Objective task = Objective::kNone;
  std::int64_t classes = 0;  ///< classification
  std::int64_t outputs = 0;  ///< regression: numbers per target
  Samples train;
  Samples validation;
  Samples test;
  std::shared_ptr<const Quadratics> quadratics;  ///< for Objective::kQuadratics
};

/// Files in, samples out.
class Dataset {
 public:
  /// Options of every dataset.
  struct Common {
    Blueprint<Partitioner> partition = Partitioner::registry().standard("iid");
    double validation_fraction = 0;

    void fields(Fields& f) {
      f.optional("partition", partition, "which node holds which training samples");
      f.optional("validation_fraction", validation_fraction,
                 "part of the training samples kept for validation, drawn at random",
                 Range{.at_least = 0, .below = 1});
    }
  };

  static Registry<Dataset>& registry();

  virtual ~Dataset() = default;

  /// Reads and checks all files. A table fills `train.columns` with the `columns` asked for; other
  /// datasets have none. Throws InputError naming the file and what was expected of it, ConfigError
  /// where an option asks for more than the files have.
  /// Leaves `validation` empty: the caller splits it off.
  virtual Data load(const std::vector<std::string>& columns) const = 0;
};

/// The data of a run on `nodes` nodes: loaded, validation split off (drawn from `seed`), checked.
/// Training and validation samples keep the order of their file. Throws as `Dataset::load` does,
/// and ConfigError where the data does not fit the number of nodes or the validation fraction.
Data load_data(const Blueprint<Dataset>& dataset, std::int64_t nodes, std::uint64_t seed);

}  // namespace kith
