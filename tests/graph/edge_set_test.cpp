#include "graph/edge_set.h"

#include <gtest/gtest.h>

#include <set>

#include "core/random.h"

namespace kith {
namespace {

TEST(EdgeSet, AgreesWithAStandardSetOverRandomInsertionsAndRemovals) {
  constexpr int kNodes = 24;
  EdgeSet edges(kNodes * (kNodes - 1) / 2);
  std::set<std::pair<Uid, Uid>> model;
  Random random(1, Purpose::kGraph);
  for (int step = 0; step < 20'000; ++step) {
    const auto a = static_cast<Uid>(random.below(kNodes));
    const auto b = static_cast<Uid>(random.below(kNodes));
    if (a == b) continue;
    const std::pair<Uid, Uid> edge = std::minmax(a, b);
    ASSERT_EQ(edges.contains(a, b), model.contains(edge)) << "step " << step;
    ASSERT_EQ(edges.contains(b, a), model.contains(edge)) << "step " << step;
    if (model.erase(edge) > 0) {
      edges.erase(a, b);
    } else {
      model.insert(edge);
      edges.insert(a, b);
    }
  }
}

}  // namespace
}  // namespace kith
