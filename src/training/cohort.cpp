#include "training/cohort.h"

#include <algorithm>

#include "core/clock.h"
#include "core/device_memory.h"

namespace kith {
namespace {

std::int64_t gradients_of(const Assignment& assignment) {
  return std::max<std::int64_t>(assignment.steps, 1);
}

/// Does what may be the assignment's own failure.
template <class Work>
void attempt(Assignment& assignment, Work work) {
  try {
    work();
  } catch (...) {
    assignment.error = std::current_exception();
  }
}

void use(const Gradient& gradient, Assignment& assignment) {
  attempt(assignment, [&] {
    if (assignment.steps == 0) {
      assignment.trainer.take(gradient, assignment.out);
    } else {
      assignment.trainer.descend(gradient, assignment.out);
    }
  });
}

}  // namespace

void train_together(Model& model, const CohortShape& shape,
                    std::span<Assignment* const> assignments) {
  double total_s = 0;
  {
    const Stopwatch watch(total_s);
    std::vector<Assignment*> active(assignments.begin(), assignments.end());
    for (const Assignment* one : active) {
      if (one->steps > 0 && one->out.data != one->x.data) copy(one->x, one->out);
    }
    std::vector<Model::Point> points;
    for (std::int64_t step = 0;; ++step) {
      std::erase_if(
          active, [&](const Assignment* one) { return one->error || step >= gradients_of(*one); });
      if (active.empty()) break;
      points.assign(static_cast<std::size_t>(shape.places), {});
      for (const Assignment* one : active) {
        points[shape.place_of(one->trainer.node())] =
            one->trainer.next_point(one->steps == 0 ? one->x : one->out);
      }
      const std::span<const Gradient> gradients =
          model.gradients(points, static_cast<std::size_t>(shape.batch));
      for (Assignment* one : active) use(gradients[shape.place_of(one->trainer.node())], *one);
    }
  }
  for (Assignment* one : assignments) {
    if (!one->error) attempt(*one, [one] { one->trainer.settle(); });
    one->compute_s = total_s / static_cast<double>(assignments.size());
  }
}

}  // namespace kith
