#pragma once

#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "communication/link.h"
#include "core/error.h"

namespace kith {

/// The wires between the processes of a run, all in one test program, and the clock on the wall:
/// nothing happens but what a test lets happen, and time passes only when it says so.
class FakeNetwork {
 public:
  explicit FakeNetwork(int processes) : ends_(static_cast<std::size_t>(processes)) {}

  /// One process' end.
  std::unique_ptr<Link> link(int process);

  double now_s() const {
    const std::lock_guard lock(mutex_);
    return now_s_;
  }

  /// Until every process waits and nothing is due.
  void settle() {
    std::unique_lock lock(mutex_);
    settle(lock);
  }

  /// Lets so much time pass, in steps small enough for every heartbeat.
  void pass(double seconds, double step_s = 0.05) {
    std::unique_lock lock(mutex_);
    const double end_s = now_s_ + seconds;
    while (now_s_ < end_s) {
      settle(lock);
      now_s_ = std::min(end_s, now_s_ + step_s);
      ++moment_;
      changed_.notify_all();
    }
    settle(lock);
  }

  /// Stops a process as SIGSTOP does, and lets it go on.
  void freeze(int process, bool frozen = true) {
    const std::lock_guard lock(mutex_);
    end(process).frozen = frozen;
    changed_.notify_all();
  }

  /// Ends a process as SIGKILL does: it sends and hears nothing more, its connections close.
  void kill(int process) {
    const std::lock_guard lock(mutex_);
    hang_up(process);
    end(process).dead = true;
    changed_.notify_all();
  }

  /// What one process sends to another comes so much later.
  void delay(int from, int to, double seconds) {
    const std::lock_guard lock(mutex_);
    end(to).delay_s[from] = seconds;
  }

  /// What one process sends to another vanishes.
  void lose(int from, int to) {
    const std::lock_guard lock(mutex_);
    end(to).deaf_to[from] = true;
  }

  /// Sees, and may change, every frame that is sent.
  using Meddler = std::function<void(int from, int to, Link::Frame& frame)>;
  void set_meddler(Meddler meddler) {
    const std::lock_guard lock(mutex_);
    meddler_ = std::move(meddler);
  }

  /// A frame that `to` gets from `from`, which never sent it.
  void forge(int from, int to, Link::Frame frame) {
    const std::lock_guard lock(mutex_);
    deliver(from, to, {0, std::move(frame), {}, {}});
  }

  /// `to` meets what is no message, from process `from` or a stranger, −1.
  void reject(int from, int to, Rejection reason) {
    const std::lock_guard lock(mutex_);
    deliver(from, to, {0, {}, reason, {}});
  }

  struct Sent {
    int from, to;
    Header header;
    bool urgent;
  };
  std::vector<Sent> sent() const {
    const std::lock_guard lock(mutex_);
    return sent_;
  }
  std::vector<Sent> sent(Header::Type type) const {
    std::vector<Sent> some = sent();
    std::erase_if(some, [type](const Sent& s) { return s.header.type != type; });
    return some;
  }

 private:
  class End;

  /// What is on its way: a frame, a rejection, or that the line was closed.
  struct Parcel {
    double due_s;
    Link::Frame frame;
    std::optional<Rejection> rejection;
    std::string lost;
    int from = 0;
  };

  struct State {
    bool joined = false, closed = false, idle = false, woken = false, frozen = false, dead = false;
    std::uint64_t moment = 0;  // the last that it has seen
    std::deque<Parcel> parcels;
    std::map<int, double> delay_s;
    std::map<int, bool> deaf_to;
    std::optional<Bytes> hello;
  };

  State& end(int process) { return ends_[static_cast<std::size_t>(process)]; }
  int size() const { return static_cast<int>(ends_.size()); }

  bool has_due(const State& state) const {
    return std::ranges::any_of(state.parcels, [&](const Parcel& p) { return p.due_s <= now_s_; });
  }

  void settle(std::unique_lock<std::mutex>& lock) {
    changed_.wait(lock, [this] {
      return std::ranges::all_of(ends_, [this](const State& s) {
        const bool absent = !s.joined || s.closed || s.frozen || s.dead;
        return absent || (s.idle && !s.woken && s.moment == moment_ && !has_due(s));
      });
    });
  }

  void deliver(int from, int to, Parcel parcel) {
    State& state = end(to);
    if (state.closed || state.dead || state.deaf_to[from]) return;
    parcel.due_s = now_s_ + state.delay_s[from];
    parcel.from = from;
    state.parcels.push_back(std::move(parcel));
    changed_.notify_all();
  }

