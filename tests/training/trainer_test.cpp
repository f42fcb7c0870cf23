#include "training/trainer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <numeric>

#include "core/device_memory.h"
#include "kernels/device/device_under_test.h"

namespace kith {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using Batches = std::vector<std::vector<std::uint32_t>>;

/// Sample s is the point (s, s, …); the loss is the mean of ½ ‖x − s‖² over a batch. Its gradient
/// comes in two pieces, as a network's comes in several.
class Bowl final : public Model {
 public:
  explicit Bowl(std::int64_t dimension) { layout_.add("x", {dimension}); }

  const ParameterLayout& layout() const override { return layout_; }
  void initialize(std::uint64_t, std::uint32_t, ArrayView) const override {}
  Score score(ConstArrayView, const Samples&, std::span<const std::uint32_t>) override {
    return {};
  }

  Gradient gradient(ConstArrayView x, Uid node, std::span<const std::uint32_t> batch) override {
    batches.emplace_back(batch.begin(), batch.end());
    nodes.push_back(node);
    const double count = static_cast<double>(batch.size());
    const double mean = std::accumulate(batch.begin(), batch.end(), 0.0) / count;
    double loss = 0;
    gradient_.clear();
    for (const double value : x) {
      gradient_.push_back(static_cast<float>(value - mean));
      for (const double sample : batch) loss += (value - sample) * (value - sample) / 2;
    }
    const std::size_t half = x.size / 2;
    pieces_[0] = {0, {gradient_.data(), half, {}}};
    pieces_[1] = {half, {gradient_.data() + half, x.size - half, {}}};
    return {broken_loss.value_or(loss / count), pieces_};
  }

  Batches batches;  ///< all that it was asked about
  std::vector<Uid> nodes;
  std::optional<double> broken_loss;  ///< said in place of the true one

 private:
  ParameterLayout layout_;
  std::vector<float> gradient_;
  Gradient::Piece pieces_[2];
};

TrainingPlan plan_of(const std::string& options, Objective task = Objective::kRegression) {
  const Config config = Config::parse("{\"training\": {" + options + "}}", "run.json");
  return TrainingPlan::make(Optimizer::registry().read(config.at("training")), task, 1);
}

/// A node with the samples 0..samples-1, its model and its parameters.
struct Learner {
  Learner(const std::string& options, std::uint32_t samples, std::vector<float> x,
          Objective task = Objective::kRegression)
      : plan(plan_of(options, task)),
        partition(samples),
        model(static_cast<std::int64_t>(x.size())),
        x(std::move(x)),
        trainer(plan, (std::iota(partition.begin(), partition.end(), 0u), partition), 7,
                this->x.size()) {}

  ArrayView view() { return {x.data(), x.size(), {}}; }
  void update() { trainer.local_update(model, view(), view()); }
  /// A step along `g`; returns how far it moved the first coordinate.
  float step(std::vector<float> g) {
    const float before = x[0];
    trainer.step(view(), {g.data(), g.size(), {}}, view());
    return x[0] - before;
  }

