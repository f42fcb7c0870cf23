#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "communication/departures.h"
#include "communication/incoming.h"
#include "communication/landing.h"
#include "communication/link.h"
#include "communication/transport.h"

namespace kith {

/// A transport between processes, over any Link: letters that cross a process boundary once for
/// all nodes that read them there, news of who came to which round, and the care for each other:
/// heartbeats, progress, and one cause when the run fails.
///
/// One thread of its own talks to the link. It never runs a node and never blocks on a neighbor.
/// Where vectors lie on a device a second one says what is not urgent, so that nobody who sends
/// waits for the device (Departures).
class RemoteTransport : public Transport, private Group, private Link::Listener {
 public:
  RemoteTransport(const Context& context, std::unique_ptr<Link> link);
  ~RemoteTransport() override;

  Group& group() override { return *this; }
  std::string join(const Facts& about, const std::string& words) override;
  void start(Arrivals& arrivals, std::function<Pulse()> pulse) override;
  std::optional<Error> failure() const override;
  void finish() override;
  void fail(const std::string& why) override;

  void send(const Message& message, std::span<const Uid> receivers) override;
  void announce(Uid node, Round round) override;
  std::uint64_t wire_bytes() const override { return link_->wire_bytes(); }
  Rejections rejected() const override;

 private:
  /// What is known of another process.
  struct Peer {
    bool heard = false;  // anything since the start
    double heard_s = 0;
    Pulse pulse;
    double progressed_s = 0;  // when its progress last changed
    double idle_s = 0;        // when it last did not work
    bool said_goodbye = false;
    bool said_farewell = false;
    bool parted = false;   // nothing is owed, either way
    bool refused = false;  // it sent what no process of this run sends: nothing more is read
    std::string lost;      // why the connection broke; "" while it stands
    double lost_s = 0;
    std::unique_ptr<Incoming> letters;
    Bytes control;            // the payload of a control message
    Bytes words;              // the Group's message that comes
    bool group_open = false;  // whether chunks of it are still to come
    std::uint64_t group_bytes = 0;
    std::uint32_t group_next = 0;
  };

  /// Nodes of another process that read a letter.
  struct Address {
    int process;
    std::vector<Uid> receivers;

    /// As a header says it.
    std::int32_t receiver() const {
      return receivers.size() == 1 ? receivers[0] : -static_cast<std::int32_t>(receivers.size());
    }
  };

  double now_s() const { return context_.clock_s(); }

  // --- Group ---
  int process() const override { return context_.process; }
  int processes() const override { return static_cast<int>(peers_.size()); }
  void post(int to, Bytes body) override;
  std::optional<Bytes> take(int from) override;
  bool subscribe(int from, Fiber& fiber) override;
  bool unsubscribe(int from) override;
  Bytes wait(int from) override;

  // --- Link::Listener: on the link's thread ---
  void welcomed(ByteView welcome) override;
  std::byte* arriving(int from, const Header& header) override;
  void arrived(int from, const Header& header, ByteView bytes, std::uint64_t hash) override;
  void rejected(int from, Rejection reason) override;
  void lost(int process, const std::string& why) override;

  void serve(const Link::Meeting& meeting, std::promise<Bytes>& joined);
  void tick();
  void send_news();
  void send_heartbeats();
  void watch(double now);
  static void note(Peer& peer, const Pulse& pulse, double now);
  std::byte* place(Peer& peer, int from, const Header& header);
  void act(Peer& peer, int from, const Header& header);
  std::byte* place_group(Peer& peer, int from, const Header& header);
  void deliver(Incoming::Letter& letter);
  void hear_group(Peer& peer, int from, const Header& header);
  void hear_news(const Peer& peer, int from);
  void hear_heartbeat(Peer& peer);
  void hear_goodbye(Peer& peer, int from);
  void hear_farewell(Peer& peer);
  void part(Peer& peer);
  bool is_silent(const Peer& peer, double now) const;
  void require_room(int from, std::uint64_t bytes);
  void refuse(int from, const Violation& violation);
  void fail_for(const Error& cause);
  bool set_failure(const Error& cause);
  void flood(const std::string& cause);
  template <class F>
  void in_turn(F job);
  void send_from_host(const Header& head, ByteView body, const std::shared_ptr<const Body>& keep,
                      const std::vector<Address>& addresses);
  void send_from_device(const Header& head, const Device& device, ByteView body,
                        const std::shared_ptr<const Body>& keep, std::vector<Address> addresses);
  void send_frames(int to, Header head, ByteView body, const std::shared_ptr<const void>& keep,
                   const std::vector<Uid>& receivers, std::vector<std::uint64_t>& hashes);
  void send_list(int to, Header head, const std::vector<Uid>& receivers);
  void send_frame(int to, const Header& header, ByteView payload, std::uint64_t hash,
                  const std::shared_ptr<const void>& keep);
  Round& told(int process, Uid node);
  void send_control(int to, Header::Type type, Bytes body);
  void stop(double linger_s);
  template <class F>
  void wait_until(std::unique_lock<std::mutex>& lock, const F& over);
  std::string name(int process) const;
  template <class F>
  void for_peers(const F& f);

  const Context context_;
  std::unique_ptr<Link> link_;
  RunId run_{};
  std::unique_ptr<Landing> landing_;  // where vectors lie on a device; the link's thread's
  std::vector<Peer> peers_;           // by process; the link's thread's

  std::thread thread_;
  std::atomic<bool> closing_{false};
  std::atomic<double> linger_s_{0};
  double ticked_s_ = 0;
  double told_s_ = 0;  // the news
  double beat_s_ = 0;
  std::uint64_t arrived_ = 0;  // frames of letters and of the Group: what is on its way is progress

  std::atomic<Arrivals*> arrivals_{nullptr};
  std::mutex pulse_mutex_;
  std::function<Pulse()> pulse_;
  std::vector<std::atomic<Round>> rounds_;  // by node: where those of this process are

  std::vector<std::mutex> lines_;  // by process: whoever sends it a letter, chunk after chunk

  // What other processes need to know of the nodes here. A letter says its sender's round as well:
  // where letters go both ways on every edge, the news are late, and mostly not needed.
  std::mutex news_mutex_;
  std::vector<Uid> news_;                       // nodes that came to another round
  std::vector<std::unique_ptr<Round[]>> told_;  // by process, by node: its round as known there

  mutable std::mutex mutex_;  // of what follows
  std::condition_variable changed_;
  std::vector<std::deque<Bytes>> inbox_;  // by process
  std::vector<Fiber*> waiting_;           // by process
  std::optional<Error> failure_;
  int parted_ = 0;  // from so many processes
  Rejections rejections_{};

  // Where vectors lie on a device. Goes first: its thread uses the others.
  std::unique_ptr<Departures> departures_;
};

}  // namespace kith