  void hang_up(int process) {
    for (int other = 0; other < size(); ++other) {
      if (other != process) deliver(process, other, {0, {}, {}, "its connection was closed"});
    }
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<State> ends_;
  double now_s_ = 1000;
  std::uint64_t moment_ = 0;
  std::vector<Sent> sent_;
  Meddler meddler_;
  std::optional<Bytes> welcome_;
  std::string refusal_;
};

class FakeNetwork::End final : public Link {
 public:
  End(FakeNetwork& network, int process) : net_(network), process_(process) {}
  ~End() override { close(0); }

  int process() const override { return process_; }
  int processes() const override { return net_.size(); }
  std::string address(int process) const override { return "host" + std::to_string(process); }
  std::uint64_t wire_bytes() const override { return wire_bytes_; }

  Bytes join(const Meeting& meeting, Listener& listener) override {
    {
      std::unique_lock lock(net_.mutex_);
      self().hello = meeting.hello;
      net_.changed_.notify_all();
      if (process_ == 0) {
        preside(lock, meeting);
      } else {
        net_.changed_.wait(lock, [&] { return net_.welcome_ || !net_.refusal_.empty(); });
        if (!net_.welcome_) throw PeerError(net_.refusal_);
      }
    }
    listener.welcomed(*net_.welcome_);
    const std::lock_guard lock(net_.mutex_);
    self().joined = true;
    return *net_.welcome_;
  }

  void send(int to, std::vector<Frame> frames, bool urgent) override {
    const std::lock_guard lock(net_.mutex_);
    if (self().closed || self().dead) return;
    for (Frame& frame : frames) {
      Rejection reason{};
      net_.sent_.push_back({process_, to, read_header(frame.header, reason).value(), urgent});
      wire_bytes_ += kHeaderBytes + frame.payload.size();
      if (net_.meddler_) net_.meddler_(process_, to, frame);
      net_.deliver(process_, to, {0, std::move(frame), {}, {}});
    }
  }

  void poll(Listener& listener, double) override {
    std::unique_lock lock(net_.mutex_);
    bool told = false;
    for (;;) {
      const auto parcel = next();
      if (parcel) {
        told = true;
        lock.unlock();
        hand_over(*parcel, listener);
        lock.lock();
        continue;
      }
      const bool sees_something = told || self().woken || self().moment != net_.moment_;
      if (sees_something && !self().frozen) {
        self().moment = net_.moment_;
        self().woken = false;
        return;
      }
      self().idle = true;
      net_.changed_.notify_all();
      net_.changed_.wait(lock);
      self().idle = false;
    }
  }

  void wake() override {
    const std::lock_guard lock(net_.mutex_);
    self().woken = true;
    net_.changed_.notify_all();
  }

  void close(double) override {
    const std::lock_guard lock(net_.mutex_);
    if (std::exchange(self().closed, true)) return;
    if (!self().dead) net_.hang_up(process_);
    net_.changed_.notify_all();
  }

 private:
  State& self() { return net_.end(process_); }

  void preside(std::unique_lock<std::mutex>& lock, const Meeting& meeting) {
    net_.changed_.wait(lock, [&] {
      return std::ranges::all_of(net_.ends_, [](const State& s) { return s.hello.has_value(); });
    });
    for (int other = 1; other < net_.size(); ++other) {
      const std::string objection = meeting.objection(other, *net_.end(other).hello);
      if (objection.empty()) continue;
      net_.refusal_ = objection;
      net_.changed_.notify_all();
      throw ConfigError(objection);
    }
    net_.welcome_ = meeting.welcome;
    net_.changed_.notify_all();
  }

  std::optional<Parcel> next() {
    State& state = self();
    if (state.frozen || state.dead) return std::nullopt;
    const auto first = std::ranges::min_element(state.parcels, {}, &Parcel::due_s);
    if (first == state.parcels.end() || first->due_s > net_.now_s_) return std::nullopt;
    Parcel parcel = std::move(*first);
    state.parcels.erase(first);
    return parcel;
  }

  static void hand_over(const Parcel& parcel, Listener& listener) {
    if (!parcel.lost.empty()) return listener.lost(parcel.from, parcel.lost);
    if (parcel.rejection) return listener.rejected(parcel.from, *parcel.rejection);
    const Frame& frame = parcel.frame;
    Rejection reason{};
    const auto header = read_header(frame.header, reason);
    if (!header) return listener.rejected(parcel.from, reason);
    if (header->payload_bytes() != frame.payload.size()) {
      return listener.rejected(parcel.from, Rejection::kLength);
    }
    std::byte* const place = listener.arriving(parcel.from, *header);
    if (!place) return;
    if (!frame.payload.empty()) std::memcpy(place, frame.payload.data(), frame.payload.size());
    listener.arrived(parcel.from, *header, frame.header,
                     payload_hash({place, frame.payload.size()}));
  }

  FakeNetwork& net_;
  const int process_;
  std::atomic<std::uint64_t> wire_bytes_{0};
};

inline std::unique_ptr<Link> FakeNetwork::link(int process) {
  return std::make_unique<End>(*this, process);
}

}  // namespace kith
