#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "communication/crossings.h"
#include "communication/transport.h"
#include "core/executor.h"
#include "core/members.h"

namespace kith {

/// The mailboxes of a process's nodes and service, on any transport.
///
/// Synchronous exchange: a node sends its message of a round to its receivers and awaits those of
/// its senders. A message that comes early waits in the mailbox; a sender that is more than
/// `max_lead` rounds ahead of a reader waits for it. So a mailbox never holds more than
/// `max_lead + 1` messages of one kind from one sender.
///
/// Loose messages belong to no round and are read one by one, as they come. A mailbox keeps the
/// newest of each sender in each lane: who must not lose one sends the next when the last was
/// answered. Thread-safe.
class PostOffice final : public Transport::Arrivals {
 public:
  /// Where the nodes of a process that computes on several cards are at home.
  struct Homes {
    Homes(std::span<const Device> cards, std::function<Device(Uid)> home_of)
        : crossings(cards), of(std::move(home_of)) {}

    Crossings crossings;
    std::function<Device(Uid)> of;
  };

  /// `pulse` is what the transport tells other processes of this one. `homes` outlives it; null
  /// where all are at home in one place.
  PostOffice(Transport& transport, const Members& members, Round max_lead,
             std::function<Transport::Pulse()> pulse = {}, Homes* homes = nullptr);
  ~PostOffice() override;

  /// Says that `node` begins `round`: whoever waits to send to it may go on.
  void enter(Uid node, Round round) { transport_.announce(node, round); }

  /// Sends `message` to each of `receivers`, as soon as none of them lags too far behind.
  Task<> send(Message message, std::span<const Uid> receivers);

  class Receiving;

  /// `co_await receive(…)` gives the messages of (`round`, `kind`) from `senders` to `reader`, in
  /// the order of `senders`, which ascends and stays valid meanwhile. Throws PeerError when
  /// somebody else sent one.
  Receiving receive(Uid reader, Round round, Kind kind, std::span<const Uid> senders);

  /// Sends a message of kind kFirstLoose + lane. Never waits.
  void send_loose(const Message& message, Uid receiver) {
    transport_.send(message, std::span(&receiver, 1));
  }

  class NextLoose;

  /// `co_await next_loose(…)` gives the oldest loose message that is there for `reader` in `lane`,
  /// from `sender` where that is one, from anybody where it is kAnybody; waits for it, but for no
  /// more than `within_s`: then there is none. One reader a lane at a time.
  NextLoose next_loose(Uid reader, int lane, Uid sender, double within_s);

  static constexpr Uid kAnybody = -1;

  /// The oldest that is there, if one is.
  std::optional<Message> take_loose(Uid reader, int lane);

  void deliver(Uid receiver, const Message& message) override;
  void entered(Uid node, Round round) override;

 private:
  class Coming;
  struct Mailbox;
  struct Lane;

  Mailbox& mailbox(Uid uid) const;
  void put(Uid receiver, const Message& message);
  static void deliver_loose(Mailbox& box, const Message& message);

  Transport& transport_;
  Members members_;
  Round max_lead_;
  std::unique_ptr<Mailbox[]> mailboxes_;
  Homes* homes_;
};

class PostOffice::Receiving final : public Wait {
 public:
  Receiving(const PostOffice& office, Uid reader, Round round, Kind kind,
            std::span<const Uid> senders)
      : office_(office),
        mailbox_(office.mailbox(reader)),
        reader_(reader),
        round_(round),
        kind_(kind),
        senders_(senders) {}

  std::string describe() const override;
  std::vector<Message> await_resume();

 protected:
  bool subscribe(Fiber& fiber) override;
  bool unsubscribe() override;

 private:
  friend class PostOffice;

  bool complete() const;

  const PostOffice& office_;
  Mailbox& mailbox_;
  Uid reader_;
  Round round_;
  Kind kind_;
  std::span<const Uid> senders_;
  Fiber* fiber_ = nullptr;
};

class PostOffice::NextLoose final : public Wait {
 public:
  NextLoose(const PostOffice& office, Mailbox& mailbox, int lane, Uid sender, double within_s)
      : office_(office), mailbox_(mailbox), lane_(lane), sender_(sender), within_s_(within_s) {}

  std::string describe() const override;
  std::optional<Message> await_resume();

 protected:
  bool subscribe(Fiber& fiber) override;
  bool unsubscribe() override;
  double at_most_s() const override { return within_s_; }

 private:
  friend class PostOffice;

  const PostOffice& office_;
  Mailbox& mailbox_;
  int lane_;
  Uid sender_;
  double within_s_;
  Fiber* fiber_ = nullptr;
};

}  // namespace kith
