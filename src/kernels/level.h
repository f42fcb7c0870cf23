#pragma once

/// Hot loops are compiled once for each instruction level, from the same source.
///
/// A loop stands in a file `<name>_cpu.cpp`, in namespace `kith::kernels::KITH_LEVEL`; the build
/// compiles such a file once per level. `<name>.cpp` is its door: it implements the function of
/// `<name>.h` by calling the level in use. The same arithmetic is done at every level, so the
/// results are the same bits.
///
/// A file that is compiled per level must export nothing but its loops: were an inline function of
/// a header left in the object of a high level, the linker could pick that copy for a processor
/// that cannot run it. Helpers there are static, KITH_INLINE or builtins; a test reads the symbols.
namespace kith::kernels {

enum class Level {
  kGeneric,  ///< any x86-64
  kV3,       ///< x86-64-v3: AVX2 and fused multiply-add
};

/// The level in use: the best one of this processor, unless a LevelScope says otherwise.
Level level();

/// Whether this processor can run `level`.
bool supports(Level level);

/// Sets the level in use while it lives, for tests and benchmarks. The processor must support it.
class LevelScope {
 public:
  explicit LevelScope(Level level);
  ~LevelScope();
  LevelScope(const LevelScope&) = delete;
  LevelScope& operator=(const LevelScope&) = delete;

 private:
  Level previous_;
};

/// The version of a loop for the level in use.
template <class Loop>
Loop* at_level(Loop* generic, Loop* v3) {
  return level() == Level::kV3 ? v3 : generic;
}

}  // namespace kith::kernels
