#include "core/executor.h"

#include <algorithm>
#include <cmath>
#include <csignal>
#include <stdexcept>
#include <utility>

#include "core/clock.h"
#include "core/scheduling.h"
#include "core/text.h"

namespace kith {
namespace {

constexpr auto kSupervision = std::chrono::milliseconds(50);
constexpr std::size_t kNamedWaits = 4;

// Where there are more workers than cores, as with several processes on a small machine, each that
// takes over finds the caches full of another's numbers.
constexpr double kSlice_s = 0.1;

thread_local int worker_number = 0;

std::string first_line(const char* text) {
  const std::string line = text;
  return line.substr(0, line.find('\n'));
}

std::string name_of(const Fiber& fiber) {
  return fiber.executor().name(fiber.uid()) + ", round " + std::to_string(fiber.round());
}

/// The same error with the fiber's name in front. What is not one of ours is a defect, or memory.
std::exception_ptr named(const Fiber& fiber, const std::exception_ptr& error) {
  const std::string name = name_of(fiber) + ": ";
  try {
    std::rethrow_exception(error);
  } catch (const Error& known) {
    return std::make_exception_ptr(Error(known.code(), name + known.what()));
  } catch (const std::bad_alloc&) {
    return std::make_exception_ptr(
        ResourceError(name + "out of memory; use fewer nodes or a smaller model"));
  } catch (const std::exception& unknown) {
    return std::make_exception_ptr(Error(ExitCode::kBug, name + first_line(unknown.what())));
  } catch (...) {
    return std::make_exception_ptr(Error(ExitCode::kBug, name + "an unknown exception"));
  }
}

}  // namespace

// --- Fiber and Wait ------------------------------------------------------------------------------

void Fiber::wake() { wake(state_.load()); }

void Fiber::wake(std::uint64_t state) {
  const std::uint64_t wait = state & ~kPhaseMask;
  if ((state & kPhaseMask) == kParking) {
    if (state_.compare_exchange_strong(state, wait | kWoken)) return;
    if (state != (wait | kParked)) return;
  }
  if ((state & kPhaseMask) != kParked) return;
  if (state_.compare_exchange_strong(state, wait | kRunning)) resume_later(*this, leaf_);
}

bool Wait::park(Fiber& fiber, std::coroutine_handle<> handle) {
  fiber_ = &fiber;
  fiber.leaf_ = handle;
  fiber.wait_ = this;
  const double limit = limit_s();
  if (std::isfinite(limit)) {
    fiber.deadline_s_ = now_s() + limit;
    fiber.executor_.waits_expire_ = true;
  }
  const std::uint64_t wait = (fiber.state_.load() | Fiber::kPhaseMask) + 1;
  std::uint64_t state = wait | Fiber::kParking;
  fiber.state_ = state;
  const double at_most = at_most_s();
  if (std::isfinite(at_most)) fiber.executor_.set_alarm({now_s() + at_most, &fiber, state});
  // A run that ends early first says so, then wakes: one of the two sees the other.
  if (fiber.executor_.cancelled_ || !subscribe(fiber)) {
    fiber.state_ = wait | Fiber::kRunning;
    return false;
  }
  if (fiber.state_.compare_exchange_strong(state, wait | Fiber::kParked)) return true;
  fiber.state_ = wait | Fiber::kRunning;  // woken already
  return false;
}

void Wait::finish() {
  Fiber& fiber = *fiber_;
  const bool cancelled = fiber.executor_.cancelled_;
  const double deadline_s = fiber.deadline_s_;
  const bool expired = std::isfinite(deadline_s) && now_s() >= deadline_s;
  if (std::isfinite(deadline_s)) fiber.deadline_s_ = std::numeric_limits<double>::infinity();
  if (!cancelled && !expired) return;
  if (unsubscribe() && !cancelled) return;
  if (cancelled) throw Cancelled{};
  throw PeerError("waited " + duration_text(limit_s()) + " for " + describe());
}

void resume_later(Fiber& fiber, std::coroutine_handle<> handle) {
  fiber.executor().push({fiber.round(), fiber.uid(), [handle] { handle.resume(); }});
}

// --- Executor ------------------------------------------------------------------------------------

struct Executor::Strand {
  /// The outermost coroutine of a fiber: nobody awaits it, and nothing leaves it.
  struct Root {
    struct promise_type {
      explicit promise_type(Strand& strand) : fiber(&strand.fiber) {}
      Root get_return_object() {
        return {std::coroutine_handle<promise_type>::from_promise(*this)};
      }
      std::suspend_always initial_suspend() noexcept { return {}; }
      std::suspend_always final_suspend() noexcept { return {}; }
      void return_void() noexcept {}
      void unhandled_exception() noexcept { std::terminate(); }

