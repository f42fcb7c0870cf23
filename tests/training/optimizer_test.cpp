#include "training/optimizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kith {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::FloatNear;
using ::testing::IsEmpty;
using ::testing::Pointwise;
using Numbers = std::vector<float>;

/// One node's parameters with the optimizer of a config.
class Learner {
 public:
  Learner(const std::string& config, Numbers x)
      : optimizer_(Optimizer::registry().read(Config::parse(config, "run.json")).make()),
        x_(std::move(x)),
        state_(optimizer_->state().size(), Numbers(x_.size())) {}

  void step(const Numbers& gradient) {
    std::vector<ArrayView> state;
    for (Numbers& numbers : state_) state.push_back({numbers.data(), numbers.size()});
    optimizer_->step({.count = ++count_, .lr = optimizer_->base_lr()}, {x_.data(), x_.size()},
                     {gradient.data(), gradient.size()}, state, {x_.data(), x_.size()});
  }

  const Optimizer& optimizer() const { return *optimizer_; }
  const Numbers& x() const { return x_; }
  const Numbers& state(std::size_t k) const { return state_.at(k); }

 private:
  std::unique_ptr<Optimizer> optimizer_;
  Numbers x_;
  std::vector<Numbers> state_;
  std::int64_t count_ = 0;
};

const Numbers kStart{0.5f, -1.25f, 2.0f, -0.03125f, 0.7f};
const Numbers kGradients[] = {{0.1f, -0.2f, 0.3f, 0.4f, -0.55f},
                              {-0.7f, 0.01f, 0.33f, 0.0f, 1.5f},
                              {0.25f, 0.6f, -0.9f, 1e-3f, 0.2f}};

/// What PyTorch 2.11 has after those three gradients, on a CPU with fused multiply-add.
struct PyTorch {
  std::string config;
  Numbers x;
  std::vector<Numbers> state;
};

Learner after_three_steps(const std::string& config) {
  Learner learner(config, kStart);
  for (const Numbers& gradient : kGradients) learner.step(gradient);
  return learner;
}

const PyTorch kSgd[] = {
    {R"({"type": "sgd", "lr": 0.1})",
     {0x1.11eb86p-1f, -0x1.4a7efcp+0f, 0x1.0374bcp+1f, -0x1.243fe6p-4f, 0x1.2b852p-1f},
     {}},
    {R"({"type": "sgd", "lr": 0.1, "weight_decay": 0.05})",
     {0x1.0df898p-1f, -0x1.45c50ep+0f, 0x1.ff63a4p+0f, -0x1.20b474p-4f, 0x1.26462p-1f},
     {}},
    {R"({"type": "sgd", "lr": 0.1, "weight_decay": 0.05, "momentum": 0.9})",
     {0x1.22304cp-1f, -0x1.392122p+0f, 0x1.e41052p+0f, -0x1.1addb4p-3f, 0x1.0c64a2p-1f},
     {}},
    {R"({"type": "sgd", "lr": 0.1, "weight_decay": 0.05, "momentum": 0.9, "nesterov": true})",
     {0x1.2c99c2p-1f, -0x1.3fc2c2p+0f, 0x1.e696d2p+0f, -0x1.535acp-3f, 0x1.aa9984p-2f},
     {}},
};

TEST(Sgd, GivesTheBitsOfPyTorch) {
  for (const PyTorch& torch : kSgd) {
    EXPECT_THAT(after_three_steps(torch.config).x(), ElementsAreArray(torch.x)) << torch.config;
  }
}

