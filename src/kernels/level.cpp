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
  if (level == Level::kGeneric) return true;
#ifdef __clang__
  // Clang 14 knows no levels by name. What else belongs to v3 came with the same processors.
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2") &&
         __builtin_cpu_supports("fma");
#else
  return __builtin_cpu_supports("x86-64-v3");
#endif
}

LevelScope::LevelScope(Level level) : previous_(kernels::level()) {
  assert(supports(level));
  level_in_use() = level;
}

LevelScope::~LevelScope() { level_in_use() = previous_; }

}  // namespace kith::kernels