      Fiber* fiber;
    };

    std::coroutine_handle<promise_type> handle;
  };

  Strand(Executor& executor, Uid uid, std::function<Task<>(Fiber&)> given_body)
      : fiber(executor, uid), body(std::move(given_body)), root(run(*this)) {}
  ~Strand() { root.handle.destroy(); }

  static Root run(Strand& self) {
    std::exception_ptr error;
    try {
      Task<> task = self.body(self.fiber);
      co_await task;
    } catch (...) {
      error = std::current_exception();
    }
    self.fiber.executor().finish_fiber(self.fiber, error);
  }

  Fiber fiber;
  std::function<Task<>(Fiber&)> body;
  Root root;
};

Executor::Executor(Options options) : options_(std::move(options)) {}

Executor::~Executor() = default;

void Executor::spawn(Uid uid, std::function<Task<>(Fiber&)> body) {
  strands_.push_back(std::make_unique<Strand>(*this, uid, std::move(body)));
}

void Executor::spawn_background(Uid uid, std::function<Task<>(Fiber&)> body) {
  spawn(uid, std::move(body));
  strands_.back()->fiber.is_background_ = true;
}

int Executor::worker() { return worker_number; }

void Executor::set_alarm(const Alarm& alarm) {
  bool is_first = false;
  {
    const std::lock_guard lock(mutex_);
    is_first = alarms_.empty() || alarm.at_s < alarms_.front().at_s;
    alarms_.push_back(alarm);
    std::push_heap(alarms_.begin(), alarms_.end());
  }
  if (is_first) something_ended_.notify_one();
}

bool Executor::is_awaited(const Alarm& alarm) const {
  const std::uint64_t state = alarm.fiber->state_;
  const std::uint64_t phase = state & Fiber::kPhaseMask;
  return (state | Fiber::kPhaseMask) == (alarm.state | Fiber::kPhaseMask) &&
         (phase == Fiber::kParking || phase == Fiber::kParked);
}

void Executor::ring_alarms(double now) {
  std::vector<Alarm> due;
  {
    const std::lock_guard lock(mutex_);
    while (!alarms_.empty() && (alarms_.front().at_s <= now || !is_awaited(alarms_.front()))) {
      std::pop_heap(alarms_.begin(), alarms_.end());
      due.push_back(alarms_.back());
      alarms_.pop_back();
    }
  }
  for (const Alarm& alarm : due) {
    if (is_awaited(alarm)) alarm.fiber->wake(alarm.state);
  }
}

void Executor::push(Ready ready) {
  {
    const std::lock_guard lock(mutex_);
    ready_.push_back(std::move(ready));
    std::push_heap(ready_.begin(), ready_.end());
  }
  something_ready_.notify_one();
}

void Executor::run() {
  for (const auto& strand : strands_) ++(strand->fiber.is_background() ? serving_ : unfinished_);
  working_for_.assign(static_cast<std::size_t>(options_.threads), -1);
  progressed_at_s_ = now_s();
  for (auto& strand : strands_) resume_later(strand->fiber, strand->root.handle);
  for (int i = 0; i < options_.threads; ++i) pool_.emplace_back([this, i] { work(i); });

  std::unique_lock lock(mutex_);
  while (unfinished_ > 0 && !first_error_) supervise(lock);
  if (!first_error_ && serving_ > 0) {
    lock.unlock();
    cancel_all();
    lock.lock();
  }
  if (unfinished_ + serving_ > 0) join_or_abandon(lock);
  closing_ = true;
  lock.unlock();
  something_ready_.notify_all();
  for (auto& thread : pool_) thread.join();
  if (first_error_) std::rethrow_exception(first_error_);
}

/// Looks after what no fiber does: signals, expired waits, a standstill.
void Executor::supervise(std::unique_lock<std::mutex>& lock) {
  std::chrono::duration<double> patience = kSupervision;
  if (!alarms_.empty()) {
    patience = std::min(patience, std::chrono::duration<double>(alarms_.front().at_s - now_s()));
  }
  if (patience.count() > 0) something_ended_.wait_for(lock, patience);
  std::exception_ptr reason;
  const bool will_go_on =
      options_.woken_from_outside ||
      std::ranges::any_of(alarms_, [this](const Alarm& a) { return is_awaited(a); });
  if (ready_.empty() && running_ == 0 && unfinished_ > 0 && !will_go_on) {
    reason = std::make_exception_ptr(PeerError(standstill()));
  }
  if (!reason) reason = watch_progress();
  lock.unlock();
  if (const int signal = options_.pending_signal(); signal != 0 && !reason) {
    const std::string word = signal == SIGINT ? "interrupted" : "terminated";
    reason = std::make_exception_ptr(Error(static_cast<ExitCode>(128 + signal), word));
  }
  if (!reason) reason = options_.outside_failure();
  if (reason) end_early(reason);
  ring_alarms(now_s());
  expire_waits();
  lock.lock();
}

Executor::Pulse Executor::pulse() const {
  Pulse pulse;
  const std::lock_guard lock(mutex_);
  pulse.progress = resumed_ + options_.progress();
  pulse.working = running_ > 0 || !ready_.empty() || !alarms_.empty();
  pulse.round = std::numeric_limits<Round>::max();
  for (const auto& strand : strands_) {
    if (!strand->fiber.is_background()) pulse.round = std::min(pulse.round, strand->fiber.round());
  }
  return pulse;
}

/// What to end the run with when nothing has moved for too long. Under the lock.
std::exception_ptr Executor::watch_progress() {
  // While only others can go on, they are watched, not this process.
  if (options_.woken_from_outside && ready_.empty() && running_ == 0) {
    progressed_at_s_ = now_s();
    return nullptr;
  }
  const std::uint64_t progress = resumed_ + options_.progress();
  if (std::exchange(seen_progress_, progress) != progress) {
    progressed_at_s_ = now_s();
    return nullptr;
  }
  if (now_s() - progressed_at_s_ < options_.progress_timeout_s) return nullptr;
  std::vector<std::string> at_work;
  for (const Uid uid : working_for_) {
    if (uid >= 0) at_work.push_back(name(uid));
  }
  return std::make_exception_ptr(PeerError(
      "no progress for " + duration_text(options_.progress_timeout_s) + " in the work of " +
      (at_work.empty() ? "any node" : join(at_work)) + "; see communication.progress_timeout_s"));
}

void Executor::join_or_abandon(std::unique_lock<std::mutex>& lock) {
  const double deadline_s = now_s() + options_.grace_s;
  while (unfinished_ + serving_ > 0) {
    something_ended_.wait_for(lock, kSupervision);
    if (now_s() < deadline_s || !options_.abandon || unfinished_ + serving_ == 0) continue;
    if (!first_error_) continue;  // somebody serves to the last
    try {
      std::rethrow_exception(first_error_);
    } catch (const Error& error) {
      options_.abandon(error);
    }
  }
}

void Executor::work(int number) {
  worker_number = number;
  ask_for_slices(kSlice_s);
  std::unique_lock lock(mutex_);
  for (;;) {
    something_ready_.wait(lock, [this] { return closing_ || !ready_.empty(); });
    if (ready_.empty()) return;
    std::pop_heap(ready_.begin(), ready_.end());
    const Ready next = std::move(ready_.back());
    ready_.pop_back();
    ++running_;
    ++resumed_;
    working_for_[static_cast<std::size_t>(number)] = next.uid;
    lock.unlock();
    next.work();
    lock.lock();
    if (options_.idle) call_idle(lock);
    --running_;
    working_for_[static_cast<std::size_t>(number)] = -1;
    if (ready_.empty() && running_ == 0) something_ended_.notify_one();
  }
}

/// By the last thread that runs, which counts as running meanwhile: so this is no standstill. Again
/// when others worked during the call: they did not see themselves as the last.
void Executor::call_idle(std::unique_lock<std::mutex>& lock) {
  while (ready_.empty() && running_ == 1 && std::exchange(idle_at_, resumed_) != resumed_) {
    lock.unlock();
    options_.idle();
    lock.lock();
  }
}

void Executor::finish_fiber(Fiber& fiber, std::exception_ptr error) {
  bool cancelled = false;
  try {
    if (error) std::rethrow_exception(error);
  } catch (const Cancelled&) {
    cancelled = true;
  } catch (...) {
  }
  if (error && !cancelled) end_early(named(fiber, error));
  const std::lock_guard lock(mutex_);
  if (--(fiber.is_background() ? serving_ : unfinished_) == 0) something_ended_.notify_one();
}

void Executor::end_early(std::exception_ptr reason) {
  {
    const std::lock_guard lock(mutex_);
    if (!first_error_) first_error_ = reason;
  }
  cancel_all();
}

void Executor::cancel_all() {
  cancelled_ = true;
  for (auto& strand : strands_) strand->fiber.wake();
  something_ended_.notify_one();
}

void Executor::expire_waits() {
  if (!waits_expire_) return;
  const double now = now_s();
  for (auto& strand : strands_) {
    const std::uint64_t state = strand->fiber.state_;
    if (strand->fiber.deadline_s_ <= now && state == strand->fiber.state_) {
      strand->fiber.wake(state);
    }
  }
}

std::string Executor::standstill() const {
  std::vector<std::string> waits;
  std::size_t more = 0;
  for (const auto& strand : strands_) {
    const Fiber& fiber = strand->fiber;
    if (fiber.is_background() || (fiber.state_ & Fiber::kPhaseMask) != Fiber::kParked) continue;
    if (waits.size() == kNamedWaits) {
      ++more;
    } else {
      waits.push_back(name(fiber.uid()) + " waits for " + fiber.wait_->describe());
    }
  }
  std::string text = "nothing can go on: " + join(waits, "; ");
  if (more > 0) text += "; and " + std::to_string(more) + " more";
  return text;
}

// --- ForEach -------------------------------------------------------------------------------------

/// Shared with the helpers that stand in the ready queue: one that comes late, after the wait was
/// given up, finds nothing left to do.
struct Executor::ForEach::Work {
  const std::function<void(std::int64_t)>& f;
  const std::int64_t count;

