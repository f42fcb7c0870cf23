#include "communication/group.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/folder.h"
#include "support/processes.h"

namespace kith {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Bytes text(const std::string& words) {
  const auto bytes = std::as_bytes(std::span(words));
  return Bytes(bytes.begin(), bytes.end());
}

/// The groups of a run of several processes, each used by a thread of its own.
class Groups : public ::testing::Test {
 protected:
  Groups() { run_.start(); }

  Group& group(int process) { return run_.transport(process).group(); }

  /// What `f` gives for each process's group, called at the same time.
  template <class F>
  auto each(const F& f) {
    using Result = std::invoke_result_t<F, Group&>;
    std::vector<std::future<Result>> futures;
    for (int p = 0; p < run_.size(); ++p) {
      futures.push_back(std::async(std::launch::async, [&f, this, p] { return f(group(p)); }));
    }
    std::vector<Result> results;
    for (auto& future : futures) results.push_back(future.get());
    return results;
  }

  Executor::Options options(int process) {
    Executor::Options options;
    options.woken_from_outside = true;
    options.outside_failure = [this, process]() -> std::exception_ptr {
      const auto failure = run_.transport(process).failure();
      return failure ? std::make_exception_ptr(*failure) : nullptr;
    };
    return options;
  }

  Processes run_ = Processes::of_two(3);
};

TEST_F(Groups, KnowWhoTheyAre) {
  EXPECT_EQ(each([](Group& g) { return g.process(); }), std::vector<int>({0, 1, 2}));
  EXPECT_EQ(each([](Group& g) { return g.processes(); }), std::vector<int>({3, 3, 3}));
}

TEST_F(Groups, GatherWhatAllSayByProcess) {
  const auto results =
      each([](Group& g) { return g.wait_gather(text("of " + std::to_string(g.process()))); });
  EXPECT_THAT(results[0], ElementsAre(text("of 0"), text("of 1"), text("of 2")));
  EXPECT_THAT(results[1], IsEmpty());
  EXPECT_THAT(results[2], IsEmpty());
}

TEST_F(Groups, BroadcastWhatProcess0Says) {
  const auto results =
      each([](Group& g) { return g.wait_broadcast(text("of " + std::to_string(g.process()))); });
  EXPECT_THAT(results, ElementsAre(text("of 0"), text("of 0"), text("of 0")));
}

TEST_F(Groups, NobodyPassesABarrierBeforeAllHaveCome) {
  std::atomic<int> come{0};
  const auto seen = each([&](Group& g) {
    int least = 1000;
    for (int round = 1; round <= 200; ++round) {
      ++come;
      g.wait_barrier();
      least = std::min(least, come.load() - 3 * round);
      g.wait_barrier();
    }
    return least;
  });
  EXPECT_THAT(seen, ::testing::Each(0));
}

Task<> gather_often(Group& group, int times, std::vector<std::string>& seen) {
  for (int i = 0; i < times; ++i) {
    Bytes own = text(std::to_string(group.process()) + '.' + std::to_string(i));
    const std::vector<Bytes> all = co_await group.gather(std::move(own));
    for (const Bytes& bytes : all) {
      seen.emplace_back(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    }
  }
}

TEST_F(Groups, AreAwaitedByFibers) {
  std::vector<std::vector<std::string>> seen(3);
  each([&, this](Group& g) {
    const int process = g.process();
    Executor executor(options(process));
    executor.spawn(0, [&](Fiber&) { return gather_often(g, 300, seen[std::size_t(process)]); });
    executor.run();
    return 0;
  });
  std::vector<std::string> expected;
  for (int i = 0; i < 300; ++i) {
    for (int p = 0; p < 3; ++p) expected.push_back(std::to_string(p) + '.' + std::to_string(i));
  }
  EXPECT_EQ(seen[0], expected);
  EXPECT_THAT(seen[1], IsEmpty());
}

Task<> await_word(Group& group, int from, Bytes& word) {
  Bytes bytes = co_await group.next(from);
  word = std::move(bytes);
}

TEST_F(Groups, GiveAFiberTheWordThatWasThereBefore) {
  group(2).post(0, text("early"));
  run_.network().settle();
  Bytes word;
  Executor executor(options(0));
  executor.spawn(0, [&](Fiber&) { return await_word(group(0), 2, word); });
  executor.run();
  EXPECT_EQ(word, text("early"));
}

TEST_F(Groups, EndAWaitingFiberWithWhatEndedTheRun) {
  auto ended = std::async(std::launch::async, [this] {
    Bytes word;
    Executor executor(options(0));
    executor.spawn(0, [&](Fiber&) { return await_word(group(0), 2, word); });
    return message_of<Error>([&] { executor.run(); });
  });
  run_.transport(1).fail("the disk is full");
  EXPECT_THAT(ended.get(), HasSubstr("process 1 (host1, nodes 2, 3) failed: the disk is full"));
}

TEST(Alone, HasNobodyToWaitFor) {
  Alone alone;
  EXPECT_EQ(alone.processes(), 1);
  EXPECT_THAT(alone.wait_gather(text("own")), ElementsAre(text("own")));
  EXPECT_EQ(alone.wait_broadcast(text("own")), text("own"));
  alone.wait_barrier();
  std::vector<std::string> seen;
  Executor executor({});
  executor.spawn(0, [&](Fiber&) { return gather_often(alone, 2, seen); });
  executor.run();
  EXPECT_THAT(seen, ElementsAre("0.0", "0.1"));
}

}  // namespace
}  // namespace kith
