#include "core/sole_owner.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace kith {
namespace {

TEST(SoleOwner, IsWhoHoldsItAlone) {
  auto one = std::make_shared<int>(1);
  EXPECT_TRUE(is_sole_owner(one));
  auto other = one;
  EXPECT_FALSE(is_sole_owner(one));
  other.reset();
  EXPECT_TRUE(is_sole_owner(one));
  EXPECT_EQ(one.use_count(), 1);
}

TEST(SoleOwner, MayWriteWhatOthersHaveReadOnOtherThreads) {
  // Whether it may is ThreadSanitizer's to say.
  const auto value = std::make_shared<int>(1);
  std::vector<std::thread> readers;
  for (int i = 0; i < 4; ++i) {
    readers.emplace_back([mine = value]() mutable {
      EXPECT_EQ(*mine, 1);
      mine.reset();
    });
  }
  while (!is_sole_owner(value)) std::this_thread::yield();
  *value = 2;
  for (std::thread& reader : readers) reader.join();
}

}  // namespace
}  // namespace kith