  TrainingPlan plan;
  std::vector<std::uint32_t> partition;
  Bowl model;
  std::vector<float> x;
  Trainer trainer;
};

const std::string kSgd = R"("type": "sgd", "lr": 0.5, )";

TEST(Trainer, TakesTheStepsOfTheConfig) {
  const auto steps = [](const std::string& options, std::uint32_t samples,
                        Objective task = Objective::kRegression) {
    return Learner(kSgd + options, samples, {0}, task).trainer.steps_per_round();
  };
  EXPECT_EQ(steps(R"("batch_size": 4)", 10), 1);
  EXPECT_EQ(steps(R"("batch_size": 4, "local_steps": 5)", 10), 5);
  EXPECT_EQ(steps(R"("local_steps": 0)", 10), 0);
  EXPECT_EQ(steps(R"("batch_size": 4, "local_epochs": 2)", 10), 6);  // of 4, 4 and 2 samples
  EXPECT_EQ(steps(R"("batch_size": 4, "local_epochs": 2)", 3), 2);
  EXPECT_EQ(steps(R"("batch_size": "full", "local_epochs": 3)", 10), 3);
  EXPECT_EQ(steps(R"("local_steps": 3)", 0, Objective::kQuadratics), 3);
  EXPECT_EQ(steps(R"("local_steps": 0)", 0, Objective::kNone), 0);
}

TEST(Trainer, ANodeWithoutDataDoesNotTrain) {
  for (const std::string rounds : {R"("local_steps": 5)", R"("local_epochs": 5)"}) {
    Learner learner(kSgd + R"("momentum": 0.5, "batch_size": 4, )" + rounds, 0, {1, 2});
    EXPECT_EQ(learner.trainer.steps_per_round(), 0);
    std::vector<float> out(2);
    learner.trainer.local_update(learner.model, learner.view(), {out.data(), 2, {}});
    EXPECT_THAT(out, ElementsAre(1, 2));
    EXPECT_THAT(learner.model.batches, IsEmpty());
    EXPECT_THAT(learner.trainer.take_losses(), Pair(0, 0));
  }
}

TEST(Trainer, AnEpochShowsEverySampleOnce) {
  Learner learner(kSgd + R"("batch_size": 4, "local_epochs": 2)", 10, {0});
  learner.update();
  ASSERT_EQ(learner.model.batches.size(), 6u);
  std::vector<int> seen(10);
  for (const auto& batch : learner.model.batches) {
    for (const std::uint32_t sample : batch) ++seen[sample];
  }
  EXPECT_THAT(seen, ::testing::Each(2));
  EXPECT_EQ(learner.trainer.samples_seen(), 20);
}

TEST(Trainer, RecordsTheBatchesThatTheModelSaw) {
  Learner learner(kSgd + R"("batch_size": 3, "local_steps": 4)", 10, {0});
  learner.update();
  learner.trainer.record_batches();
  learner.model.batches.clear();
  learner.update();
  EXPECT_EQ(learner.model.batches.size(), 4u);
  EXPECT_EQ(learner.trainer.take_batches(), learner.model.batches);
  EXPECT_THAT(learner.trainer.take_batches(), IsEmpty());
  std::vector<float> g(1);
  learner.model.batches.clear();
  learner.trainer.gradient(learner.model, learner.view(), {g.data(), 1, {}});
  EXPECT_EQ(learner.trainer.take_batches(), learner.model.batches);
}

TEST(Trainer, AsksForTheGradientOfItsOwnNode) {
  Learner learner(R"("type": "sgd", "lr": 1, "local_steps": 2)", 0, {0}, Objective::kQuadratics);
  learner.trainer.record_batches();
  learner.model.broken_loss = 0;  // the mean of no samples
  learner.update();
  EXPECT_THAT(learner.model.nodes, ElementsAre(7, 7));
  EXPECT_THAT(learner.model.batches, ElementsAre(IsEmpty(), IsEmpty()));
  EXPECT_THAT(learner.trainer.take_batches(), IsEmpty());
  EXPECT_EQ(learner.trainer.samples_seen(), 0);
}

TEST(Trainer, FullGradientsGoDownByTheirLaw) {
  // x − s̄ shrinks by 1 − lr every step, s̄ = 1 being the mean of the samples 0, 1, 2.
  Learner learner(kSgd + R"("batch_size": "full", "local_steps": 3)", 3, {9, -7, 1});
  learner.update();
  EXPECT_THAT(learner.x, ElementsAre(2, 0, 1));
}

TEST(Trainer, CountsLossesBeforeTheirUpdates) {
  Learner learner(kSgd + R"("batch_size": "full", "local_steps": 2)", 1, {4});
  learner.update();  // 4 → 2 → 1 towards 0, with the losses 8 and 2
  EXPECT_THAT(learner.x, ElementsAre(1));
  EXPECT_THAT(learner.trainer.losses(), Pair(10, 2));
  EXPECT_THAT(learner.trainer.take_losses(), Pair(10, 2));
  EXPECT_THAT(learner.trainer.take_losses(), Pair(0, 0));
}

TEST(Trainer, ALocalUpdateIsGradientAndStepInTurn) {
  for (const std::string optimizer :
       {R"("type": "sgd", "lr": 0.1, )", R"("type": "sgd", "lr": 0.1, "momentum": 0.9, )",
        R"("type": "adam", "lr": 0.1, )"}) {
    const std::string options =
        optimizer +
        R"("batch_size": 3, "local_steps": 4, "schedule": {"type": "cosine", "steps": 20})";
    const std::vector<float> start{0.3f, -1.7f, 2.9f, 0.01f, 5};
    Learner whole(options, 10, start), parts(options, 10, start);
    std::vector<float> g(start.size());
    for (Round round = 0; round < 3; ++round) {
      whole.trainer.begin_round(round);
      parts.trainer.begin_round(round);
      whole.update();
      for (int i = 0; i < 4; ++i) {
        parts.trainer.gradient(parts.model, parts.view(), {g.data(), g.size(), {}});
        parts.step(g);
      }
      EXPECT_EQ(whole.x, parts.x) << options;
      EXPECT_EQ(whole.trainer.take_losses(), parts.trainer.take_losses());
    }
    EXPECT_EQ(whole.model.batches, parts.model.batches);
  }
}

TEST(Trainer, ReadsOneBufferAndWritesAnother) {
  const std::string options = kSgd + R"("momentum": 0.5, "batch_size": "full", "local_steps": 3)";
  Learner in_place(options, 3, {9, -7}), apart(options, 3, {9, -7});
  std::vector<float> out(2);
  for (int i = 0; i < 2; ++i) {
    in_place.update();
    apart.trainer.local_update(apart.model, apart.view(), {out.data(), 2, {}});
    EXPECT_NE(out, apart.x);
    std::swap(out, apart.x);
    EXPECT_EQ(apart.x, in_place.x);
  }
}

const std::string kOfOneSample = R"("batch_size": 1, )";

TEST(Trainer, MomentumLastsOverRounds) {
  Learner learner(R"("type": "sgd", "lr": 1, "momentum": 0.5, "batch_size": 1)", 1, {0});
  learner.trainer.begin_round(0);
  EXPECT_EQ(learner.step({1}), -1);
  EXPECT_EQ(learner.step({1}), -1.5f);
  learner.trainer.begin_round(1);
  EXPECT_EQ(learner.step({1}), -1.75f);
}

TEST(Trainer, ResettingTheOptimizerForgetsMomentum) {
  Learner learner(kOfOneSample + R"("type": "sgd", "lr": 1, "momentum": 0.5,
                                    "reset_optimizer": true)",
                  1, {0});
  for (Round round = 0; round < 3; ++round) {
    learner.trainer.begin_round(round);
    EXPECT_EQ(learner.step({1}), -1);
    EXPECT_EQ(learner.step({1}), -1.5f);
  }
}

