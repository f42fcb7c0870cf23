#include "communication/post_office.h"

#include <algorithm>
#include <deque>

#include "core/text.h"

namespace kith {

/// Loose messages of one kind for one node.
struct PostOffice::Lane {
  /// The oldest of `sender`, or of anybody.
  std::deque<Message>::iterator find(Uid sender) {
    return std::ranges::find_if(messages, [sender](const Message& message) {
      return sender == kAnybody || message.sender == sender;
    });
  }

  std::deque<Message> messages;  // one of a sender, in the order in which they came
  NextLoose* reader = nullptr;   // when it waits
};

/// What has arrived for one node, and how far it has come.
struct PostOffice::Mailbox {
  struct Bin {
    Round round;
    Kind kind;
    std::vector<Message> messages;
  };

  Bin* find(Round round, Kind kind) {
    const auto bin = std::ranges::find_if(
        bins, [&](const Bin& b) { return b.round == round && b.kind == kind; });
    return bin == bins.end() ? nullptr : &*bin;
  }

  /// Under the lock.
  Lane& lane(int number) {
    const auto index = static_cast<std::size_t>(number);
    if (lanes.size() <= index) lanes.resize(index + 1);
    return lanes[index];
  }

  std::optional<Message> take(int number, Uid sender) {
    const std::lock_guard lock(mutex);
    std::deque<Message>& messages = lane(number).messages;
    const auto found = lane(number).find(sender);
    if (found == messages.end()) return std::nullopt;
    Message message = std::move(*found);
    messages.erase(found);
    return message;
  }

  mutable std::mutex mutex;
  std::vector<Bin> bins;           // a handful: the rounds that are open
  Receiving* receiving = nullptr;  // the node itself, when it waits for messages
  std::atomic<Round> round{0};     // the round it has come to
  std::vector<Coming*> coming;     // senders that wait for it to come further
  std::deque<Lane> lanes;          // as many as were used
};

/// A sender that waits until `node` has come to `round`.
class PostOffice::Coming final : public Wait {
 public:
  Coming(Mailbox& mailbox, std::string name, Round round)
      : mailbox_(mailbox), name_(std::move(name)), round_(round) {}

  std::string describe() const override {
    return name_ + " to begin round " + std::to_string(round_);
  }

 protected:
  bool subscribe(Fiber& fiber) override {
    const std::lock_guard lock(mailbox_.mutex);
    if (mailbox_.round >= round_) return false;
    fiber_ = &fiber;
    mailbox_.coming.push_back(this);
    return true;
  }

  bool unsubscribe() override {
    const std::lock_guard lock(mailbox_.mutex);
    std::erase(mailbox_.coming, this);
    return mailbox_.round >= round_;
  }

 private:
  friend class PostOffice;

