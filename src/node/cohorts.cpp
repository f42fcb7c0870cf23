#include "node/cohorts.h"

#include "node/model_pool.h"

namespace kith {

/// One node's wait for its training, or for the right to train the others too.
class Cohorts::Seat final : public Wait {
 public:
  Seat(Cohorts& cohorts, Assignment& given)
      : assignment(given),
        cohorts_(cohorts),
        cohort_(cohorts.cohorts_.at(cohorts.shape_.cohort_of(given.trainer.node()))) {}

  std::string describe() const override { return "its cohort"; }

  /// Whom this node trains; null when somebody else did.
  std::shared_ptr<Crew> crew_to_lead() const { return leads_ ? crew_ : nullptr; }

  void join(const std::shared_ptr<Crew>& crew) { crew_ = crew; }
  void lead() { leads_ = true; }
  void wake() { fiber_->wake(); }

  Assignment& assignment;

 protected:
  bool subscribe(Fiber& fiber) override {
    const std::lock_guard lock(cohorts_.mutex_);
    fiber_ = &fiber;
    cohort_.waiting.push_back(this);
    if (cohort_.waiting.size() < cohort_.members) return true;
    form_crew(cohort_, *this);
    return false;
  }

  bool unsubscribe() override {
    std::unique_lock lock(cohorts_.mutex_);
    if (!crew_) {
      std::erase(cohort_.waiting, this);
      return false;
    }
    if (!crew_->at_work) {
      std::erase(crew_->seats, this);
      return false;
    }
    // Somebody writes into what is this node's.
    cohorts_.crew_done_.wait(lock, [this] { return crew_->done; });
    return true;
  }

 private:
  friend class Cohorts;

  static void form_crew(Cohort& cohort, Seat& leader) {
    const auto crew = std::make_shared<Crew>();
    crew->seats.swap(cohort.waiting);
    for (Seat* seat : crew->seats) seat->join(crew);
    leader.lead();
  }

  Cohorts& cohorts_;
  Cohort& cohort_;
  Fiber* fiber_ = nullptr;
  std::shared_ptr<Crew> crew_;
  bool leads_ = false;
};

Cohorts::Cohorts(const CohortShape& shape, std::span<const Uid> nodes, ModelPool& models,
                 int threads)
    : shape_(shape), models_(models), threads_(threads) {
  for (const Uid uid : nodes) ++cohorts_[shape.cohort_of(uid)].members;
}

Task<> Cohorts::train(Assignment& assignment) {
  Seat seat(*this, assignment);
  co_await seat;
  if (const std::shared_ptr<Crew> crew = seat.crew_to_lead()) work(*crew, seat);
  if (assignment.error) std::rethrow_exception(assignment.error);
}

void Cohorts::go_on_without_the_rest() {
  std::vector<Seat*> leaders;
  const std::lock_guard lock(mutex_);
  for (auto& [number, cohort] : cohorts_) {
    if (cohort.waiting.empty()) continue;
    leaders.push_back(cohort.waiting.front());
    Seat::form_crew(cohort, *cohort.waiting.front());
  }
  for (Seat* leader : leaders) leader->wake();
}

void Cohorts::work(Crew& crew, const Seat& leader) {
  std::vector<Assignment*> assignments;
  {
    const std::lock_guard lock(mutex_);
    crew.at_work = true;
    for (Seat* seat : crew.seats) assignments.push_back(&seat->assignment);
  }
  try {
    const Device& device = leader.assignment.x.device;
    const ModelPool::Shared shared = models_.shared(device, threads_);
    std::unique_lock<std::mutex> turn;
    if (shared.turn) turn = std::unique_lock(*shared.turn);
    train_together(shared.model ? *shared.model : models_.mine(device), shape_, assignments);
  } catch (...) {
    for (Assignment* one : assignments) one->error = std::current_exception();
  }
  const std::lock_guard lock(mutex_);
  crew.done = true;
  crew_done_.notify_all();
  for (Seat* seat : crew.seats) {
    if (seat != &leader) seat->wake();
  }
}

}  // namespace kith
