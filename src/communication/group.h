#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "communication/link.h"
#include "core/executor.h"

namespace kith {

/// The processes of a run, which talk about what is not the nodes' talk: when to start, and what
/// the nodes reached together. Messages from one process to another come in the order they were
/// sent.
class Group {
 public:
  virtual ~Group() = default;

  virtual int process() const { return 0; }
  virtual int processes() const { return 1; }

  /// Sends `body` to process `to`, another than this. From any thread.
  virtual void post(int to, Bytes body) = 0;

  /// The next message of process `from`, when it is there. From any thread.
  virtual std::optional<Bytes> take(int from) = 0;

  /// Has `fiber` woken when a message of `from` is there, which may be now. False when one is.
  virtual bool subscribe(int from, Fiber& fiber) = 0;
  virtual bool unsubscribe(int from) = 0;

  /// As `take`, but waits: for a thread that is no executor's. Throws what ended the run.
  virtual Bytes wait(int from) = 0;

  /// `co_await group.next(p)` gives the next message of process p.
  class Next;
  Next next(int from);

  // --- made of these ---

  /// Everybody's `own`, by process, in process 0; nothing elsewhere.
  Task<std::vector<Bytes>> gather(Bytes own);
  std::vector<Bytes> wait_gather(Bytes own);

  /// Nobody passes before all have come.
  Task<> barrier();

  /// Process 0's `words`, everywhere.
  Bytes wait_broadcast(Bytes words);

  /// Nobody passes before all have come.
  void wait_barrier();
};

class Group::Next final : public Wait {
 public:
  Next(Group& group, int from) : group_(group), from_(from) {}

  std::string describe() const override { return "process " + std::to_string(from_); }
  Bytes await_resume() {
    Wait::await_resume();
    return group_.take(from_).value();
  }

 protected:
  bool subscribe(Fiber& fiber) override { return group_.subscribe(from_, fiber); }
  bool unsubscribe() override { return group_.unsubscribe(from_); }

 private:
  Group& group_;
  int from_;
};

inline Group::Next Group::next(int from) { return Next(*this, from); }

/// A run of one process: nobody to talk to.
class Alone final : public Group {
 public:
  void post(int, Bytes) override {}
  std::optional<Bytes> take(int) override { return std::nullopt; }
  bool subscribe(int, Fiber&) override { return false; }
  bool unsubscribe(int) override { return true; }
  Bytes wait(int) override { return {}; }
};

}  // namespace kith
