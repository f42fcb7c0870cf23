#include "core/members.h"

#include <gtest/gtest.h>

namespace kith {
namespace {

TEST(Members, AreNamedAsAPersonWouldNameThem) {
  const Members members(7, "the server");
  EXPECT_EQ(members.count(), 8);
  EXPECT_EQ(members.name(6), "node 6");
  EXPECT_EQ(members.name(7), "the server");
  EXPECT_EQ(members.names({3}), "node 3");
  EXPECT_EQ(members.names({0, 1, 2, 3, 4}), "nodes 0, 1, 2 and 2 more");
  EXPECT_EQ(members.names({7}), "the server");
  EXPECT_EQ(members.names({2, 3, 7}), "nodes 2, 3 and the server");
}

TEST(Members, AreNodesWhereThereIsNoService) {
  const Members members(7);
  EXPECT_EQ(members.count(), 7);
  EXPECT_FALSE(members.is_service(7));
  EXPECT_EQ(members.name(7), "node 7");
}

}  // namespace
}  // namespace kith
