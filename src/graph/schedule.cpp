#include "graph/schedule.h"

namespace kith {

Registry<Schedule, const Schedule::Context&>& Schedule::registry() {
  static Registry<Schedule, const Context&> registry("graph");
  return registry;
}

}  // namespace kith
