#include <torch/torch.h>

#include <cmath>
#include <cstdio>
#include <deque>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "bench/harness.h"
#include "bench/random_data.h"
#include "model/model.h"
#include "training/cohort.h"

/// Nodes trained as one computation beside the same nodes trained one by one, on one core: for
/// which networks a cohort pays there, and which way of convolving.
///
/// All start from the same parameters, see the same batches and take turns, some steps each. They
/// must end near each other, which the benchmark checks; what is faster is no target.
namespace kith::bench {
namespace {

constexpr std::int64_t kBatch = 16;
constexpr std::int64_t kSteps = 4;
constexpr int kTurns = 9;
constexpr double kNear = 1e-4;

std::unique_ptr<Model> make(const std::string& model, const Data& data,
                            const std::string& precision, const std::string& convolution) {
  return Model::registry()
      .read(Config::parse(model, "model"))
      .make({data, "", precision, {}, convolution});
}

/// Nodes that all learn from all samples, each in an order of its own.
class Nodes {
 public:
  Nodes(const Data& data, const std::string& model, std::int64_t count,
        const std::string& precision = "fp32", const std::string& convolution = "grouped")
      : model_(make(model, data, precision, convolution)),
        plan_(TrainingPlan::make(
            Optimizer::registry().read(Config::parse(
                R"({"type": "sgd", "lr": 0.01, "batch_size": )" + std::to_string(kBatch) +
                    R"(, "local_steps": )" + std::to_string(kSteps) + "}",
                "training")),
            data.task, 1)),
        samples_(data.train.size()) {
    std::iota(samples_.begin(), samples_.end(), 0u);
    for (std::int64_t i = 0; i < count; ++i) {
      trainers_.emplace_back(plan_, samples_, static_cast<Uid>(i), model_->layout().size);
      model_->initialize(1, 0, x_.emplace_back(model_->layout().size).view());
    }
  }

  void train_one_by_one() {
    for (std::size_t i = 0; i < x_.size(); ++i) {
      trainers_[i].local_update(*model_, x_[i].view(), x_[i].view());
    }
  }

  void train_together() {
    std::vector<Assignment> assignments;
    std::vector<Assignment*> pointers;
    for (std::size_t i = 0; i < x_.size(); ++i) {
      assignments.push_back({trainers_[i], x_[i].view(), x_[i].view(), kSteps});
    }
    for (Assignment& one : assignments) pointers.push_back(&one);
    kith::train_together(*model_, {std::ssize(x_), kBatch}, pointers);
    for (const Assignment& one : assignments) {
      if (one.error) std::rethrow_exception(one.error);
    }
  }

  /// ‖these − those‖ / ‖those‖ over all nodes.
  double distance(const Nodes& other) const {
    double distance = 0, norm = 0;
    for (std::size_t i = 0; i < x_.size(); ++i) {
      for (std::size_t k = 0; k < x_[i].size(); ++k) {
        distance = std::hypot(distance, double{x_[i][k]} - other.x_[i][k]);
        norm = std::hypot(norm, double{other.x_[i][k]});
      }
    }
    return distance / norm;
  }

 private:
  std::unique_ptr<Model> model_;
  TrainingPlan plan_;
  std::vector<std::uint32_t> samples_;
  std::deque<Trainer> trainers_;
  std::deque<Array> x_;
};

/// One way to train so many nodes, and how long a step of one node took in each turn.
struct Contestant {
  template <class... Options>
  explicit Contestant(void (Nodes::*way)(), const Options&... options)
      : nodes(options...), train(way) {}

  double median_us() const { return 1e6 * median(seconds); }

  Nodes nodes;
  void (Nodes::*train)();
  std::vector<double> seconds;
};

/// Whether what was computed together in float32 ends where nodes by themselves do.
bool measure(const char* name, const std::vector<std::int64_t>& shape, const std::string& model,
             std::int64_t count) {
  const bool convolves = model.find("lenet") != std::string::npos;
  const Data data = random_data(shape, true, 4800);
  const auto together = &Nodes::train_together;
  std::deque<Contestant> all;
  all.emplace_back(&Nodes::train_one_by_one, data, model, count);
  all.emplace_back(together, data, model, count);
  all.emplace_back(together, data, model, count, "bf16");
  if (convolves) {
    all.emplace_back(together, data, model, count, "fp32", "im2col");
    all.emplace_back(together, data, model, count, "bf16", "im2col");
  }
  for (int turn = 0; turn <= kTurns; ++turn) {
    for (Contestant& one : all) {
      const double start_s = cpu_s();
      (one.nodes.*one.train)();
      // Before the first turn caches, code and allocators are cold.
      if (turn > 0)
        one.seconds.push_back((cpu_s() - start_s) / static_cast<double>(count * kSteps));
    }
  }
  bool reached = true;
  const auto print = [&](const char* convolution, const Contestant& fine,
                         const Contestant& coarse) {
    const double apart = fine.nodes.distance(all[0].nodes);
    std::printf("%-14s %6lld %-8s %10.1f %10.1f %8.2f %10.1f %10.1e   <= %.0e  %s\n", name,
                static_cast<long long>(count), convolution, all[0].median_us(), fine.median_us(),
                all[0].median_us() / fine.median_us(), coarse.median_us(), apart, kNear,
                apart <= kNear ? "reached" : "MISSED");
    reached &= apart <= kNear;
  };
  print(convolves ? "grouped" : "-", all[1], all[2]);
  if (convolves) print("im2col", all[3], all[4]);
  std::fflush(stdout);
  return reached;
}

}  // namespace
}  // namespace kith::bench

int main() {
  using namespace kith::bench;
  at::set_num_threads(1);
  std::printf("%-14s %6s %-8s %10s %10s %8s %10s %10s\n", "model", "nodes", "as", "alone us",
              "cohort us", "ratio", "bf16 us", "apart");
  bool reached = true;
  for (const std::int64_t nodes : {4, 16, 64}) {
    reached &= measure("MLP 64-64-10", {64}, R"({"type": "mlp", "hidden": [64]})", nodes);
    reached &= measure("MLP 784-64-10", {1, 28, 28}, R"({"type": "mlp", "hidden": [64]})", nodes);
    reached &= measure("LeNet 28x28", {1, 28, 28}, R"("lenet")", nodes);
  }
  return reached ? 0 : 1;
}
