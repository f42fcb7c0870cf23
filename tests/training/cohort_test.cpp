#include "training/cohort.h"

#include <gtest/gtest.h>

#include <numeric>

#include "training/stacking_model.h"

namespace kith {
namespace {

constexpr std::size_t kSize = 5;

TrainingPlan plan_of(const std::string& options) {
  const Config config = Config::parse("{\"training\": {" + options + "}}", "run.json");
  return TrainingPlan::make(Optimizer::registry().read(config.at("training")),
                            Objective::kRegression, 1);
}

/// A node with samples of its own, uid of them and one.
struct Learner {
  Learner(const TrainingPlan& plan, Uid uid)
      : partition(static_cast<std::size_t>(uid) + 1),
        trainer(plan, partition, uid, kSize),
        x(kSize) {
    std::iota(partition.begin(), partition.end(), static_cast<std::uint32_t>(10 * uid));
    std::fill_n(x.data(), kSize, static_cast<float>(uid));
  }

  std::vector<std::uint32_t> partition;
  Trainer trainer;
  Array x;
};

std::vector<float> numbers(const Array& x) { return {x.data(), x.data() + x.size()}; }

const std::string kMomentum =
    R"("type": "sgd", "lr": 0.1, "momentum": 0.9, "batch_size": 2, "local_epochs": 2)";

TEST(Cohort, TrainsEveryNodeAsItWouldTrainAlone) {
  const TrainingPlan plan = plan_of(kMomentum);
  StackingModel model(kSize);
  std::deque<Learner> together, alone;
  std::vector<Assignment> assignments;
  for (Uid uid = 4; uid < 8; ++uid) {
    alone.emplace_back(plan, uid);
    alone.back().trainer.local_update(model, alone.back().x.view(), alone.back().x.view());
    Learner& one = together.emplace_back(plan, uid);
    assignments.push_back({one.trainer, one.x.view(), one.x.view(), one.trainer.steps_per_round()});
  }
  std::vector<Assignment*> pointers;
  for (Assignment& one : assignments) pointers.push_back(&one);
  train_together(model, {4, 2}, pointers);
  for (std::size_t i = 0; i < together.size(); ++i) {
    EXPECT_EQ(numbers(together[i].x), numbers(alone[i].x)) << "node " << 4 + i;
    EXPECT_EQ(together[i].trainer.take_losses(), alone[i].trainer.take_losses());
    EXPECT_EQ(assignments[i].error, nullptr);
  }
  // Partitions of 5 to 8 samples have 3 or 4 batches of 2; two epochs of them.
  EXPECT_EQ(model.filled, (std::vector<int>{4, 4, 4, 4, 4, 4, 2, 2}));
}

TEST(Cohort, GivesANodeItsPlaceByItsUid) {
  const TrainingPlan plan = plan_of(kMomentum);
  StackingModel model(kSize);
  Learner six(plan, 6);
  Array g(kSize);
  Assignment gradient{six.trainer, six.x.view(), g.view()};
  Assignment* const only[] = {&gradient};
  train_together(model, {4, 2}, only);
  EXPECT_EQ(model.last_places, (std::vector<std::size_t>{2}));
  EXPECT_EQ(CohortShape({4, 2}).cohort_of(6), 1);

  Learner again(plan, 6);
  Array expected(kSize);
  again.trainer.gradient(model, again.x.view(), expected.view());
  EXPECT_EQ(numbers(g), numbers(expected));
}

TEST(Cohort, ANodeThatDivergesDoesSoAlone) {
  const TrainingPlan plan = plan_of(kMomentum);
  StackingModel model(kSize);
  Learner good(plan, 0), bad(plan, 1), alone(plan, 0);
  std::fill_n(bad.x.data(), kSize, std::numeric_limits<float>::quiet_NaN());
  Assignment first{good.trainer, good.x.view(), good.x.view(), good.trainer.steps_per_round()};
  Assignment second{bad.trainer, bad.x.view(), bad.x.view(), bad.trainer.steps_per_round()};
  Assignment* const both[] = {&first, &second};
  train_together(model, {2, 2}, both);
  EXPECT_EQ(first.error, nullptr);
  EXPECT_THROW(std::rethrow_exception(second.error), NumericError);
  alone.trainer.local_update(model, alone.x.view(), alone.x.view());
  EXPECT_EQ(numbers(good.x), numbers(alone.x));
}

}  // namespace
}  // namespace kith
