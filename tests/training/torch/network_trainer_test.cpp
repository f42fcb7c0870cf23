#include <numeric>

#include "model/torch/network_testing.h"
#include "training/trainer.h"

namespace kith {
namespace {

constexpr std::int64_t kInputs = 21, kHidden = 13, kClasses = 5;
constexpr Round kRounds = 4;  // of five local steps

const Data& training_data() {
  static const Data data = classes_data({kInputs}, kClasses, 27);
  return data;
}

std::unique_ptr<Model> small_mlp() {
  return make_network(R"({"type": "mlp", "hidden": [13]})", training_data());
}

TrainingPlan plan_of(const std::string& options) {
  const Config config =
      Config::parse("{" + options + R"(, "batch_size": 8, "local_steps": 5})", "run.json");
  return TrainingPlan::make(Optimizer::registry().read(config), Objective::kClassification, 1);
}

std::vector<std::uint32_t> whole_partition() {
  std::vector<std::uint32_t> partition(training_data().train.size());
  std::iota(partition.begin(), partition.end(), 0u);
  return partition;
}

/// What twenty steps leave behind.
struct Training {
  std::vector<float> x;
  double loss_sum = 0;
  std::vector<std::vector<std::uint32_t>> batches;
};

Training train_here(const std::string& options) {
  const TrainingPlan plan = plan_of(options);
  const auto partition = whole_partition();
  const auto model = small_mlp();
  Trainer trainer(plan, partition, 0, model->layout().size);
  trainer.record_batches();
  Training result{first_parameters(*model), 0, {}};
  const ArrayView x{result.x.data(), result.x.size(), {}};
  for (Round round = 0; round < kRounds; ++round) {
    trainer.begin_round(round);
    trainer.local_update(*model, x, x);
  }
  result.loss_sum = trainer.take_losses().first;
  result.batches = trainer.take_batches();
  return result;
}

/// The same training with PyTorch alone: a module that owns its parameters, and its optimizer.
template <class TorchOptimizer, class Options>
Training train_with_torch(const Training& ours, const Options& options) {
  torch::nn::Linear first(kInputs, kHidden), second(kHidden, kClasses);
  const std::vector<torch::Tensor> parameters{first->weight, first->bias, second->weight,
                                              second->bias};
  const std::vector<float> start = first_parameters(*small_mlp());
  {
    const torch::NoGradGuard no_grad;
    std::int64_t offset = 0;
    const torch::Tensor flat = torch::tensor(start);
    for (const torch::Tensor& parameter : parameters) {
      parameter.copy_(flat.narrow(0, offset, parameter.numel()).view(parameter.sizes()));
      offset += parameter.numel();
    }
  }
  TorchOptimizer optimizer(parameters, options);
  Training result;
  for (const auto& batch : ours.batches) {
    torch::Tensor features = torch::empty({std::ssize(batch), kInputs});
    training_data().train.gather(batch, {features.data_ptr<float>(), batch.size() * kInputs});
    std::vector<std::int64_t> labels;
    for (const std::uint32_t index : batch) labels.push_back(training_data().train.labels[index]);
    optimizer.zero_grad();
    const torch::Tensor loss = torch::cross_entropy_loss(
        second->forward(torch::relu(first->forward(features))), torch::tensor(labels));
    loss.backward();
    optimizer.step();
    result.loss_sum += loss.template item<double>();
  }
  for (const torch::Tensor& parameter : parameters) {
    const float* const values = parameter.const_data_ptr<float>();
    result.x.insert(result.x.end(), values, values + parameter.numel());
  }
  return result;
}

void expect_bits_of_torch(const std::string& options, const torch::optim::SGDOptions& torch) {
  SCOPED_TRACE(options);
  const Training ours = train_here(options);
  ASSERT_EQ(ours.batches.size(), 20u);
  const Training theirs = train_with_torch<torch::optim::SGD>(ours, torch);
  EXPECT_EQ(ours.loss_sum, theirs.loss_sum);
  EXPECT_TRUE(same_bits(ours.x, theirs.x));
}

TEST(NetworkTrainer, TrainsWithTheBitsOfTorchSgd) {
  if (at::get_cpu_capability() == "DEFAULT") {
    GTEST_SKIP() << "PyTorch does not fuse its multiply-add on this processor";
  }
  using Sgd = torch::optim::SGDOptions;
  expect_bits_of_torch(R"("type": "sgd", "lr": 0.1)", Sgd(0.1));
  expect_bits_of_torch(R"("type": "sgd", "lr": 0.1, "weight_decay": 0.01)",
                       Sgd(0.1).weight_decay(0.01));
  expect_bits_of_torch(R"("type": "sgd", "lr": 0.1, "momentum": 0.9)", Sgd(0.1).momentum(0.9));
  expect_bits_of_torch(R"("type": "sgd", "lr": 0.1, "momentum": 0.9, "nesterov": true)",
                       Sgd(0.1).momentum(0.9).nesterov(true));
  expect_bits_of_torch(
      R"("type": "sgd", "lr": 0.1, "momentum": 0.9, "nesterov": true, "weight_decay": 0.01)",
      Sgd(0.1).momentum(0.9).nesterov(true).weight_decay(0.01));
}

template <class TorchOptimizer, class Options>
void expect_near_torch(const std::string& options, const Options& torch) {
  SCOPED_TRACE(options);
  const Training ours = train_here(options);
  const Training theirs = train_with_torch<TorchOptimizer>(ours, torch);
  double distance = 0, norm = 0;
  ASSERT_EQ(ours.x.size(), theirs.x.size());
  for (std::size_t i = 0; i < ours.x.size(); ++i) {
    distance = std::hypot(distance, double{ours.x[i]} - theirs.x[i]);
    norm = std::hypot(norm, double{theirs.x[i]});
  }
  EXPECT_LT(distance, 1e-6 * norm);
  EXPECT_NEAR(ours.loss_sum, theirs.loss_sum, 1e-6 * theirs.loss_sum);
}

TEST(NetworkTrainer, TrainsAsTorchAdamDoes) {
  using Adam = torch::optim::AdamOptions;
  using AdamW = torch::optim::AdamWOptions;
  expect_near_torch<torch::optim::Adam>(R"("type": "adam", "lr": 0.01)", Adam(0.01));
  expect_near_torch<torch::optim::Adam>(
      R"("type": "adam", "lr": 0.01, "weight_decay": 0.1, "betas": [0.8, 0.99])",
      Adam(0.01).weight_decay(0.1).betas({0.8, 0.99}));
  expect_near_torch<torch::optim::AdamW>(R"("type": "adamw", "lr": 0.01)", AdamW(0.01));
  expect_near_torch<torch::optim::AdamW>(
      R"("type": "adamw", "lr": 0.01, "weight_decay": 0.3, "epsilon": 1e-4)",
      AdamW(0.01).weight_decay(0.3).eps(1e-4));
}

TEST(NetworkTrainer, ALocalUpdateIsGradientAndStepInTurn) {
  for (const std::string options :
       {R"("type": "sgd", "lr": 0.1)", R"("type": "sgd", "lr": 0.1, "momentum": 0.9)",
        R"("type": "adam", "lr": 0.01)", R"("type": "adamw", "lr": 0.01)"}) {
    const Training expected = train_here(options);
    const TrainingPlan plan = plan_of(options);
    const auto partition = whole_partition();
    const auto model = small_mlp();
    Trainer trainer(plan, partition, 0, model->layout().size);
    std::vector<float> x = first_parameters(*model), g(x.size()), next(x.size());
    for (std::size_t step = 0; step < expected.batches.size(); ++step) {
      trainer.gradient(*model, view_of(x), {g.data(), g.size(), {}});
      trainer.step(view_of(x), view_of(g), {next.data(), next.size(), {}});
      std::swap(x, next);
    }
    EXPECT_TRUE(same_bits(x, expected.x)) << options;
    EXPECT_EQ(trainer.take_losses().first, expected.loss_sum) << options;
  }
}

}  // namespace
}  // namespace kith
