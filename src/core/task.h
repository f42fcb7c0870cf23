#pragma once

#include <atomic>
#include <coroutine>
#include <cstdint>
#include <exception>
#include <optional>
#include <utility>

namespace kith {

class Fiber;

/// Makes a suspended coroutine of `fiber` ready to run again, on any thread of its executor.
void resume_later(Fiber& fiber, std::coroutine_handle<> handle);

template <class T>
class Task;

/// What the promises of all tasks have in common.
class TaskPromiseBase {
 public:
  /// A task starts when it is awaited.
  std::suspend_always initial_suspend() noexcept { return {}; }

  auto final_suspend() noexcept {
    struct Final {
      bool await_ready() noexcept { return false; }
      void await_resume() noexcept {}
      void await_suspend(std::coroutine_handle<>) noexcept {
        // Once the two have met the other side may free this frame: copy first, touch nothing
        // after.
        TaskPromiseBase& self = *promise;
        Fiber* const fiber_of_both = self.fiber;
        const std::coroutine_handle<> parent = self.parent;
        if (self.met.exchange(true, std::memory_order_acq_rel)) {
          resume_later(*fiber_of_both, parent);
        }
      }
      TaskPromiseBase* promise;
    };
    return Final{this};
  }

  void unhandled_exception() noexcept { error = std::current_exception(); }

  Fiber* fiber = nullptr;          ///< whose call stack this task is on
  std::coroutine_handle<> parent;  ///< who awaits this task
  std::exception_ptr error;

  /// The parent, after starting this task, and the task, at its end, both set it. Whoever comes
  /// second goes on with the parent: at once when it is the parent itself (the task never waited),
  /// through the ready queue when it is the task. So the stack does not grow with the number of
  /// awaits, without the symmetric transfer that g++ 12 gets wrong.
  std::atomic<bool> met{false};
};

template <class T>
class TaskPromise : public TaskPromiseBase {
 public:
  Task<T> get_return_object();
  template <class U>
  void return_value(U&& value) {
    value_.emplace(std::forward<U>(value));
  }
  T result() {
    if (error) std::rethrow_exception(error);
    return std::move(*value_);
  }

 private:
  std::optional<T> value_;
};

template <>
class TaskPromise<void> : public TaskPromiseBase {
 public:
  Task<void> get_return_object();
  void return_void() noexcept {}
  void result() {
    if (error) std::rethrow_exception(error);
  }
};

/// A coroutine that computes a T while other nodes use the thread. It runs when it is awaited,
/// once, by a task of the same executor, and throws there what it threw.
///
/// Under g++ 12: never await inside a condition, and pass named variables, constructor calls or
/// function results to an awaited call (a test checks the sources for both).
template <class T = void>
class [[nodiscard]] Task {
 public:
  using promise_type = TaskPromise<T>;

  explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Task() {
    if (handle_) handle_.destroy();
  }

  bool await_ready() const noexcept { return false; }

  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> parent) {
    TaskPromiseBase& child = handle_.promise();
    child.fiber = parent.promise().fiber;
    child.parent = parent;
    handle_.resume();
    return !child.met.exchange(true, std::memory_order_acq_rel);
  }

  T await_resume() { return handle_.promise().result(); }

 private:
  std::coroutine_handle<promise_type> handle_;
};

template <class T>
Task<T> TaskPromise<T>::get_return_object() {
  return Task<T>(std::coroutine_handle<TaskPromise>::from_promise(*this));
}

inline Task<void> TaskPromise<void>::get_return_object() {
  return Task<void>(std::coroutine_handle<TaskPromise>::from_promise(*this));
}

}  // namespace kith
