#include "kernels/level.h"

#include <atomic>
#include <cassert>

namespace kith::kernels {
namespace {

std::atomic<Level>& level_in_use() {
  static std::atomic<Level> level = supports(Level::kV3) ? Level::kV3 : Level::kGeneric;
  return level;
}

}  // namespace

Level level() { return level_in_use().load(std::memory_order_relaxed); }

bool supports(Level level) {
  return level == Level::kGeneric || __builtin_cpu_supports("x86-64-v3");
}

LevelScope::LevelScope(Level level) : previous_(kernels::level()) {
  assert(supports(level));
  level_in_use() = level;
}

LevelScope::~LevelScope() { level_in_use() = previous_; }

}  // namespace kith::kernels