const PyTorch kAdam[] = {
    {R"({"type": "adam", "lr": 0.01})",
     {0x1.fef15p-2f, -0x1.3cfa4ep+0f, 0x1.fb7678p+0f, -0x1.b35f8p-5f, 0x1.66e0dap-1f},
     {{-0x1.e9e1aep-6f, 0x1.6e2eb4p-5f, -0x1.26e978p-5f, 0x1.0a3d72p-5f, 0x1.c46738p-4f},
      {0x1.26a506p-11f, 0x1.a3738cp-12f, 0x1.0866c2p-10f, 0x1.4ee02ep-13f, 0x1.536e16p-9f}}},
    {R"({"type": "adam", "lr": 0.01, "weight_decay": 0.1})",
     {0x1.fd1e78p-2f, -0x1.3b7fd8p+0f, 0x1.fa9668p+0f, -0x1.b19c7ep-5f, 0x1.6654dcp-1f},
     {{-0x1.0e0cbp-6f, 0x1.6bd19ep-7f, 0x1.256f92p-6f, 0x1.01341p-5f, 0x1.0955eap-3f},
      {0x1.18cbf6p-11f, 0x1.6a9bb8p-12f, 0x1.0be054p-10f, 0x1.49ba34p-13f, 0x1.6ae54ap-9f}}},
    {R"({"type": "adam", "lr": 0.01, "betas": [0.3, 0.999]})",
     {0x1.ff7a9cp-2f, -0x1.3fb18cp+0f, 0x1.fd464ep+0f, -0x1.761bdep-5f, 0x1.647cbap-1f},
     {{0x1.18fc4ep-5f, 0x1.a353f8p-2f, -0x1.1566cep-1f, 0x1.a8587cp-6f, 0x1.ae703cp-2f},
      {0x1.26a506p-11f, 0x1.a3738cp-12f, 0x1.0866c2p-10f, 0x1.4ee02ep-13f, 0x1.536e16p-9f}}},
    {R"({"type": "adamw", "lr": 0.01, "weight_decay": 0.1})",
     {0x1.fd6c0cp-2f, -0x1.3c0684p+0f, 0x1.f9ef9ep+0f, -0x1.b2631ep-5f, 0x1.65cbep-1f},
     {{-0x1.e9e1aep-6f, 0x1.6e2eb4p-5f, -0x1.26e978p-5f, 0x1.0a3d72p-5f, 0x1.c46738p-4f},
      {0x1.26a506p-11f, 0x1.a3738cp-12f, 0x1.0866c2p-10f, 0x1.4ee02ep-13f, 0x1.536e16p-9f}}},
};

TEST(Adam, HasTheMomentsOfPyTorchAndItsParametersToTheLastPlaces) {
  for (const PyTorch& torch : kAdam) {
    SCOPED_TRACE(torch.config);
    const Learner learner = after_three_steps(torch.config);
    EXPECT_THAT(learner.state(0), ElementsAreArray(torch.state[0]));
    EXPECT_THAT(learner.state(1), ElementsAreArray(torch.state[1]));
    EXPECT_THAT(learner.x(), Pointwise(FloatNear(2e-7f), torch.x));
  }
}

TEST(Sgd, WithoutMomentumRemembersNothing) {
  EXPECT_THAT(Learner(R"({"type": "sgd", "lr": 1})", {}).optimizer().state(), IsEmpty());
  EXPECT_THAT(Learner(R"({"type": "sgd", "lr": 1, "momentum": 0.5})", {}).optimizer().state(),
              ElementsAre("momentum"));
}

TEST(Sgd, MomentumAddsUpToAGeometricSeries) {
  Learner learner(R"({"type": "sgd", "lr": 1, "momentum": 0.5})", {0});
  for (int i = 0; i < 3; ++i) learner.step({1});
  EXPECT_THAT(learner.state(0), ElementsAre(1 + 0.5f + 0.25f));
  EXPECT_THAT(learner.x(), ElementsAre(-(1 + 1.5f + 1.75f)));
}

TEST(Sgd, NesterovLooksAheadAlongTheMomentum) {
  Learner learner(R"({"type": "sgd", "lr": 1, "momentum": 0.5, "nesterov": true})", {0});
  learner.step({1});  // m = 1, v = 1 + 0.5 · 1
  EXPECT_THAT(learner.x(), ElementsAre(-1.5f));
  learner.step({2});  // m = 2.5, v = 2 + 0.5 · 2.5
  EXPECT_THAT(learner.x(), ElementsAre(-4.75f));
}

TEST(Sgd, WeightDecayShrinksByItsRate) {
  Learner learner(R"({"type": "sgd", "lr": 0.5, "weight_decay": 0.25})", {8, -16});
  learner.step({0, 0});
  EXPECT_THAT(learner.x(), ElementsAre(7, -14));
}