TEST(Trainer, ResettingTheOptimizerStartsAdamsCountAgain) {
  // The bias of the means is corrected by the number of steps: right from the first, a step is lr
  // long. With a count that ran on, or means that stayed, the third would be shorter or longer.
  Learner learner(kOfOneSample + R"("type": "adam", "lr": 0.25, "reset_optimizer": true)", 1, {0});
  for (Round round = 0; round < 3; ++round) {
    learner.trainer.begin_round(round);
    EXPECT_NEAR(learner.step({round == 1 ? -3.0f : 2.0f}), round == 1 ? 0.25 : -0.25, 1e-6);
    learner.step({5});
  }
}

TEST(Trainer, TheScheduleCountsStepsOverRoundsAndResets) {
  for (const std::string reset : {"false", "true"}) {
    Learner learner(kOfOneSample + R"("type": "sgd", "lr": 8, "schedule": {"type": "step",
                                      "every": 3, "factor": 0.5}, "reset_optimizer": )" +
                        reset,
                    1, {0});
    std::vector<float> moves;
    for (Round round = 0; round < 4; ++round) {
      learner.trainer.begin_round(round);
      for (int i = 0; i < 2; ++i) moves.push_back(learner.step({1}));
    }
    EXPECT_THAT(moves, ElementsAre(-8, -8, -8, -4, -4, -4, -2, -2));
  }
}

