#include <torch/torch.h>

#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string>

#include "bench/harness.h"
#include "bench/random_data.h"
#include "experiment/experiment.h"
#include "model/model.h"
#include "training/trainer.h"

/// What Kith costs on top of LibTorch: one node's local steps, as a node takes them, beside the
/// same loop written in C++ with torch::nn, torch::optim::SGD and batches by index_select.
///
/// Both start from the same parameters, see the same batches and take turns, a block of steps each,
/// so they must end with the same bits; the benchmark says whether they do. Times are processor
/// time, of which the median ratio of neighboring blocks is held against the target.
namespace kith::bench {
namespace {

constexpr std::int64_t kBatch = 16;
constexpr std::int64_t kBlock = 100;  // steps
constexpr std::int64_t kBlocks = 20;
constexpr double kLearningRate = 0.01;

std::string training_json(double momentum, std::int64_t local_steps) {
  return R"({"type": "sgd", "loss": "cross_entropy", "lr": )" + std::to_string(kLearningRate) +
         R"(, "momentum": )" + std::to_string(momentum) + R"(, "batch_size": )" +
         std::to_string(kBatch) + R"(, "local_steps": )" + std::to_string(local_steps) + '}';
}

/// One node's training, as Node::train does it.
class KithLoop {
 public:
  KithLoop(const Data& data, const std::string& model, double momentum)
      : model_(Model::registry().read(Config::parse(model, "model")).make({data, ""})),
        plan_(TrainingPlan::make(
            Optimizer::registry().read(Config::parse(training_json(momentum, kBlock), "training")),
            data.task, 1)),
        partition_(data.train.size()),
        trainer_((std::iota(partition_.begin(), partition_.end(), 0u), plan_), partition_, 0,
                 model_->layout().size),
        x_(model_->layout().size) {
    model_->initialize(1, 0, x_.view());
    trainer_.record_batches();
  }

  void block() { trainer_.local_update(*model_, x_.view(), x_.view()); }

  const Array& x() const { return x_; }
  std::vector<std::vector<std::uint32_t>> take_batches() { return trainer_.take_batches(); }

 private:
  std::unique_ptr<Model> model_;
  TrainingPlan plan_;
  std::vector<std::uint32_t> partition_;
  Trainer trainer_;
  Array x_;
};

struct MlpNet : torch::nn::Module {
  explicit MlpNet(std::int64_t inputs)
      : first(register_module("first", torch::nn::Linear(inputs, 64))),
        second(register_module("second", torch::nn::Linear(64, 10))) {}

  torch::Tensor forward(const torch::Tensor& x) { return second(torch::relu(first(x.flatten(1)))); }

  torch::nn::Linear first, second;
};

struct LeNet5 : torch::nn::Module {
  LeNet5()
      : conv1(register_module("conv1",
                              torch::nn::Conv2d(torch::nn::Conv2dOptions(1, 6, 5).padding(2)))),
        conv2(register_module("conv2", torch::nn::Conv2d(6, 16, 5))),
        fc1(register_module("fc1", torch::nn::Linear(400, 120))),
        fc2(register_module("fc2", torch::nn::Linear(120, 84))),
        fc3(register_module("fc3", torch::nn::Linear(84, 10))) {}

  torch::Tensor forward(torch::Tensor x) {
    x = torch::max_pool2d(torch::relu(conv1(x)), 2);
    x = torch::max_pool2d(torch::relu(conv2(x)), 2);
    return fc3(torch::relu(fc2(torch::relu(fc1(x.flatten(1))))));
  }

  torch::nn::Conv2d conv1, conv2;
  torch::nn::Linear fc1, fc2, fc3;
};

/// The same training as a user of LibTorch writes it.
template <class Net>
class TorchLoop {
 public:
  TorchLoop(const Data& data, Net net, double momentum, const Array& start)
      : net_(std::move(net)),
        optimizer_(net_->parameters(), torch::optim::SGDOptions(kLearningRate).momentum(momentum)) {
    std::vector<std::int64_t> shape = data.train.shape();
    shape.insert(shape.begin(), std::int64_t(data.train.size()));
    features_ = torch::empty(shape);
    std::vector<std::uint32_t> all(data.train.size());
    std::iota(all.begin(), all.end(), 0u);
    data.train.gather(all, {features_.data_ptr<float>(), std::size_t(features_.numel())});
    labels_ = torch::tensor(data.train.labels);
    const torch::NoGradGuard no_grad;
    const float* from = start.data();
    for (auto& parameter : net_->parameters()) {
      std::copy_n(from, parameter.numel(), parameter.template data_ptr<float>());
      from += parameter.numel();
    }
  }

  /// One step for each of `batches`, sample indices.
  void block(const std::vector<torch::Tensor>& batches) {
    for (const torch::Tensor& batch : batches) {
      const torch::Tensor features = features_.index_select(0, batch);
      const torch::Tensor labels = labels_.index_select(0, batch);
      optimizer_.zero_grad();
      const torch::Tensor loss =
          torch::nn::functional::cross_entropy(net_->forward(features), labels);
      loss.backward();
      optimizer_.step();
      loss_sum_ += loss.template item<double>();
    }
  }

  bool equals(const Array& x) const {
    const float* from = x.data();
    for (const auto& parameter : net_->parameters()) {
      const auto size = std::size_t(parameter.numel());
      if (std::memcmp(from, parameter.template data_ptr<float>(), size * sizeof(float)) != 0)
        return false;
      from += size;
    }
    return true;
  }