  std::mutex mutex{};
  std::condition_variable idle{};
  std::int64_t next = 0;
  int busy = 0;            // helpers inside f
  Fiber* fiber = nullptr;  // to wake at the end
  std::int64_t failed_at = 0;
  std::exception_ptr error{};

  bool over() const { return next >= count && busy == 0; }
};

Executor::ForEach::ForEach(Executor& executor, std::int64_t count,
                           const std::function<void(std::int64_t)>& f)
    : executor_(executor), work_(new Work{f, count}) {}

Executor::ForEach Executor::for_each(std::int64_t count,
                                     const std::function<void(std::int64_t)>& f) {
  return ForEach(*this, count, f);
}

bool Executor::ForEach::subscribe(Fiber& fiber) {
  const auto helpers = std::min<std::int64_t>(work_->count, executor_.threads());
  if (helpers <= 0) return false;
  work_->fiber = &fiber;
  for (std::int64_t i = 0; i < helpers; ++i) {
    executor_.push({fiber.round(), fiber.uid(), [work = work_] { help(*work); }});
  }
  return true;
}

bool Executor::ForEach::unsubscribe() {
  std::unique_lock lock(work_->mutex);
  work_->fiber = nullptr;
  work_->next = work_->count;
  work_->idle.wait(lock, [this] { return work_->busy == 0; });
  return true;
}

void Executor::ForEach::help(Work& work) {
  std::unique_lock lock(work.mutex);
  while (work.next < work.count) {
    const std::int64_t i = work.next++;
    ++work.busy;
    lock.unlock();
    std::exception_ptr error;
    try {
      work.f(i);
    } catch (...) {
      error = std::current_exception();
    }
    lock.lock();
    --work.busy;
    if (error && (!work.error || i < work.failed_at)) {
      work.error = error;
      work.failed_at = i;
    }
  }
  if (!work.over()) return;
  work.idle.notify_all();
  if (work.fiber) std::exchange(work.fiber, nullptr)->wake();
}

void Executor::ForEach::await_resume() {
  Wait::await_resume();
  const std::lock_guard lock(work_->mutex);
  if (work_->error) std::rethrow_exception(work_->error);
}

}  // namespace kith
