#include <gtest/gtest.h>

#include <future>

#include "communication/zmq_link.h"
#include "core/device_memory.h"
#include "kernels/device/device_under_test.h"
#include "support/free_ports.h"
#include "support/processes.h"

namespace kith {
namespace {

/// Two processes over ZeroMQ, the vectors of each on a device that is played.
class DevicesOverZmq : public ::testing::Test {
 protected:
  static constexpr std::size_t kSize = 8 * Header::kChunkBytes / sizeof(float) + 1;

  struct Process {
    ArrayPool vectors{kSize, kernels::device_under_test().device};
    Letterbox box;
    std::unique_ptr<RemoteTransport> transport;
  };

  DevicesOverZmq() {
    const int port = free_ports(2);
    std::vector<std::future<std::string>> joined;
    for (int p = 0; p < 2; ++p) {
      ZmqSettings settings;
      settings.process = p;
      settings.processes = 2;
      settings.port = port + p;
      settings.rendezvous = "127.0.0.1:" + std::to_string(port);
      settings.token = "a secret of the run";
      Process& process = (*this)[p];
      const Transport::Context context{common_, placement_, p, 1, process.vectors};
      process.transport =
          std::make_unique<RemoteTransport>(context, make_zmq_link(std::move(settings)));
    }
    for (Process& process : all_) {
      joined.push_back(std::async(std::launch::async,
                                  [&process] { return process.transport->join({}, "words"); }));
    }
    for (auto& words : joined) EXPECT_EQ(words.get(), "words");
    for (Process& process : all_) process.transport->start(process.box, nullptr);
  }

  Process& operator[](int process) { return all_[static_cast<std::size_t>(process)]; }

  const Transport::Common common_;
  const Placement placement_ = placement(2, {{0}, {1}});
  std::array<Process, 2> all_;
};

TEST_F(DevicesOverZmq, EveryVectorComesWithItsBitsBothWaysAtOnce) {
  constexpr int kLetters = 5;  // of one round, more than there is pinned memory for
  for (int p = 0; p < 2; ++p) {
    for (int i = 0; i < kLetters; ++i) {
      const auto here = counted_vector(kSize, static_cast<float>(1000 * p + i));
      const auto there = (*this)[p].vectors.take();
      copy(here->view(), there->view());
      (*this)[p].transport->send(letter(p, 0, Body(Slot(there)), i), std::vector<Uid>{1 - p});
    }
  }
  for (int p = 0; p < 2; ++p) {
    const auto letters = (*this)[p].box.wait_for(kLetters);
    ASSERT_EQ(letters.size(), kLetters);
    for (int i = 0; i < kLetters; ++i) {
      const auto said = counted_vector(kSize, static_cast<float>(1000 * (1 - p) + i));
      const Array heard = host_copy(letters[static_cast<std::size_t>(i)].second.body.floats());
      ASSERT_EQ(heard.size(), kSize);
      EXPECT_EQ(std::memcmp(heard.data(), said->data(), kSize * sizeof(float)), 0) << p << i;
    }
  }
  auto other = std::async(std::launch::async, [this] { (*this)[1].transport->finish(); });
  (*this)[0].transport->finish();
  other.wait();
}

}  // namespace
}  // namespace kith
