#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "core/executor.h"
#include "training/cohort.h"

namespace kith {

class ModelPool;

/// Where the nodes of a process meet to be trained together. The last of a cohort to come trains
/// all. Not all need come: protocols may let some nodes rest. When nothing else can go on, those
/// who have come are trained without the others, which changes nothing for them.
class Cohorts {
 public:
  /// `nodes` are the process's own, those of a cohort on one device; `models`, of so many threads,
  /// outlives this. The cohorts of a device take turns with the model that threads share there,
  /// where there is one; else each is trained with its thread's.
  Cohorts(const CohortShape& shape, std::span<const Uid> nodes, ModelPool& models, int threads);

  /// Carries out an assignment and throws what it threw. `assignment` outlives the task.
  Task<> train(Assignment& assignment);

  /// For Executor::Options::idle.
  void go_on_without_the_rest();

 private:
  class Seat;

  /// Those who are trained in one go.
  struct Crew {
    std::vector<Seat*> seats;
    bool at_work = false;
    bool done = false;
  };

  struct Cohort {
    std::size_t members = 0;  // nodes of this process
    std::vector<Seat*> waiting;
  };

  void work(Crew& crew, const Seat& leader);

  CohortShape shape_;
  ModelPool& models_;
  int threads_;
  std::mutex mutex_;
  std::condition_variable crew_done_;
  std::map<std::int64_t, Cohort> cohorts_;
};

}  // namespace kith
