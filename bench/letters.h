#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>

#include "communication/remote_transport.h"
#include "core/clock.h"

namespace kith::bench {

/// Two nodes in two processes that send each other a vector in turn: what a letter costs through
/// all of a transport, its checksums and checks included.
class Letters final : public Transport::Arrivals {
 public:
  /// Node `me` of two, in a process of its own. Joins the other.
  Letters(int me, std::size_t floats, const std::function<std::unique_ptr<Link>()>& make_link)
      : me_(me), placement_(placement(2, {{0}, {1}})), vectors_(floats) {
    mine_ = vectors_.take();
    for (std::size_t i = 0; i < floats; ++i) (*mine_)[i] = static_cast<float>(i);
    common_.max_lead = 1000;
    transport_ = std::make_unique<RemoteTransport>(
        Transport::Context{common_, placement_, me, 1, vectors_, /*two_way=*/true}, make_link());
    transport_->join({}, "");
    transport_->start(*this, {});
    transport_->group().wait_barrier();
  }

  /// The seconds that each of `rounds` exchanges there and back takes. The answer leaves from where
  /// the letter is delivered.
  double play(int rounds) {
    const double start_s = now_s();
    last_ = first_ + rounds - 1;
    if (me_ == 0) send(first_);
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return heard_ >= last_; });
    first_ += rounds;
    return (now_s() - start_s) / rounds;
  }

  void finish() { transport_->finish(); }

  void deliver(Uid, const Message& message) override {
    if (me_ == 1) send(message.round);
    if (me_ == 0 && message.round < last_) send(message.round + 1);
    {
      const std::lock_guard lock(mutex_);
      heard_ = message.round;
    }
    if (message.round >= last_) changed_.notify_one();
  }
  void entered(Uid, Round) override {}

 private:
  void send(Round round) {
    transport_->announce(me_, round);
    Message message;
    message.sender = me_;
    message.round = round;
    message.body = Body(Slot(mine_));
    const Uid other = 1 - me_;
    transport_->send(message, std::span(&other, 1));
  }

  Uid me_;
  Transport::Common common_;
  Placement placement_;
  ArrayPool vectors_;
  std::unique_ptr<RemoteTransport> transport_;
  std::shared_ptr<Array> mine_;
  Round first_ = 0;
  std::atomic<Round> last_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  Round heard_ = -1;
};

}  // namespace kith::bench