TEST(Trainer, ALossThatIsNotFiniteEndsTheRun) {
  Learner learner(kSgd + R"("batch_size": "full", "local_steps": 1)", 1, {1});
  const auto message = [&] {
    try {
      learner.update();
    } catch (const NumericError& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  EXPECT_EQ(message(), "accepted");
  const std::vector<float> before = learner.x;
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  for (const double loss : {kNan, -kNan}) {
    learner.model.broken_loss = loss;
    EXPECT_EQ(message(), "the training loss is NaN after 1 step; a smaller learning rate may help");
  }
  learner.model.broken_loss = std::numeric_limits<double>::infinity();
  EXPECT_EQ(message(),
            "the training loss is infinite after 1 step; a smaller learning rate may help");
  EXPECT_EQ(learner.x, before);
  EXPECT_EQ(learner.trainer.losses().second, 1);
}

std::string refusal_of(const std::string& options, Objective task) {
  try {
    plan_of(options, task);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(TrainingPlan, SaysWhatIsMissingForTraining) {
  const std::string lr = "/training: missing \"lr\" (number above 0): the learning rate";
  const std::string batch_size =
      "/training: missing \"batch_size\" (integer at least 1, or \"full\"): samples per step";
  for (const Objective task : {Objective::kClassification, Objective::kRegression}) {
    EXPECT_EQ(refusal_of(R"("type": "sgd", "batch_size": 4)", task), lr);
    EXPECT_EQ(refusal_of(R"("type": "sgd", "lr": 0.1)", task), batch_size);
    EXPECT_EQ(refusal_of(R"("type": "sgd", "lr": 0.1, "local_epochs": 1)", task), batch_size);
    EXPECT_EQ(refusal_of(R"("type": "sgd", "lr": 0.1, "batch_size": "full")", task), "accepted");
    EXPECT_EQ(refusal_of(R"("type": "sgd", "local_steps": 0)", task), "accepted");
  }
}

TEST(TrainingPlan, QuadraticsNeedNoBatchesAndHaveNoEpochs) {
  const Objective task = Objective::kQuadratics;
  EXPECT_EQ(refusal_of(R"("type": "sgd")", task),
            "/training: missing \"lr\" (number above 0): the learning rate");
  EXPECT_EQ(refusal_of(R"("type": "sgd", "lr": 0.1, "local_steps": 2)", task), "accepted");
  EXPECT_EQ(refusal_of(R"("type": "sgd", "lr": 0.1, "local_epochs": 1)", task),
            "/training/local_epochs: quadratics have no epochs; set local_steps");
}

TEST(TrainingPlan, WithoutADatasetThereIsOnlyGossip) {
  const std::string message =
      "/training/local_steps: must be 0 (pure gossip) with the dataset \"none\", which has "
      "nothing to train on";
  const Objective task = Objective::kNone;
  EXPECT_EQ(refusal_of(R"("type": "sgd", "lr": 0.1, "batch_size": 1)", task), message);
  EXPECT_EQ(refusal_of(R"("type": "sgd", "lr": 0.1, "local_steps": 3)", task), message);
  EXPECT_EQ(refusal_of(R"("type": "sgd", "lr": 0.1, "local_epochs": 3)", task), message);
  EXPECT_EQ(refusal_of(R"("type": "sgd", "local_steps": 0)", task), "accepted");
}

TEST(TrainingPlan, ItsOwnSeedGoesBeforeThatOfTheRun) {
  EXPECT_EQ(plan_of(R"("type": "sgd", "local_steps": 0)").seed, 1u);
  EXPECT_EQ(plan_of(R"("type": "sgd", "local_steps": 0, "seed": 9)").seed, 9u);
}

/// A bowl whose points, gradients and losses lie on a device.
class BowlThere final : public Model {
 public:
  BowlThere(std::int64_t dimension, const Device& device) : bowl_(dimension), device_(device) {}

  const ParameterLayout& layout() const override { return bowl_.layout(); }
  bool on_device() const override { return true; }
  void initialize(std::uint64_t, std::uint32_t, ArrayView) const override {}
  Score score(ConstArrayView, const Samples&, std::span<const std::uint32_t>) override {
    return {};
  }

  Gradient gradient(ConstArrayView x, Uid node, std::span<const std::uint32_t> batch) override {
    const Gradient found = bowl_.gradient(host_copy(x).view(), node, batch);
    gradient_ = Array(x.size, device_);
    pieces_.clear();
    for (const Gradient::Piece& piece : found.pieces) {
      const ArrayView there = gradient_.view().part(piece.offset, piece.values.size);
      copy(piece.values, there);
      pieces_.push_back({piece.offset, there});
    }
    Array loss(1);
    loss[0] = ++asked_ == broken_at ? std::numeric_limits<float>::infinity() : float(found.loss);
    loss_ = Array(1, device_);
    copy(loss.view(), loss_.view());
    return {0, pieces_, loss_.view()};
  }

  int broken_at = 0;  ///< the gradient whose loss is infinite, from 1 on

 private:
  Bowl bowl_;
  Device device_;
  Array gradient_, loss_;
  std::vector<Gradient::Piece> pieces_;
  int asked_ = 0;
};

// The processor plays the device, whose memory the host may not touch.
TEST(Trainer, FindsTheLossesOfADeviceLaterAndAllOfThem) {
  const Device device = kernels::device_under_test().device;
  const std::vector<std::uint32_t> partition{0, 1, 2, 3, 4};
  const TrainingPlan plan = plan_of(kSgd + R"("batch_size": 2, "local_steps": 600)");
  Trainer here(plan, partition, 0, 4), there(plan, partition, 0, 4, device);
  Bowl bowl(4);
  BowlThere bowl_there(4, device);
  Array x(4), x_there(4, device);
  here.local_update(bowl, x.view(), x.view());
  there.local_update(bowl_there, x_there.view(), x_there.view());
  EXPECT_TRUE(std::ranges::equal(host_copy(x_there.view()).view(), x.view()));
  const auto [sum, count] = there.losses();
  EXPECT_EQ(count, 600);
  EXPECT_NEAR(sum, here.losses().first, 1e-4);  // each was rounded to float32
}

TEST(Trainer, NamesTheStepWhoseLossADeviceFoundNotFinite) {
  const Device device = kernels::device_under_test().device;
  const std::vector<std::uint32_t> partition{0, 1, 2};
  const TrainingPlan plan = plan_of(kSgd + R"("batch_size": 2, "local_steps": 9)");
  Trainer trainer(plan, partition, 0, 4, device);
  BowlThere bowl(4, device);
  bowl.broken_at = 6;
  Array x(4, device);
  try {
    trainer.local_update(bowl, x.view(), x.view());
    FAIL();
  } catch (const NumericError& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr("is infinite after 5 steps"));
  }
}

}  // namespace
}  // namespace kith
