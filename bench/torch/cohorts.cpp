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
/// which networks a cohort pays there.
///
/// Both start from the same parameters, see the same batches and take turns, some steps each. They
/// must end near each other, which the benchmark checks; what is faster is no target.
namespace kith::bench {
namespace {

constexpr std::int64_t kBatch = 16;
constexpr std::int64_t kSteps = 4;
constexpr int kTurns = 9;
constexpr double kNear = 1e-4;

std::unique_ptr<Model> make(const std::string& model, const Data& data,
                            const std::string& precision) {
  return Model::registry().read(Config::parse(model, "model")).make({data, "", precision});
}

/// Nodes that all learn from all samples, each in an order of its own.
class Nodes {
 public:
  Nodes(const Data& data, const std::string& model, std::int64_t count,
        const std::string& precision = "fp32")
      : model_(make(model, data, precision)),
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

bool measure(const char* name, const std::vector<std::int64_t>& shape, const std::string& model,
             std::int64_t count) {
  const Data data = random_data(shape, true, 4800);
  Nodes alone(data, model, count), together(data, model, count), coarse(data, model, count, "bf16");
  std::vector<double> alone_s, together_s, coarse_s;
  const double steps = static_cast<double>(count * kSteps);
  for (int turn = 0; turn <= kTurns; ++turn) {
    const double start_s = cpu_s();
    alone.train_one_by_one();
    const double second_s = cpu_s();
    together.train_together();
    const double third_s = cpu_s();
    coarse.train_together();
    if (turn == 0) continue;  // caches, code and allocators were cold
    alone_s.push_back((second_s - start_s) / steps);
    together_s.push_back((third_s - second_s) / steps);
    coarse_s.push_back((cpu_s() - third_s) / steps);
  }
  const double apart = together.distance(alone);
  const bool reached = apart <= kNear;
  std::printf("%-14s %6lld %10.1f %10.1f %8.2f %10.1f %10.1e   <= %.0e  %s\n", name,
              static_cast<long long>(count), 1e6 * median(alone_s), 1e6 * median(together_s),
              median(alone_s) / median(together_s), 1e6 * median(coarse_s), apart, kNear,
              reached ? "reached" : "MISSED");
  std::fflush(stdout);
  return reached;
}

}  // namespace
}  // namespace kith::bench

int main() {
  using namespace kith::bench;
  at::set_num_threads(1);
  std::printf("%-14s %6s %10s %10s %8s %10s %10s\n", "model", "nodes", "alone us", "cohort us",
              "ratio", "bf16 us", "apart");
  bool reached = true;
  for (const std::int64_t nodes : {4, 16, 64}) {
    reached &= measure("MLP 64-64-10", {64}, R"({"type": "mlp", "hidden": [64]})", nodes);
    reached &= measure("MLP 784-64-10", {1, 28, 28}, R"({"type": "mlp", "hidden": [64]})", nodes);
    reached &= measure("LeNet 28x28", {1, 28, 28}, R"("lenet")", nodes);
  }
  return reached ? 0 : 1;
}