  Mailbox& mailbox_;
  std::string name_;
  Round round_;
  Fiber* fiber_ = nullptr;
};

PostOffice::PostOffice(Transport& transport, const Members& members, Round max_lead,
                       std::function<Transport::Pulse()> pulse, Homes* homes)
    : transport_(transport),
      members_(members),
      max_lead_(max_lead),
      mailboxes_(new Mailbox[static_cast<std::size_t>(members.count())]),
      homes_(homes) {
  transport_.start(*this, std::move(pulse));
}

PostOffice::~PostOffice() = default;

PostOffice::Mailbox& PostOffice::mailbox(Uid uid) const {
  return mailboxes_[static_cast<std::size_t>(uid)];
}

Task<> PostOffice::send(Message message, std::span<const Uid> receivers) {
  const Round oldest = message.round - max_lead_;
  for (const Uid receiver : receivers) {
    if (mailbox(receiver).round >= oldest) continue;
    Coming coming(mailbox(receiver), members_.name(receiver), oldest);
    co_await coming;
  }
  transport_.send(message, receivers);
}

PostOffice::Receiving PostOffice::receive(Uid reader, Round round, Kind kind,
                                          std::span<const Uid> senders) {
  return Receiving(*this, reader, round, kind, senders);
}

PostOffice::NextLoose PostOffice::next_loose(Uid reader, int lane, Uid sender, double within_s) {
  return NextLoose(*this, mailbox(reader), lane, sender, within_s);
}

std::optional<Message> PostOffice::take_loose(Uid reader, int lane) {
  return mailbox(reader).take(lane, kAnybody);
}

void PostOffice::deliver(Uid receiver, const Message& message) {
  if (!homes_) return put(receiver, message);
  Message at_home = message;
  at_home.body = homes_->crossings.carry(message.body, homes_->of(receiver));
  put(receiver, at_home);
}

void PostOffice::put(Uid receiver, const Message& message) {
  Mailbox& box = mailbox(receiver);
  const std::lock_guard lock(box.mutex);
  if (message.kind >= kFirstLoose) return deliver_loose(box, message);
  Mailbox::Bin* bin = box.find(message.round, message.kind);
  if (!bin) bin = &box.bins.emplace_back(Mailbox::Bin{message.round, message.kind, {}});
  bin->messages.push_back(message);
  if (box.receiving && box.receiving->complete()) {
    std::exchange(box.receiving, nullptr)->fiber_->wake();
  }
}

/// Under the mailbox's lock.
void PostOffice::deliver_loose(Mailbox& box, const Message& message) {
  Lane& lane = box.lane(message.kind - kFirstLoose);
  const auto older = lane.find(message.sender);
  if (older != lane.messages.end()) {
    *older = message;
  } else {
    lane.messages.push_back(message);
  }
  NextLoose* const reader = lane.reader;
  if (!reader || (reader->sender_ != kAnybody && reader->sender_ != message.sender)) return;
  lane.reader = nullptr;
  reader->fiber_->wake();
}

bool PostOffice::NextLoose::subscribe(Fiber& fiber) {
  const std::lock_guard lock(mailbox_.mutex);
  Lane& own = mailbox_.lane(lane_);
  if (own.find(sender_) != own.messages.end()) return false;
  fiber_ = &fiber;
  own.reader = this;
  return true;
}

bool PostOffice::NextLoose::unsubscribe() {
  const std::lock_guard lock(mailbox_.mutex);
  Lane& own = mailbox_.lane(lane_);
  if (own.reader == this) own.reader = nullptr;
  return own.find(sender_) != own.messages.end();
}

std::optional<Message> PostOffice::NextLoose::await_resume() {
  Wait::await_resume();
  unsubscribe();  // it may be over for its time alone
  return mailbox_.take(lane_, sender_);
}

std::string PostOffice::NextLoose::describe() const {
  return sender_ == kAnybody ? "anybody" : office_.members_.name(sender_) + " to answer";
}

void PostOffice::entered(Uid node, Round round) {
  Mailbox& box = mailbox(node);
  const std::lock_guard lock(box.mutex);
  if (box.round >= round) return;
  box.round = round;
  std::erase_if(box.coming, [round](Coming* coming) {
    if (coming->round_ > round) return false;
    coming->fiber_->wake();
    return true;
  });
}

/// Whether all messages are there. Under the mailbox's lock.
bool PostOffice::Receiving::complete() const {
  Mailbox::Bin* bin = mailbox_.find(round_, kind_);
  return bin && bin->messages.size() >= senders_.size();
}

bool PostOffice::Receiving::subscribe(Fiber& fiber) {
  if (senders_.empty()) return false;
  const std::lock_guard lock(mailbox_.mutex);
  if (complete()) return false;
  fiber_ = &fiber;
  mailbox_.receiving = this;
  return true;
}

bool PostOffice::Receiving::unsubscribe() {
  const std::lock_guard lock(mailbox_.mutex);
  if (mailbox_.receiving == this) mailbox_.receiving = nullptr;
  return complete();
}

std::vector<Message> PostOffice::Receiving::await_resume() {
  Wait::await_resume();
  std::vector<Message> messages;
  {
    const std::lock_guard lock(mailbox_.mutex);
    if (Mailbox::Bin* bin = mailbox_.find(round_, kind_)) {
      messages = std::move(bin->messages);
      mailbox_.bins.erase(mailbox_.bins.begin() + (bin - mailbox_.bins.data()));
    }
  }
  std::ranges::sort(messages, {}, &Message::sender);
  if (!std::ranges::equal(messages, senders_, {}, &Message::sender)) {
    const auto wrong = std::ranges::mismatch(messages, senders_, {}, &Message::sender).in1;
    throw PeerError("a message of round " + std::to_string(round_) + " from " +
                    office_.members_.name(wrong->sender) + ", which had none to send to " +
                    office_.members_.name(reader_));
  }
  return messages;
}

std::string PostOffice::Receiving::describe() const {
  const std::lock_guard lock(mailbox_.mutex);
  const Mailbox::Bin* bin = mailbox_.find(round_, kind_);
  std::vector<Uid> missing;
  for (const Uid sender : senders_) {
    const auto from_sender = [&](const Message& m) { return m.sender == sender; };
    if (!bin || std::ranges::none_of(bin->messages, from_sender)) {
      missing.push_back(sender);
    }
  }
  return office_.members_.names(missing) + ", round " + std::to_string(round_);
}

}  // namespace kith
