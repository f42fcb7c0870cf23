#include "communication/incoming.h"

#include <algorithm>

namespace kith {
namespace {

constexpr int kKindBits = 16;

bool continues(const Header& letter, const Header& next) {
  return next.sender == letter.sender && next.receiver == letter.receiver &&
         next.round == letter.round && next.kind == letter.kind && next.form == letter.form &&
         next.body_bytes == letter.body_bytes;
}

std::uint64_t edge(Uid sender, Uid receiver) {
  return std::uint64_t{static_cast<std::uint32_t>(sender)} << 32 |
         static_cast<std::uint32_t>(receiver);
}

std::uint64_t moment(const Header& header) {
  return ((static_cast<std::uint64_t>(header.round) << kKindBits) | header.kind) + 1;
}

/// Where a chunk belongs in a body that lies at `body`.
std::byte* place_of(const Header& header, void* body) {
  return static_cast<std::byte*>(body) + std::size_t{header.chunk - 1} * Header::kChunkBytes;
}

}  // namespace

std::byte* Incoming::place(const Header& header) {
  if (!open_) {
    begin(header);
  } else if (!continues(head_, header) || header.chunk != next_) {
    throw Violation{Rejection::kLength, "a chunk out of its order"};
  }
  if (header.chunk == 0) return reinterpret_cast<std::byte*>(receivers_.data());
  if (head_.form == Header::Form::kFloats) return place_floats(header);
  coded_.resize(head_.body_bytes);
  return place_of(header, coded_.data());
}

std::byte* Incoming::place_floats(const Header& header) {
  const std::size_t size = head_.body_bytes / sizeof(float);
  if (Landing* const landing = rules_.landing) {
    if (!floats_) floats_ = landing->take(size);
    if (!chunk_) chunk_ = landing->chunk();
    return chunk_->bytes().data();
  }
  if (!floats_) {
    floats_ = size == rules_.vectors.size() ? rules_.vectors.take() : std::make_shared<Array>(size);
  }
  return place_of(header, floats_->data());
}

void Incoming::begin(const Header& header) {
  const std::size_t nodes = rules_.placement.process_of.size();
  if (header.chunk != (header.receiver < 0 ? 0 : 1)) {
    throw Violation{Rejection::kLength, "a chunk without its beginning"};
  }
  if (header.sender < 0 || static_cast<std::size_t>(header.sender) >= nodes ||
      rules_.placement.process_of[static_cast<std::size_t>(header.sender)] != rules_.from) {
    throw Violation{Rejection::kSender, "a message of node " + std::to_string(header.sender) +
                                            ", which does not live there"};
  }
  if (-std::int64_t{header.receiver} > rules_.placement.count(rules_.process)) {
    throw Violation{Rejection::kReceiver, "a message for more nodes than there are here"};
  }
  if (header.round < 0 || header.round >= rules_.rounds) {
    throw Violation{Rejection::kRound, "a message of round " + std::to_string(header.round)};
  }
  const bool is_loose = header.kind >= kFirstLoose;
  if (header.kind >= (is_loose ? kFirstLoose + rules_.lanes : rules_.exchanges)) {
    throw Violation{Rejection::kKind, "a message of exchange " + std::to_string(header.kind)};
  }
  if (header.incarnation != 0) {
    throw Violation{Rejection::kSender, "a message of a process that began anew"};
  }
  const bool whole = header.form == Header::Form::kCoded || header.body_bytes % sizeof(float) == 0;
  if (!whole || header.body_bytes > rules_.most_body_bytes) {
    throw Violation{Rejection::kBody,
                    "a message of " + std::to_string(header.body_bytes) + " bytes"};
  }
  head_ = header;
  next_ = header.chunk;
  floats_.reset();
  coded_.clear();
  if (header.receiver < 0) {
    receivers_.assign(static_cast<std::size_t>(-std::int64_t{header.receiver}), 0);
  } else {
    receivers_.assign(1, header.receiver);
    accept(header.receiver);
  }
  open_ = true;
}

/// Notes that the message of this moment has come, which happens once and in order.
void Incoming::accept(Uid receiver) {
  const auto index = static_cast<std::size_t>(receiver);
  if (receiver < 0 || index >= rules_.placement.process_of.size() ||
      rules_.placement.process_of[index] != rules_.process) {
    throw Violation{Rejection::kReceiver,
                    "a message for node " + std::to_string(receiver) + ", which lives elsewhere"};
  }
  // A loose message has no moment. However many come, only the newest of each sender is kept.
  if (head_.kind >= kFirstLoose) return;
  if (last_.size() >= most_last_) forget_the_past();
  const Round now = rules_.now[index];
  std::uint64_t& last = last_[edge(head_.sender, receiver)];
  if (head_.round < now || head_.round > now + rules_.max_lead || moment(head_) <= last) {
    throw Violation{Rejection::kRound, "a message of round " + std::to_string(head_.round) +
                                           " for node " + std::to_string(receiver) +
                                           ", which is in round " + std::to_string(now)};
  }
  last = moment(head_);
}

/// What is behind a node's round is refused for that alone: the memory of it may go.
void Incoming::forget_the_past() {
  std::erase_if(last_, [this](const auto& entry) {
    const auto receiver = static_cast<std::uint32_t>(entry.first);
    const auto round = static_cast<Round>((entry.second - 1) >> kKindBits);
    return round < rules_.now[receiver];
  });
  most_last_ = std::max<std::size_t>(1024, 2 * last_.size());
}

bool Incoming::add(const Header& header, Letter& letter) {
  ++next_;
  if (header.chunk == 0) {
    if (!std::ranges::is_sorted(receivers_, std::less_equal{})) {
      throw Violation{Rejection::kReceiver, "a message for the same node twice"};
    }
    for (const Uid receiver : receivers_) accept(receiver);
    return false;
  }
  const std::shared_ptr<Staging::Chunk> chunk = std::move(chunk_);
  if (chunk && header.payload_bytes() > 0) {
    rules_.landing->put(*chunk, header.payload_bytes(), place_of(header, floats_->data()));
  }
  if (header.chunk < head_.chunks()) return false;
  open_ = false;
  if (chunk) rules_.landing->hand_over(floats_->device());
  letter.message.sender = head_.sender;
  letter.message.round = head_.round;
  letter.message.kind = head_.kind;
  letter.message.body = head_.form == Header::Form::kFloats ? Body(Slot(std::move(floats_)))
                                                            : Body(std::move(coded_));
  letter.receivers = std::move(receivers_);
  floats_.reset();
  coded_.clear();
  return true;
}

}  // namespace kith
