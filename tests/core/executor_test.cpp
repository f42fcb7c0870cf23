#include "core/executor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <set>
#include <thread>

#include "core/clock.h"

namespace kith {
namespace {

using ::testing::HasSubstr;

/// A flag that fibers can wait for.
class Gate {
 public:
  class Opening final : public Wait {
   public:
    Opening(Gate& gate, double limit) : gate_(gate), limit_(limit) {}
    std::string describe() const override { return "a gate"; }

   protected:
    bool subscribe(Fiber& fiber) override {
      const std::lock_guard lock(gate_.mutex_);
      if (gate_.open_) return false;
      gate_.waiting_.insert(&fiber);
      mine_ = &fiber;
      return true;
    }
    bool unsubscribe() override {
      const std::lock_guard lock(gate_.mutex_);
      gate_.waiting_.erase(mine_);
      return gate_.open_;
    }
    double limit_s() const override { return limit_; }

   private:
    Gate& gate_;
    double limit_;
    Fiber* mine_ = nullptr;
  };

  Opening opening(double limit_s = 1e9) { return Opening(*this, limit_s); }

  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    for (Fiber* fiber : waiting_) fiber->wake();
    waiting_.clear();
  }

 private:
  std::mutex mutex_;
  bool open_ = false;
  std::set<Fiber*> waiting_;
};

Executor::Options threads(int count) {
  Executor::Options options;
  options.threads = count;
  return options;
}

std::string error_of(Executor& executor, ExitCode code) {
  try {
    executor.run();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code);
    return error.what();
  }
  return "no error";
}

Task<int> one() { co_return 1; }

Task<> count_to(int limit, int& count) {
  for (int i = 0; i < limit; ++i) {
    const int step = co_await one();
    count += step;
  }
}

TEST(Task, TwoMillionSynchronousAwaitsNeedNoStack) {
  Executor executor(threads(1));
  int count = 0;
  executor.spawn(0, [&](Fiber&) { return count_to(2'000'000, count); });
  executor.run();
  EXPECT_EQ(count, 2'000'000);
}

Task<int> depth(int levels) {
  if (levels == 0) co_return 0;
  const int below = co_await depth(levels - 1);
  co_return below + 1;
}

Task<> store_depth(int levels, int& result) { result = co_await depth(levels); }

TEST(Task, ResultsComeBackThroughManyLevels) {
  Executor executor(threads(1));
  int result = 0;
  executor.spawn(0, [&](Fiber&) { return store_depth(500, result); });
  executor.run();
  EXPECT_EQ(result, 500);
}

Task<> pass(Gate& mine, Gate& next, int& passed) {
  co_await mine.opening();
  ++passed;
  next.open();
}

TEST(Executor, CallsIdleWhenNothingElseCanGoOn) {
  for (const int pool : {1, 4}) {
    // Every fiber waits for its gate, and only an idle executor opens the next one.
    constexpr int kFibers = 100;
    std::vector<Gate> gates(kFibers + 1);
    int passed = 0;
    std::size_t opened = 0;
    Executor::Options options = threads(pool);
    options.idle = [&] {
      EXPECT_EQ(static_cast<int>(opened), passed);
      if (opened < kFibers) gates[opened++].open();
    };
    Executor executor(options);
    for (int i = 0; i < kFibers; ++i) {
      executor.spawn(i, [&, i](Fiber&) {
        return pass(gates[static_cast<std::size_t>(i)], gates[kFibers], passed);
      });
    }
    executor.run();
    EXPECT_EQ(passed, kFibers);
  }
}

Task<> pass_all(std::vector<Gate>& gates, std::atomic<int>& passed) {
  for (Gate& gate : gates) {
    co_await gate.opening();
    ++passed;
  }
}

TEST(Executor, CallsIdleAgainForWhoWorkedDuringTheCall) {
  std::vector<Gate> gates(200);
  std::atomic<int> passed = 0;
  std::size_t opened = 0;
  Executor::Options options = threads(2);
  options.idle = [&] {
    if (opened == gates.size()) return;
    const int before = passed;
    gates[opened++].open();
    const double end_s = now_s() + 10;  // a test that fails shall end
    while (passed == before && now_s() < end_s) std::this_thread::yield();
  };
  Executor executor(options);
  executor.spawn(0, [&](Fiber&) { return pass_all(gates, passed); });
  executor.run();
  EXPECT_EQ(passed, 200);
}

