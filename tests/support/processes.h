#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <future>
#include <map>
#include <numeric>
#include <thread>

#include "communication/remote_transport.h"
#include "support/fake_link.h"

namespace kith {

/// What came for the nodes of a process.
class Letterbox final : public Transport::Arrivals {
 public:
  void deliver(Uid receiver, const Message& message) override {
    {
      const std::lock_guard lock(mutex_);
      letters_.emplace_back(receiver, message);
    }
    changed_.notify_all();
  }
  void entered(Uid node, Round round) override {
    const std::lock_guard lock(mutex_);
    round_of_[node] = std::max(round_of_[node], round);
  }

  std::vector<std::pair<Uid, Message>> letters() const {
    const std::lock_guard lock(mutex_);
    return letters_;
  }
  /// When there are so many.
  std::vector<std::pair<Uid, Message>> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, std::chrono::seconds(60),
                                  [&] { return letters_.size() >= count; }));
    return letters_;
  }
  Round round_of(Uid node) const {
    const std::lock_guard lock(mutex_);
    const auto found = round_of_.find(node);
    return found == round_of_.end() ? 0 : found->second;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::pair<Uid, Message>> letters_;
  std::map<Uid, Round> round_of_;
};

/// A run of several processes on a FakeNetwork, each with all that is its own.
class Processes {
 public:
  struct Process {
    Transport::Common common{.heartbeat_s = 0.5, .heartbeat_timeout_s = 3};
    std::unique_ptr<ArrayPool> vectors;
    Letterbox box;
    std::unique_ptr<RemoteTransport> transport;
    std::atomic<std::uint64_t> progress{0};
    std::atomic<bool> works{false};
    std::atomic<int> signal{0};
  };

  /// `nodes_of` by process; models of `size` numbers, which lie on `device`.
  explicit Processes(std::vector<std::vector<Uid>> nodes_of, std::size_t size = 4,
                     const Device& device = {})
      : network_(static_cast<int>(nodes_of.size())), all_(nodes_of.size()) {
    std::int64_t nodes = 0;
    for (const auto& own : nodes_of) nodes += std::ssize(own);
    placement_ = placement(nodes, std::move(nodes_of));
    for (Process& process : all_) process.vectors = std::make_unique<ArrayPool>(size, device);
  }

  /// So many processes of two nodes each: 0 and 1, 2 and 3, …
  static Processes of_two(int processes, std::size_t size = 4, const Device& device = {}) {
    std::vector<std::vector<Uid>> nodes_of;
    for (Uid first = 0; first < 2 * processes; first += 2) nodes_of.push_back({first, first + 1});
    return Processes(nodes_of, size, device);
  }

  ~Processes() {
    for (int p = 0; p < size(); ++p) network_.freeze(p, false);
    for (Process& process : all_) process.transport.reset();
  }

  FakeNetwork& network() { return network_; }
  Process& operator[](int process) { return all_[static_cast<std::size_t>(process)]; }
  RemoteTransport& transport(int process) { return *(*this)[process].transport; }
  int size() const { return static_cast<int>(all_.size()); }

  void set_rounds(Round rounds) { rounds_ = rounds; }
  void set_two_way(bool two_way) { two_way_ = two_way; }

  void make() {
    for (int p = 0; p < size(); ++p) {
      Process& process = (*this)[p];
      Transport::Context context{process.common, placement_, p, 1, *process.vectors, two_way_};
      context.pending_signal = [&process] { return process.signal.load(); };
      context.rounds = rounds_;
      context.exchanges = 2;
      context.clock_s = [this] { return network_.now_s(); };
      process.transport = std::make_unique<RemoteTransport>(context, network_.link(p));
    }
  }

  /// Every process joins with what `facts` gives for it. By process: process 0's words, or the
  /// error.
  std::vector<std::string> join(const std::function<Transport::Facts(int)>& facts) {
    std::vector<std::future<std::string>> answers;
    for (int p = 0; p < size(); ++p) {
      answers.push_back(std::async(std::launch::async, [this, p, facts]() -> std::string {
        try {
          return transport(p).join(facts(p), "words of " + std::to_string(p));
        } catch (const Error& error) {
          return std::to_string(static_cast<int>(error.code())) + ": " + error.what();
        }
      }));
    }
    std::vector<std::string> words;
    for (auto& answer : answers) words.push_back(answer.get());
    return words;
  }

  /// All of the above, and letters are taken.
  void start() {
    make();
    for (const std::string& words : join([](int) { return Transport::Facts{}; })) {
      ASSERT_EQ(words, "words of 0");
    }
    for (Process& process : all_) {
      process.transport->start(process.box, [&process] {
        return Transport::Pulse{process.progress, process.works, 7};
      });
    }
    network_.pass(0.05);  // the first heartbeats
  }

  /// Why the run of a process has failed; "" when it has not.
  std::string failure(int process) {
    const std::optional<Error> error = transport(process).failure();
    return error ? error->what() : "";
  }

 private:
  FakeNetwork network_;
  Placement placement_;
  std::vector<Process> all_;
  Round rounds_ = 1000;
  bool two_way_ = false;
};

inline std::shared_ptr<Array> counted_vector(std::size_t size, float first = 0) {
  auto vector = std::make_shared<Array>(size);
  std::iota(vector->data(), vector->data() + size, first);
  return vector;
}

inline Message letter(Uid sender, Round round, Body body, Kind kind = 0) {
  Message message;
  message.sender = sender;
  message.round = round;
  message.kind = kind;
  message.body = std::move(body);
  return message;
}

}  // namespace kith
