#include "kernels/parts.h"

#include <gtest/gtest.h>

namespace kith::kernels {
namespace {

TEST(ForParts, ComesToEveryNumberOnceAndInOrder) {
  for (const std::size_t size : {0, 1, 1023, 1024, 1025, 100'003}) {
    std::size_t next = 0;
    for_parts(size, Device{}, [&](std::size_t offset, std::size_t part) {
      EXPECT_EQ(offset, next);
      EXPECT_GT(part, 0u);
      next = offset + part;
    });
    EXPECT_EQ(next, size);
  }
}

TEST(ForParts, GivesADeviceAllAtOnce) {
  int calls = 0;
  for_parts(100'003, Device{.kind = Device::Kind::kCuda},
            [&](std::size_t offset, std::size_t size) {
              EXPECT_EQ(offset, 0u);
              EXPECT_EQ(size, 100'003u);
              ++calls;
            });
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace kith::kernels
