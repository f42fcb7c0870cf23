#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/layout.h"
#include "core/registry.h"
#include "core/types.h"
#include "dataset/dataset.h"

namespace kith {

/// Where a node's first parameters come from.
struct Initialization {
  enum class From : std::uint8_t {
    kShared,   ///< drawn once, equal on all nodes
    kPerNode,  ///< drawn for each node
    kFile,     ///< read from a safetensors file
  };

  From from = From::kShared;
  std::filesystem::path file;
};

template <>
struct FieldType<Initialization> {
  static void read(const Config& config, Initialization& value);
  static std::string json(const Initialization& value);
  static void describe(const Initialization&, FieldInfo& info) { info.type = "string"; }
};

/// A model's error on some samples, as sums, so that parts can be added.
struct Score {
  double samples = 0;
  double loss_sum = 0;
  double correct = 0;  ///< classification
  bool has_accuracy = false;

  void add(const Score& other) {
    samples += other.samples;
    loss_sum += other.loss_sum;
    correct += other.correct;
    has_accuracy = has_accuracy || other.has_accuracy;
  }
  double loss() const { return loss_sum / samples; }
  double accuracy() const { return correct / samples; }
};

/// The gradient of a mean loss, in pieces that together cover the flat vector in order.
struct Gradient {
  struct Piece {
    std::size_t offset = 0;  ///< in the flat vector
    ConstArrayView values;
  };

  double loss = 0;
  std::span<const Piece> pieces;  ///< valid until the model is used again, as what follows
  /// In place of `loss` where a device is still to find it: one number, for which nobody waits.
  ConstArrayView loss_there = {};
};

/// The parameter vector and its loss. A model holds no parameters: it is pointed at those of the
/// node it works for, so a process needs one per thread, however many nodes it hosts. Used by one
/// thread at a time.
class Model {
 public:
  /// Options of every model.
  struct Common {
    Initialization init;
    std::optional<std::int64_t> seed;

    void fields(Fields& f) {
      f.optional("init", init,
                 "first parameters: \"shared\" (equal on all nodes), \"per_node\", or a "
                 "safetensors file with tensors <parameter> or node.<uid>.<parameter>");
      f.optional("seed", seed, "draws the first parameters whatever the run's seed",
                 Range{.at_least = 0});
    }
  };

  /// What it learns. `data` outlives the model; `loss` is "cross_entropy", "mse", or "" for the
  /// usual one of the task; `precision` is that of gradients; vectors lie on `device`;
  /// `cohort_convolution` is "grouped" or "im2col". Throws ConfigError when the model does not fit
  /// the data.
  struct Context {
    const Data& data;
    std::string loss;
    std::string precision = "fp32";
    Device device = {};
    std::string cohort_convolution = "grouped";
  };

  static Registry<Model, const Context&>& registry();

  /// Where a gradient is wanted: a node's parameters, and which of its training samples.
  struct Point {
    ConstArrayView x;  ///< without data: nowhere
    Uid node = 0;
    std::span<const std::uint32_t> batch;
  };

  virtual ~Model() = default;

  virtual const ParameterLayout& layout() const = 0;

  /// Whether its vectors may lie on Context::device.
  virtual bool on_device() const { return false; }

  /// Draws first parameters from (seed, Purpose::kModel, stream).
  virtual void initialize(std::uint64_t seed, std::uint32_t stream, ArrayView x) const = 0;

  /// Loss and gradient at `x` for the training samples `batch` of `node`, averaged over them.
  virtual Gradient gradient(ConstArrayView x, Uid node, std::span<const std::uint32_t> batch) = 0;

  /// The gradients at several points as one computation, for batches of at most `batch` samples.
  /// What is found at a point depends on its place among the points and on how many there are, but
  /// not on what the others are, nor on whether they are anywhere. Only where `no_cohorts` is
  /// empty.
  virtual std::span<const Gradient> gradients(std::span<const Point> points, std::size_t batch);

  /// Bytes of the device's memory that `gradients` takes for so many places, found by trying;
  /// absent where there are not as many.
  virtual std::optional<std::uint64_t> measure_cohort(std::size_t, std::size_t) { return 0; }

  /// Bytes of memory that the device has; 0 for a processor.
  virtual std::uint64_t device_bytes() const { return 0; }

  /// Why `gradients` cannot be called, as the rest of "the model … cannot be trained in cohorts: ".
  virtual std::string no_cohorts() const { return "only networks can"; }

  /// The score of `x` on samples.
  virtual Score score(ConstArrayView x, const Samples& samples,
                      std::span<const std::uint32_t> indices) = 0;

  /// A score that needs no samples, where the model has one (the global objective of quadratics).
  virtual std::optional<Score> score_without_samples(ConstArrayView) const { return std::nullopt; }
};

}  // namespace kith