 private:
  Net net_;
  torch::optim::SGD optimizer_;
  torch::Tensor features_, labels_;
  double loss_sum_ = 0;
};

std::vector<torch::Tensor> as_tensors(const std::vector<std::vector<std::uint32_t>>& batches) {
  std::vector<torch::Tensor> tensors;
  for (const auto& batch : batches) {
    tensors.push_back(torch::tensor(std::vector<std::int64_t>(batch.begin(), batch.end())));
  }
  return tensors;
}

bool report(const char* name, const char* what, const std::vector<double>& kith_s,
            const std::vector<double>& torch_s, double target, const char* bits) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < kith_s.size(); ++i) ratios.push_back(kith_s[i] / torch_s[i]);
  const double ratio = median(ratios);
  const bool reached = ratio <= target;
  std::printf("%-24s %-8s %9.1f %9.1f %7.3f   <= %.2f  %-8s %s\n", name, what, 1e6 * median(kith_s),
              1e6 * median(torch_s), ratio, target, reached ? "reached" : "MISSED", bits);
  std::fflush(stdout);
  return reached;
}

struct Case {
  const char* name;
  std::vector<std::int64_t> shape;
  bool bytes;
  const char* model;
  double momentum;
  double target;
};

template <class Net>
bool measure(const Case& c, const Net& net) {
  const Data data = random_data(c.shape, c.bytes, 4800);
  KithLoop kith(data, c.model, c.momentum);
  TorchLoop<Net> torch(data, net, c.momentum, kith.x());
  std::vector<double> kith_s, torch_s;
  for (std::int64_t i = 0; i <= kBlocks; ++i) {
    const double start_s = cpu_s();
    kith.block();
    const double middle_s = cpu_s();
    const std::vector<torch::Tensor> batches = as_tensors(kith.take_batches());
    const double again_s = cpu_s();
    torch.block(batches);
    if (i == 0) continue;  // caches, code and allocators were cold
    kith_s.push_back((middle_s - start_s) / double(kBlock));
    torch_s.push_back((cpu_s() - again_s) / double(kBlock));
  }
  return report(c.name, "trainer", kith_s, torch_s, c.target,
                torch.equals(kith.x()) ? "same bits" : "OTHER BITS");
}

/// Processor seconds of a whole run of two nodes, each with all of the digits.
double run_s(std::int64_t rounds, std::int64_t local_steps) {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("kith-bench-" + std::to_string(getpid()));
  const std::string config =
      R"({"nodes": 2, "rounds": )" + std::to_string(rounds) +
      R"(, "graph": "fully_connected", "dataset": "digits", "model": {"type": "mlp", "hidden": [64]},
          "evaluation": {"every": 0}, "training": )" +
      training_json(0, local_steps) + '}';
  const double start_s = cpu_s();
  Experiment experiment(RunConfig::read(Config::parse(config, "bench")), 1);
  experiment.run(RunDirectory(folder), {});
  const double seconds = cpu_s() - start_s;
  std::filesystem::remove_all(folder);
  return seconds;
}

/// A whole run, everything that a round needs included; start and evaluation cancel out.
bool measure_run(std::int64_t local_steps, double target) {
  const Data data = random_data({64}, false, 4800);
  KithLoop reference(data, R"({"type": "mlp", "hidden": [64]})", 0);
  TorchLoop torch(data, std::make_shared<MlpNet>(64), 0, reference.x());
  reference.block();
  const std::vector<torch::Tensor> batches = as_tensors(reference.take_batches());
  const std::int64_t rounds = 1000 / local_steps;
  std::vector<double> kith_s, torch_s;
  for (int i = 0; i <= 8; ++i) {
    const double run = run_s(1 + rounds, local_steps) - run_s(1, local_steps);
    const double start_s = cpu_s();
    for (int k = 0; k < 10; ++k) torch.block(batches);
    if (i == 0) continue;
    kith_s.push_back(run / double(2 * rounds * local_steps));
    torch_s.push_back((cpu_s() - start_s) / double(10 * kBlock));
  }
  const std::string name = "MLP 64-64-10, " + std::to_string(local_steps) + " a round";
  return report(name.c_str(), "run", kith_s, torch_s, target, "");
}

}  // namespace
}  // namespace kith::bench

int main() {
  using namespace kith::bench;
  at::set_num_threads(1);
  std::printf("%-24s %-8s %9s %9s %7s   %s\n", "model, batch 16", "Kith's", "Kith us", "torch us",
              "ratio", "target");
  const char* const mlp = R"({"type": "mlp", "hidden": [64]})";
  const char* const lenet = R"("lenet")";
  bool reached = true;
  for (const double momentum : {0.0, 0.9}) {
    const bool with = momentum > 0;
    reached &= measure({with ? "MLP 784-64-10, momentum" : "MLP 784-64-10",
                        {1, 28, 28},
                        true,
                        mlp,
                        momentum,
                        1.10},
                       std::make_shared<MlpNet>(784));
    reached &= measure(
        {with ? "MLP 64-64-10, momentum" : "MLP 64-64-10", {64}, false, mlp, momentum, 1.10},
        std::make_shared<MlpNet>(64));
    reached &= measure(
        {with ? "LeNet 28x28, momentum" : "LeNet 28x28", {1, 28, 28}, true, lenet, momentum, 1.00},
        std::make_shared<LeNet5>());
  }
  reached &= measure_run(4, 1.10);
  reached &= measure_run(20, 1.10);
  return reached ? 0 : 1;
}
