#include "node/cohorts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <limits>
#include <numeric>
#include <optional>

#include "node/model_pool.h"
#include "training/stacking_model.h"

namespace kith {
namespace {

constexpr std::size_t kSize = 7;
constexpr Round kRounds = 20;

/// Nodes that train for some rounds, some of them resting in some rounds, in cohorts of `places`.
class Training {
 public:
  using Rests = std::function<bool(Uid, Round)>;

  Training(
      Uid nodes, std::int64_t places, int threads, Rests rests = [](Uid, Round) { return false; },
      bool one_model = false)
      : threads_(threads), rests_(std::move(rests)) {
    const Config config = Config::parse(
        R"({"training": {"type": "sgd", "lr": 0.1, "batch_size": 2, "local_steps": 3}})",
        "run.json");
    plan_ = TrainingPlan::make(Optimizer::registry().read(config.at("training")),
                               Objective::kRegression, 1);
    std::vector<std::unique_ptr<Model>> models;
    for (int i = 0; i < threads + (one_model ? 1 : 0); ++i) {
      auto model = std::make_unique<StackingModel>(kSize);
      seen_.push_back(model.get());
      models.push_back(std::move(model));
    }
    models_.emplace(std::move(models));
    for (Uid uid = 0; uid < nodes; ++uid) {
      auto& own = partitions_.emplace_back(static_cast<std::size_t>(uid) + 2);
      std::iota(own.begin(), own.end(), static_cast<std::uint32_t>(uid));
      trainers_.emplace_back(plan_, own, uid, kSize);
      x.emplace_back(kSize);
      uids_.push_back(uid);
    }
    cohorts_.emplace(CohortShape{places, 2}, uids_, *models_, threads);
  }

  void run(std::function<void(Executor::Options&)> change = [](Executor::Options&) {}) {
    Executor::Options options;
    options.threads = threads_;
    options.idle = [this] { cohorts_->go_on_without_the_rest(); };
    change(options);
    Executor executor(options);
    for (const Uid uid : uids_) {
      executor.spawn(uid, [this](Fiber& fiber) { return learn(fiber); });
    }
    executor.run();
  }

  std::vector<std::vector<float>> vectors() const {
    std::vector<std::vector<float>> all;
    for (const Array& one : x) all.emplace_back(one.data(), one.data() + one.size());
    return all;
  }

  /// How many nodes each computation was for.
  std::vector<int> filled() const {
    std::vector<int> all;
    for (const StackingModel* model : seen_) {
      all.insert(all.end(), model->filled.begin(), model->filled.end());
    }
    return all;
  }

  /// How many computations one of the models made.
  std::int64_t filled_by(std::size_t model) const { return std::ssize(seen_[model]->filled); }

  Round rounds = kRounds;
  std::deque<Array> x;

 private:
  Task<> learn(Fiber& fiber) {
    const auto i = static_cast<std::size_t>(fiber.uid());
    for (Round round = 0; round < rounds; ++round) {
      fiber.set_round(round);
      trainers_[i].begin_round(round);
      if (rests_(fiber.uid(), round)) continue;
      Assignment assignment{trainers_[i], x[i].view(), x[i].view(), 3};
      co_await cohorts_->train(assignment);
    }
  }

  int threads_;
  Rests rests_;
  TrainingPlan plan_;
  std::vector<StackingModel*> seen_;
  std::optional<ModelPool> models_;
  std::deque<std::vector<std::uint32_t>> partitions_;
  std::deque<Trainer> trainers_;
  std::vector<Uid> uids_;
  std::optional<Cohorts> cohorts_;
};

TEST(Cohorts, TrainAllTheirMembersAtOnceWhereAllCome) {
  for (const int threads : {1, 4}) {
    Training training(12, 4, threads);
    training.run();
    EXPECT_THAT(training.filled(), ::testing::Each(4)) << threads;
    EXPECT_EQ(training.filled().size(), 3u * kRounds * 3) << threads;
  }
}

TEST(Cohorts, DoNotWaitForNodesThatRest) {
  // As in federated sampling: every node rests in two rounds of three, and node 5 always.
  const auto rests = [](Uid uid, Round round) {
    return uid == 5 || (static_cast<Round>(uid) + round) % 3 != 0;
  };
  Training alone(10, 1, 1, rests);
  alone.run();
  for (const int threads : {1, 4}) {
    for (const std::int64_t places : {2, 4, 64}) {
      Training training(10, places, threads, rests);
      training.run();
      EXPECT_EQ(training.vectors(), alone.vectors()) << places << " places, " << threads;
    }
  }
}

TEST(Cohorts, TakeTurnsWithAModelThatAllShare) {
  const auto nobody_rests = [](Uid, Round) { return false; };
  Training own(12, 3, 4), shared(12, 3, 4, nobody_rests, true);
  own.run();
  shared.run();
  EXPECT_EQ(shared.vectors(), own.vectors());
  EXPECT_EQ(shared.filled_by(4), 4 * kRounds * 3);  // the one behind those of the threads
}

TEST(Cohorts, NameTheNodeThatDiverges) {
  Training training(8, 4, 2);
  training.x[6][3] = std::numeric_limits<float>::infinity();
  try {
    training.run();
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kNumeric);
    EXPECT_THAT(error.what(), ::testing::HasSubstr("node 6, round 0: "));
  }
}

TEST(Cohorts, EndWhenTheRunIsStopped) {
  for (int repetition = 0; repetition < 5; ++repetition) {
    Training training(32, 5, 4, [](Uid uid, Round round) { return (uid * 7 + round) % 5 == 0; });
    training.rounds = std::numeric_limits<Round>::max();
    const auto stop = [](Executor::Options& options) {
      options.outside_failure = [] {
        return std::make_exception_ptr(PeerError("another process failed"));
      };
    };
    EXPECT_THROW(training.run(stop), PeerError);
  }
}

}  // namespace
}  // namespace kith
