#pragma once

#include <string>

#include "core/error.h"
#include "graph/stored_schedule.h"

namespace kith {

/// For schedules whose theorem is about their own W, in which the weights of a config have no
/// place: throws ConfigError if it has any. `kind` is the schedule's name.
inline void require_own_weights(const Schedule::Context& context, const std::string& kind) {
  if (!given_weights(context)) return;
  throw ConfigError("/graph/weights: " + kind +
                    " brings its own weights; leave them out, or set them to null");
}

}  // namespace kith
