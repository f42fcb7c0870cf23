#include "experiment/meeting.h"

#include <gtest/gtest.h>

#include <atomic>

#include "support/folder.h"

namespace kith {
namespace {

Task<> meet(Meeting& meeting, Uid uid, int times, std::atomic<int>& come, std::atomic<int>& broken,
            int nodes) {
  for (int i = 1; i <= times; ++i) {
    ++come;
    const bool last = meeting.arrive(uid);
    if (last) {
      // All have come to this one, and nobody to the next.
      if (come != nodes * i) ++broken;
      meeting.part();
    } else {
      Meeting::Parting parting = meeting.parting(uid);
      co_await parting;
    }
    if (come < nodes * i) ++broken;
  }
}

TEST(NodesThatMeet, GoOnWhenTheLastHasCome) {
  const std::vector<Uid> uids{0, 3, 4, 9, 12, 100};
  Meeting meeting(uids);
  std::atomic<int> come{0}, broken{0};
  Executor executor({.threads = 3});
  for (const Uid uid : uids) {
    executor.spawn(uid, [&, uid](Fiber&) {
      return meet(meeting, uid, 500, come, broken, static_cast<int>(uids.size()));
    });
  }
  executor.run();
  EXPECT_EQ(come, 500 * 6);
  EXPECT_EQ(broken, 0);
}

Task<> come_and_wait(Meeting& meeting, Uid uid) {
  const bool last = meeting.arrive(uid);
  EXPECT_FALSE(last);
  Meeting::Parting parting = meeting.parting(uid);
  co_await parting;
}

TEST(NodesThatMeet, NameWhoHasNotCome) {
  Meeting meeting({2, 5, 7});
  Executor executor({});
  for (const Uid uid : {2, 7}) {
    executor.spawn(uid, [&, uid](Fiber&) { return come_and_wait(meeting, uid); });
  }
  EXPECT_EQ(
      message_of<Error>([&] { executor.run(); }),
      "nothing can go on: node 2 waits for node 5 to come to the evaluation; node 7 waits for "
      "node 5 to come to the evaluation");
}

}  // namespace
}  // namespace kith