TEST(Executor, FindsAStandstillThatIdleDoesNotEnd) {
  Executor::Options options = threads(2);
  options.idle = [] {};
  Executor executor(options);
  Gate closed, next;
  int passed = 0;
  executor.spawn(7, [&](Fiber&) { return pass(closed, next, passed); });
  EXPECT_EQ(error_of(executor, ExitCode::kPeer), "nothing can go on: node 7 waits for a gate");
}

TEST(Executor, AChainOfFibersPassesATokenAlong) {
  for (const int pool : {1, 2, 4}) {
    Executor executor(threads(pool));
    constexpr int kFibers = 1000;
    std::vector<Gate> gates(kFibers + 1);
    int passed = 0;
    for (int i = 0; i < kFibers; ++i) {
      executor.spawn(i, [&, i](Fiber&) {
        return pass(gates[static_cast<std::size_t>(i)], gates[static_cast<std::size_t>(i) + 1],
                    passed);
      });
    }
    gates[0].open();
    executor.run();
    EXPECT_EQ(passed, kFibers);
  }
}

Task<> wait_in_round(Fiber& fiber, Round round, Gate& gate) {
  fiber.set_round(round);
  co_await gate.opening();
}

TEST(Executor, AStandstillIsFoundAtOnceAndNamed) {
  Executor executor(threads(2));
  Gate gate;
  executor.spawn(3, [&](Fiber& fiber) { return wait_in_round(fiber, 12, gate); });
  EXPECT_EQ(error_of(executor, ExitCode::kPeer), "nothing can go on: node 3 waits for a gate");
}

TEST(Executor, ALongStandstillNamesAFewAndCountsTheRest) {
  Executor executor(threads(2));
  Gate gate;
  for (Uid uid = 0; uid < 10; ++uid) {
    executor.spawn(uid, [&](Fiber& fiber) { return wait_in_round(fiber, 1, gate); });
  }
  EXPECT_THAT(error_of(executor, ExitCode::kPeer), HasSubstr("; and 6 more"));
}

Task<> fail(Fiber& fiber, Round round) {
  fiber.set_round(round);
  const int step = co_await one();
  if (step == 1) throw NumericError("the loss is not finite");
}

TEST(Executor, AnExceptionEndsTheRunWithTheNodesName) {
  Executor executor(threads(2));
  Gate never;
  for (Uid uid = 0; uid < 4; ++uid) {
    executor.spawn(uid, [&](Fiber& fiber) { return wait_in_round(fiber, 1, never); });
  }
  executor.spawn(7, [&](Fiber& fiber) { return fail(fiber, 5); });
  EXPECT_EQ(error_of(executor, ExitCode::kNumeric), "node 7, round 5: the loss is not finite");
}

struct SetOnExit {
  ~SetOnExit() { flag = true; }
  bool& flag;
};

Task<> wait_and_clean(Gate& gate, bool& cleaned) {
  const SetOnExit guard{cleaned};
  co_await gate.opening();
}

TEST(Executor, CancelledFibersUnwindBeforeTheRunEnds) {
  Executor executor(threads(2));
  Gate never;
  bool cleaned = false;
  executor.spawn(0, [&](Fiber&) { return wait_and_clean(never, cleaned); });
  executor.spawn(1, [&](Fiber& fiber) { return fail(fiber, 0); });
  EXPECT_EQ(error_of(executor, ExitCode::kNumeric), "node 1, round 0: the loss is not finite");
  EXPECT_TRUE(cleaned);
}

TEST(Executor, ASignalEndsTheRunWithItsExitCode) {
  Executor::Options options = threads(2);
  options.woken_from_outside = true;
  options.pending_signal = [] { return SIGINT; };
  Executor executor(options);
  Gate never;
  executor.spawn(0, [&](Fiber& fiber) { return wait_in_round(fiber, 0, never); });
  EXPECT_EQ(error_of(executor, ExitCode::kInterrupted), "interrupted");
}

Task<> wait_briefly(Gate& gate) { co_await gate.opening(0.01); }