TEST(Adam, FirstStepMovesByTheLearningRateAgainstTheSignOfTheGradient) {
  for (const std::string type : {"adam", "adamw"}) {
    Learner learner(R"({"type": ")" + type + R"(", "lr": 0.01, "weight_decay": 0})", {1, 1, 1, 1});
    learner.step({3, -3, 1e-3f, -1e3f});
    EXPECT_THAT(learner.x(), Pointwise(FloatNear(1e-6f), Numbers{0.99f, 1.01f, 0.99f, 1.01f}));
  }
}

TEST(AdamW, DecaysParametersWithoutAGradient) {
  Learner decoupled(R"({"type": "adamw", "lr": 0.1})", {1});
  decoupled.step({0});
  EXPECT_THAT(decoupled.x(), ElementsAre(0.999f));  // 1 − lr · 0.01, the default
  EXPECT_THAT(decoupled.state(0), ElementsAre(0));
}

TEST(AccumAdam, WithOneStepIsAdam) {
  for (const char* rest : {R"("lr": 0.1})", R"("lr": 0.1, "weight_decay": 0.2})"}) {
    for (const std::string w : {"", "w"}) {
      const std::string start = R"({"type": ")";
      const Learner adam = after_three_steps(start + "adam" + w + R"(", )" + rest);
      const Learner accumulating =
          after_three_steps(start + "accum_adam" + w + R"(", "accum_iter": 1, )" + rest);
      EXPECT_THAT(accumulating.x(), Pointwise(FloatNear(1e-6f), adam.x())) << w << rest;
    }
  }
}

// The recursion by the book, in float64: the moments move after every second step, by the mean.
TEST(AccumAdam, MovesItsMomentsByTheMeanOfTheStepsBetween) {
  Learner learner(R"({"type": "accum_adam", "lr": 0.1, "betas": [0.8, 0.9], "accum_iter": 2})",
                  kStart);
  std::vector<double> x(kStart.begin(), kStart.end()), m(5), v(5), a(5);
  for (int t = 1; t <= 9; ++t) {
    const Numbers& g = kGradients[t % 3];
    learner.step(g);
    const int e = (t + 1) / 2;
    for (std::size_t i = 0; i < 5; ++i) {
      a[i] += g[i] / 2.0;
      const double mean = m[i] + 0.2 * g[i], square = v[i] + 0.1 * g[i] * g[i];
      x[i] -= 0.1 / (1 - std::pow(0.8, e)) * mean /
              (std::sqrt(square) / std::sqrt(1 - std::pow(0.9, e)) + 1e-8);
      if (t % 2 == 0) {
        m[i] = 0.8 * (m[i] + 0.2 * a[i]);
        v[i] = 0.9 * (v[i] + 0.1 * a[i] * a[i]);
        a[i] = 0;
      }
      EXPECT_NEAR(learner.x()[i], x[i], 1e-5) << "step " << t;
    }
  }
}

TEST(Optimizer, KnowsWhetherALearningRateWasGiven) {
  EXPECT_FALSE(Learner(R"("sgd")", {}).optimizer().has_lr());
  const Learner learner(R"({"type": "adam", "lr": 0.25})", {});
  EXPECT_TRUE(learner.optimizer().has_lr());
  EXPECT_EQ(learner.optimizer().base_lr(), 0.25);
}

struct Mistake {
  std::string config;
  std::string message;
};

const Mistake kMistakes[] = {
    {R"({"type": "sgdd"})",
     "run.json: /type: unknown training \"sgdd\"; did you mean \"sgd\"? Known: accum_adam, "
     "accum_adamw, adam, adamw, sgd"},
    {R"({"type": "sgd", "lr": 0.1, "nesterov": true})",
     "run.json: /nesterov: needs a \"momentum\" above 0"},
    {R"({"type": "sgd", "lr": 0.1, "momentum": 1})",
     "run.json: /momentum: must be at least 0 and below 1, got 1"},
    {R"({"type": "adam", "betas": [0.9]})", "run.json: /betas: must be two numbers, [β₁, β₂]"},
};

TEST(Optimizer, ExplainsMistakes) {
  for (const Mistake& mistake : kMistakes) {
    try {
      Learner learner(mistake.config, {});
      ADD_FAILURE() << "accepted " << mistake.config;
    } catch (const ConfigError& error) {
      EXPECT_EQ(error.what(), mistake.message);
    }
  }
}

}  // namespace
}  // namespace kith
