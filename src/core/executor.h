#pragma once

#include <atomic>
#include <condition_variable>
#include <coroutine>
#include <cstdint>
#include <exception>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/error.h"
#include "core/members.h"
#include "core/task.h"
#include "core/types.h"

namespace kith {

class Executor;
class Wait;

/// Thrown into every waiting fiber when a run ends early. Not for protocols to catch.
struct Cancelled {};

/// A node's coroutine with all that it awaits: one line of execution, on one thread at a time.
class Fiber {
 public:
  Fiber(Executor& executor, Uid uid) : executor_(executor), uid_(uid) {}
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  Executor& executor() const { return executor_; }
  Uid uid() const { return uid_; }

  /// Whether the run goes on without waiting for its end.
  bool is_background() const { return is_background_; }

  Round round() const { return round_.load(std::memory_order_relaxed); }
  /// Fibers of a lower round run first.
  void set_round(Round round) { round_.store(round, std::memory_order_relaxed); }

  /// Ends this fiber's wait; does nothing when it does not wait. From any thread.
  void wake();

 private:
  friend class Executor;
  friend class Wait;

  // Phases of a wait. The count of waits stands above them in one word, so that a late wake-up
  // cannot hit a later wait.
  enum Phase : std::uint64_t { kRunning = 0, kParking = 1, kParked = 2, kWoken = 3 };
  static constexpr std::uint64_t kPhaseMask = 3;

  void wake(std::uint64_t state);

  Executor& executor_;
  Uid uid_;
  bool is_background_ = false;
  std::atomic<Round> round_{0};
  std::atomic<std::uint64_t> state_{kRunning};
  std::atomic<double> deadline_s_{std::numeric_limits<double>::infinity()};
  std::coroutine_handle<> leaf_;  // what to resume; written before kParked, read after
  Wait* wait_ = nullptr;          // likewise
};

/// Something to wait for: `co_await` an object of a class derived from this. It lives in the
/// coroutine that waits.
class Wait {
 public:
  virtual ~Wait() = default;

  /// What is waited for, as the rest of "node 3 waits for …": "node 7, round 12". Called when
  /// nothing runs, or under whatever lock the implementation needs.
  virtual std::string describe() const = 0;

  bool await_ready() const noexcept { return false; }

  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> handle) {
    return park(*handle.promise().fiber, handle);
  }

  void await_resume() { finish(); }

 protected:
  /// Arranges for `fiber.wake()` to be called once, when the wait is over. False when there is
  /// nothing to wait for: then it must not be called.
  virtual bool subscribe(Fiber& fiber) = 0;

  /// Takes a subscription back, if there is one, so that no wake-up comes any more. True when the
  /// wait was over after all. Called before a cancelled or expired wait throws.
  virtual bool unsubscribe() = 0;

  /// Seconds after which the wait fails with PeerError.
  virtual double limit_s() const { return std::numeric_limits<double>::infinity(); }

  /// Seconds after which the fiber goes on in any case. Then `await_resume` finds the subscription
  /// still there, and takes it back.
  virtual double at_most_s() const { return std::numeric_limits<double>::infinity(); }

 private:
  friend class Executor;

  bool park(Fiber& fiber, std::coroutine_handle<> handle);
  void finish();

  Fiber* fiber_ = nullptr;
};

/// Runs fibers on a fixed pool of threads, those of the lowest round first.
///
/// The first exception that leaves a fiber ends the run: every waiting fiber is woken with
/// Cancelled, running ones go on to their next wait, all are joined, and `run` throws that first
/// exception with the node's name and round in front. When nothing runs and nothing can, that is
/// found at once and reported: "node 3 waits for node 7, round 12".
class Executor {
 public:
  struct Options {
    int threads = 1;

    /// Whose fibers they are, for messages.
    Members members = {};

    /// Whether somebody other than fibers may wake them (a transport's thread). Then a standstill
    /// is not final, and waits need limits.
    bool woken_from_outside = false;

    /// The run has failed when for so long no fiber came to a wait or an end and `progress` stood
    /// still. A slow step that counts its progress is no fault.
    double progress_timeout_s = std::numeric_limits<double>::infinity();

    /// A number that grows while work goes on inside a fiber.
    std::function<std::uint64_t()> progress = [] { return 0; };

    /// Asked a few times a second; a non-zero signal number ends the run with 128 + that.
    std::function<int()> pending_signal = [] { return 0; };

    /// Asked likewise; what it gives ends the run: another process failed.
    std::function<std::exception_ptr()> outside_failure = [] { return nullptr; };

    /// Called by a thread of the pool when nothing runs and nothing is ready, before it sleeps. May
    /// wake fibers.
    std::function<void()> idle;

    /// Called when threads do not come back `grace_s` after the run was ended early: a step that
    /// takes too long. Must not return.
    std::function<void(const Error&)> abandon;
    double grace_s = 8;
  };

  explicit Executor(Options options);
  ~Executor();

  int threads() const { return options_.threads; }