TEST(Executor, AWaitPastItsLimitFails) {
  Executor::Options options = threads(2);
  options.woken_from_outside = true;
  Executor executor(options);
  Gate never;
  executor.spawn(4, [&](Fiber&) { return wait_briefly(never); });
  EXPECT_EQ(error_of(executor, ExitCode::kPeer), "node 4, round 0: waited 0.0 s for a gate");
}

Task<> work_until(std::atomic<bool>& stop) {
  while (!stop) std::this_thread::yield();
  co_return;
}

TEST(Executor, WorkThatDoesNotMoveIsNamed) {
  std::atomic<bool> stop{false};
  Executor::Options options = threads(2);
  options.progress_timeout_s = 0.2;
  options.grace_s = 0;
  options.abandon = [&](const Error&) { stop = true; };  // a program would end here
  Executor executor(options);
  executor.spawn(6, [&](Fiber&) { return work_until(stop); });
  EXPECT_EQ(error_of(executor, ExitCode::kPeer),
            "no progress for 0.2 s in the work of node 6; see communication.progress_timeout_s");
}

TEST(Executor, WorkThatCountsItsProgressMayBeSlow) {
  std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> steps{0};
  Executor::Options options = threads(2);
  options.progress_timeout_s = 0.2;
  options.progress = [&] {
    if (++steps >= 8) stop = true;  // asked every 0.05 s: 0.4 s in all
    return steps.load();
  };
  Executor executor(options);
  executor.spawn(6, [&](Fiber&) { return work_until(stop); });
  EXPECT_EQ(error_of(executor, ExitCode::kPeer), "no error");
}

TEST(Executor, AThreadOutsideMayWakeFibers) {
  Executor::Options options = threads(2);
  options.woken_from_outside = true;
  Executor executor(options);
  Gate gate;
  for (Uid uid = 0; uid < 100; ++uid) {
    executor.spawn(uid, [&](Fiber& fiber) { return wait_in_round(fiber, 0, gate); });
  }
  std::thread outside([&] { gate.open(); });
  executor.run();
  outside.join();
}

Task<> sum_in_parallel(Fiber& fiber, std::int64_t count, std::vector<int>& calls) {
  const std::function<void(std::int64_t)> f = [&](std::int64_t i) {
    ++calls[static_cast<std::size_t>(i)];
  };
  co_await fiber.executor().for_each(count, f);
}

TEST(ForEach, CallsEveryIndexOnce) {
  for (const int pool : {1, 2, 4}) {
    for (const int count : {0, 1, 2, 1000}) {
      Executor executor(threads(pool));
      std::vector<int> calls(static_cast<std::size_t>(count));
      executor.spawn(0, [&](Fiber& fiber) { return sum_in_parallel(fiber, count, calls); });
      executor.run();
      EXPECT_THAT(calls, ::testing::Each(1));
    }
  }
}

Task<> fail_in_parallel(Fiber& fiber) {
  const std::function<void(std::int64_t)> f = [](std::int64_t i) {
    if (i >= 3) throw NumericError("number " + std::to_string(i));
  };
  co_await fiber.executor().for_each(20, f);
}

TEST(ForEach, ThrowsTheFirstErrorInOrder) {
  Executor executor(threads(1));
  executor.spawn(0, [](Fiber& fiber) { return fail_in_parallel(fiber); });
  EXPECT_EQ(error_of(executor, ExitCode::kNumeric), "node 0, round 0: number 3");
}

TEST(ForEach, IsSafeWhenTheRunEndsMeanwhile) {
  for (int repeat = 0; repeat < 50; ++repeat) {
    Executor executor(threads(2));
    std::vector<int> calls(1000);
    executor.spawn(0, [&](Fiber& fiber) { return sum_in_parallel(fiber, 1000, calls); });
    executor.spawn(1, [&](Fiber& fiber) { return fail(fiber, 0); });
    EXPECT_THAT(error_of(executor, ExitCode::kNumeric), HasSubstr("node 1"));
  }
}

Task<> note_order(Fiber& fiber, Round round, Gate& gate, std::vector<Round>& order) {
  fiber.set_round(round);
  co_await gate.opening();
  order.push_back(round);
}

Task<> open_gate(Gate& gate) {
  gate.open();
  co_return;
}

