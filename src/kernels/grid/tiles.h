#pragma once

#include "kernels/grid/program.h"

/// Some elements of a vector, written one behind the other in the order of the vector. Each tile of
/// it counts what it will write (TileCounts), sums of these say where each begins (TilePlaces), and
/// it does (TileWrite). So it is read twice, and nothing depends on which thread came first.
///
///     struct Tile {
///       static constexpr unsigned kThreads = 256;
///       KITH_INLINE Picked count(Place at) const;             // of what a thread looks at
///       KITH_INLINE void write(Place at, Picked before) const;
///     };
namespace kith::kernels {

/// How many elements are picked; where ties are to be broken, of two kinds: how many are above the
/// least one that is picked, and how many equal to it.
struct Picked {
  std::uint32_t above;
  std::uint32_t equal;

  KITH_INLINE Picked plus(const Picked& other) const {
    return {above + other.above, equal + other.equal};
  }
};

/// counts[tile] = what its elements are
template <class Tile>
struct TileCounts {
  static constexpr unsigned kThreads = Tile::kThreads;
  static constexpr int kSteps = 9;
  static_assert(kThreads == 1u << (kSteps - 1));
  struct Shared {
    Picked thread[kThreads];
  };

  Tile tile;
  Picked* counts;

  template <int step>
  KITH_INLINE void run(Place at, Shared& shared) const {
    if constexpr (step == 0) {
      shared.thread[at.thread] = tile.count(at);
    } else {
      constexpr unsigned apart = kThreads >> step;
      if (at.thread >= apart) return;
      const Picked sum = shared.thread[at.thread].plus(shared.thread[at.thread + apart]);
      shared.thread[at.thread] = sum;
      if (step == kSteps - 1) counts[at.block] = sum;
    }
  }
};

/// In a block's shared memory: what is before each thread, from what each has. Two steps around a
/// barrier, then `before`.
template <unsigned threads>
struct Scan {
  static constexpr unsigned kGroup = 16;
  Picked own[threads];
  Picked groups[threads / kGroup];

  KITH_INLINE void put(unsigned thread, Picked picked) { own[thread] = picked; }

  /// First step: own[t] becomes what is before t in its group.
  KITH_INLINE void within(unsigned thread) {
    if (thread >= threads / kGroup) return;
    Picked sum{0, 0};
    for (unsigned k = 0; k < kGroup; ++k) {
      const Picked picked = own[kGroup * thread + k];
      own[kGroup * thread + k] = sum;
      sum = sum.plus(picked);
    }
    groups[thread] = sum;
  }

  /// Second step: groups[g] becomes what is before group g.
  KITH_INLINE void between(unsigned thread) {
    if (thread > 0) return;
    Picked sum{0, 0};
    for (unsigned g = 0; g < threads / kGroup; ++g) {
      const Picked picked = groups[g];
      groups[g] = sum;
      sum = sum.plus(picked);
    }
  }

  KITH_INLINE Picked before(unsigned thread) const {
    return groups[thread / kGroup].plus(own[thread]);
  }
};

/// counts[tile] becomes what is before it, and counts[tiles] what there is in all. One block, each
/// thread some tiles in a row.
struct TilePlaces {
  static constexpr unsigned kThreads = 1024;
  static constexpr int kSteps = 4;
  using Shared = Scan<kThreads>;

  Picked* counts;
  std::size_t tiles;

  template <int step>
  KITH_INLINE void run(Place at, Shared& shared) const {
    const std::size_t each = divided_up(tiles, kThreads);
    const std::size_t begin = each * at.thread;
    const std::size_t end = begin + each < tiles ? begin + each : tiles;
    if constexpr (step == 0) {
      Picked sum{0, 0};
      for (std::size_t i = begin; i < end; ++i) sum = sum.plus(counts[i]);
      shared.put(at.thread, sum);
    } else if constexpr (step == 1) {
      shared.within(at.thread);
    } else if constexpr (step == 2) {
      shared.between(at.thread);
    } else {
      Picked sum = shared.before(at.thread);
      for (std::size_t i = begin; i < end; ++i) {
        const Picked picked = counts[i];
        counts[i] = sum;
        sum = sum.plus(picked);
      }
      if (at.thread == kThreads - 1) counts[tiles] = sum;
    }
  }
};

/// Has every tile write what it counted.
template <class Tile>
struct TileWrite {
  static constexpr unsigned kThreads = Tile::kThreads;
  static constexpr int kSteps = 4;
  using Shared = Scan<kThreads>;

  Tile tile;
  const Picked* before;

  template <int step>
  KITH_INLINE void run(Place at, Shared& shared) const {
    if constexpr (step == 0) {
      shared.put(at.thread, tile.count(at));
    } else if constexpr (step == 1) {
      shared.within(at.thread);
    } else if constexpr (step == 2) {
      shared.between(at.thread);
    } else {
      tile.write(at, before[at.block].plus(shared.before(at.thread)));
    }
  }
};

/// `counts` has room for tiles + 1; the last of them becomes what was written in all.
template <class Queue, class Tile>
void write_tiles(Queue& queue, const Tile& tile, std::size_t tiles, Picked* counts) {
  queue.launch(tiles, TileCounts<Tile>{tile, counts});
  queue.launch(1, TilePlaces{counts, tiles});
  queue.launch(tiles, TileWrite<Tile>{tile, counts});
}

}  // namespace kith::kernels