  /// Whose fiber it is: "node 3".
  std::string name(Uid uid) const {
    return uid < 0 ? "the evaluation" : options_.members.name(uid);
  }

  /// Adds a fiber that runs `body(fiber)`; before `run`.
  void spawn(Uid uid, std::function<Task<>(Fiber&)> body);

  /// Adds one that serves others as long as they run: when all fibers that are not of this kind
  /// have ended it is cancelled, and the run is over. Before `run`.
  void spawn_background(Uid uid, std::function<Task<>(Fiber&)> body);

  /// Runs all fibers to their end. Once.
  void run();

  /// How the run is getting on: a number that grows while anything moves, whether anything runs or
  /// could, and the lowest round that a fiber is in. From any thread.
  struct Pulse {
    std::uint64_t progress = 0;
    bool working = false;
    Round round = 0;
  };
  Pulse pulse() const;

  /// The number, 0..threads-1, of the calling thread of a running executor.
  static int worker();

  /// `co_await executor.for_each(n, f)` calls f(0) … f(n-1) on all threads of the pool, and goes on
  /// when the last has returned. Throws the first exception in the order of the indices. `f` must
  /// outlive the wait: pass a named function.
  class ForEach;
  class Pause;
  class Yield;
  ForEach for_each(std::int64_t count, const std::function<void(std::int64_t)>& f);

 private:
  friend class Fiber;
  friend class Wait;
  friend void resume_later(Fiber& fiber, std::coroutine_handle<> handle);

  struct Strand;  // a fiber with its outermost coroutine

  struct Ready {
    Round round;
    Uid uid;
    std::function<void()> work;

    bool operator<(const Ready& other) const {  // the standard heaps serve the greatest
      return round != other.round ? round > other.round : uid > other.uid;
    }
  };

  /// When a wait ends by itself. One whose wait is over is found by its count, and means nothing.
  struct Alarm {
    double at_s;
    Fiber* fiber;
    std::uint64_t state;

    bool operator<(const Alarm& other) const { return at_s > other.at_s; }
  };

  void set_alarm(const Alarm& alarm);
  void ring_alarms(double now);
  bool is_awaited(const Alarm& alarm) const;
  void push(Ready ready);
  void work(int number);
  void call_idle(std::unique_lock<std::mutex>& lock);
  void supervise(std::unique_lock<std::mutex>& lock);
  void expire_waits();
  void end_early(std::exception_ptr reason);
  void cancel_all();
  void finish_fiber(Fiber& fiber, std::exception_ptr error);
  std::string standstill() const;
  std::exception_ptr watch_progress();
  void join_or_abandon(std::unique_lock<std::mutex>& lock);

  Options options_;
  std::vector<std::unique_ptr<Strand>> strands_;

  mutable std::mutex mutex_;
  std::condition_variable something_ready_;
  std::condition_variable something_ended_;
  std::vector<Ready> ready_;      // a heap
  int running_ = 0;               // threads inside a fiber or a job
  std::vector<Uid> working_for_;  // of each thread: whose fiber or job it is in, or -1
  std::uint64_t resumed_ = 0;     // fibers and jobs that were started
  std::uint64_t idle_at_ = 0;     // how many those were when `idle` was last called
  std::uint64_t seen_progress_ = 0;
  double progressed_at_s_ = 0;
  std::size_t unfinished_ = 0;  // fibers that are not of the background
  std::size_t serving_ = 0;     // fibers of the background that have not ended
  std::vector<Alarm> alarms_;   // a heap
  bool closing_ = false;        // threads shall leave
  std::exception_ptr first_error_;
  std::atomic<bool> cancelled_{false};
  std::atomic<bool> waits_expire_{false};  // whether any wait ever had a limit
  std::vector<std::thread> pool_;
};

/// `co_await` one to go on after some seconds. It holds no thread.
class Executor::Pause final : public Wait {
 public:
  explicit Pause(double seconds) : seconds_(seconds) {}

  std::string describe() const override { return "its pause to end"; }

 protected:
  bool subscribe(Fiber&) override { return seconds_ > 0; }
  bool unsubscribe() override { return false; }
  double at_most_s() const override { return seconds_; }

 private:
  double seconds_;
};

/// `co_await` one to let those of a lower round go first.
class Executor::Yield {
 public:
  bool await_ready() const noexcept { return false; }

  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> handle) {
    fiber_ = handle.promise().fiber;
    resume_later(*fiber_, handle);
  }

  void await_resume() const {
    if (fiber_->executor().cancelled_) throw Cancelled{};
  }

 private:
  Fiber* fiber_ = nullptr;
};

class Executor::ForEach final : public Wait {
 public:
  ForEach(Executor& executor, std::int64_t count, const std::function<void(std::int64_t)>& f);

  std::string describe() const override { return "its parallel work"; }
  void await_resume();

 protected:
  bool subscribe(Fiber& fiber) override;
  bool unsubscribe() override;

 private:
  struct Work;

  static void help(Work& work);

  Executor& executor_;
  std::shared_ptr<Work> work_;
};

}  // namespace kith