TEST(Executor, TheLowestRoundRunsFirst) {
  Executor executor(threads(1));
  Gate gate;
  std::vector<Round> order;
  for (const Round round : {5, 1, 4, 2, 3}) {
    executor.spawn(0, [&, round](Fiber& fiber) { return note_order(fiber, round, gate, order); });
  }
  executor.spawn(1, [&](Fiber&) { return open_gate(gate); });
  executor.run();
  EXPECT_EQ(order, (std::vector<Round>{1, 2, 3, 4, 5}));
}

Task<> serve_gate(Gate& asked, Gate& answered, bool& went_on) {
  co_await asked.opening();
  answered.open();
  Gate never;
  co_await never.opening();
  went_on = true;
}

Task<> ask_gate(Gate& asked, Gate& answered) {
  asked.open();
  co_await answered.opening();
}

TEST(Executor, ABackgroundFiberServesAndIsCancelledWhenTheOthersAreDone) {
  for (const int pool : {1, 3}) {
    Executor executor(threads(pool));
    Gate asked, answered;
    bool went_on = false;
    executor.spawn_background(0, [&](Fiber&) { return serve_gate(asked, answered, went_on); });
    executor.spawn(1, [&](Fiber&) { return ask_gate(asked, answered); });
    executor.run();
    EXPECT_FALSE(went_on);
  }
}

TEST(Executor, ABackgroundFiberDoesNotHideAStandstill) {
  Executor executor(threads(2));
  Gate asked, answered, never;
  bool went_on = false;
  executor.spawn_background(0, [&](Fiber&) { return serve_gate(asked, answered, went_on); });
  executor.spawn(3, [&](Fiber& fiber) { return wait_in_round(fiber, 12, never); });
  EXPECT_EQ(error_of(executor, ExitCode::kPeer), "nothing can go on: node 3 waits for a gate");
}

TEST(Executor, AnErrorInABackgroundFiberEndsTheRun) {
  Executor executor(threads(2));
  Gate never;
  executor.spawn_background(7, [](Fiber& fiber) { return fail(fiber, 4); });
  executor.spawn(3, [&](Fiber& fiber) { return wait_in_round(fiber, 12, never); });
  EXPECT_THAT(error_of(executor, ExitCode::kNumeric), HasSubstr("node 7, round 4"));
}

Task<> pause_for(double seconds, double& passed_s) {
  const double start_s = now_s();
  Executor::Pause pause(seconds);
  co_await pause;
  passed_s = now_s() - start_s;
}

TEST(Executor, APauseEndsByItselfAndIsNoStandstill) {
  Executor executor(threads(1));
  std::vector<double> passed_s(50);
  for (std::size_t i = 0; i < passed_s.size(); ++i) {
    executor.spawn(static_cast<Uid>(i), [&, i](Fiber&) {
      return pause_for(0.001 * static_cast<double>(i), passed_s[i]);
    });
  }
  executor.run();  // all pauses on one thread, together
  for (std::size_t i = 0; i < passed_s.size(); ++i) {
    EXPECT_GE(passed_s[i], 0.001 * static_cast<double>(i));
  }
}

TEST(Executor, APauseIsCancelledWhenTheRunFails) {
  Executor executor(threads(2));
  double passed_s = 0;
  executor.spawn(0, [&](Fiber&) { return pause_for(3600, passed_s); });
  executor.spawn(1, [](Fiber& fiber) { return fail(fiber, 0); });
  EXPECT_THAT(error_of(executor, ExitCode::kNumeric), HasSubstr("node 1"));
}

Task<> take_turns(Fiber& fiber, Round rounds, std::vector<Round>& order) {
  for (Round round = 0; round < rounds; ++round) {
    fiber.set_round(round);
    Executor::Yield yield;
    co_await yield;
    order.push_back(round);
  }
}

TEST(Executor, FibersThatYieldTakeTurnsRoundByRound) {
  Executor executor(threads(1));
  std::vector<Round> order;
  for (Uid uid = 0; uid < 5; ++uid) {
    executor.spawn(uid, [&](Fiber& fiber) { return take_turns(fiber, 20, order); });
  }
  executor.run();
  EXPECT_TRUE(std::ranges::is_sorted(order));
  EXPECT_EQ(order.size(), 100u);
}

}  // namespace
}  // namespace kith
