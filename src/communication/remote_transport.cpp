#include "communication/remote_transport.h"

#include <algorithm>
#include <cstring>
#include <random>

#include "core/text.h"

namespace kith {
namespace {

/// Where the bytes of a body are, of a device or of the host.
struct Place {
  Device device;
  ByteView bytes;
};

Place place_of(const Body& body) {
  const ConstArrayView vector = body.floats();
  if (!vector.data) return {{}, body.coded()};
  return {vector.device, std::as_bytes(std::span(vector.data, vector.size))};
}

// Whatever comes, or is to be told, wakes the link's thread. What time alone brings (a heartbeat, a
// silence that lasts too long) is looked for so often.
constexpr double kLook_s = 0.1;
// How long a broken connection waits for whoever knows why: the process that found the cause tells
// all, and nobody blames the neighbor that merely left second.
constexpr double kGrace_s = 0.5;
constexpr double kLinger_s = 1;
constexpr std::uint64_t kMostText = 1 << 16;
constexpr std::size_t kMostHello = 256 << 10;

// What may wait here of one process' words: far more than any run needs.
constexpr std::uint64_t kMostGroupBytes = std::uint64_t{1} << 32;
constexpr std::size_t kMostGroupMessages = 4096;
// Memory is taken for words that are announced up to this, for more as they come.
constexpr std::uint64_t kTrustedBytes = 16 << 20;

// What a coded message may need beyond two words a number: rounding, tables, many small parts.
constexpr std::uint64_t kSpareBytes = 1 << 20;

struct WirePulse {
  std::uint64_t progress;
  std::int64_t round;
  std::uint64_t working;
};

Bytes to_bytes(std::string_view text) {
  const auto* data = reinterpret_cast<const std::byte*>(text.data());
  return Bytes(data, data + text.size());
}

std::string to_text(ByteView bytes) {
  return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

RunId new_run_id() {
  std::random_device device;
  const auto word = [&] { return std::uint64_t{device()} << 32 | device(); };
  return {word(), word()};
}

/// Facts as bytes: name, value, name, value, each ended by a zero.
Bytes facts_bytes(const Transport::Facts& facts) {
  std::string text;
  for (const auto& [name, value] : facts) {
    for (const std::string* part : {&name, &value}) (text += *part) += '\0';
  }
  return to_bytes(text);
}

Transport::Facts facts_of(ByteView bytes) {
  Transport::Facts facts;
  std::vector<std::string> parts(1);
  for (const std::byte byte : bytes) {
    if (byte != std::byte{0}) {
      parts.back() += static_cast<char>(byte);
    } else {
      parts.emplace_back();
    }
  }
  for (std::size_t i = 0; i + 1 < parts.size(); i += 2) facts.emplace_back(parts[i], parts[i + 1]);
  return facts;
}

/// As many of `facts` as fit into a hello, then the hash of the others.
Transport::Facts fitting(const Transport::Facts& facts) {
  std::size_t bytes = 0;
  const auto fits = [&bytes](const auto& fact) {
    bytes += fact.first.size() + fact.second.size() + 2;
    return bytes <= kMostHello;
  };
  const auto rest = std::ranges::find_if_not(facts, fits);
  Transport::Facts all(facts.begin(), rest);
  if (rest != facts.end()) {
    const Bytes others = facts_bytes({rest, facts.end()});
    all.emplace_back("the hash of all from " + rest->first + " on",
                     std::to_string(payload_hash(others)));
  }
  return all;
}

/// What keeps strangers out where there are no keys: those who know what the run is called and how
/// large it is may say hello, and are then told what else differs.
std::string password_of(const Transport::Facts& facts) {
  std::string text;
  for (const auto& [name, value] : facts) {
    if (name == "/name" || name == "/nodes" || name == "/rounds") text += value + '\n';
  }
  return std::to_string(payload_hash(to_bytes(text)));
}

/// The first thing that `theirs` has and `ours` has not, in words; "" when there is none.
std::string first_difference(const Transport::Facts& ours, const Transport::Facts& theirs) {
  const auto [mine, other] = std::ranges::mismatch(ours, theirs);
  if (mine == ours.end() && other == theirs.end()) return "";
  if (mine == ours.end()) return other->first + " is " + other->second + " there, and not set here";
  if (other == theirs.end() || other->first != mine->first) {
    return mine->first + " is " + mine->second + " here, and not set there";
  }
  return mine->first + " is " + other->second + " there and " + mine->second + " here";
}

}  // namespace

RemoteTransport::RemoteTransport(const Context& context, std::unique_ptr<Link> link)
    : context_(context),
      link_(std::move(link)),
      peers_(context.placement.nodes_of.size()),
      rounds_(context.placement.process_of.size()),
      lines_(peers_.size()),
      inbox_(peers_.size()),
      waiting_(peers_.size()) {
  if (!context.vectors.device().is_cpu() && processes() > 1) {
    landing_ =
        std::make_unique<Landing>(context.vectors.device(), Header::kChunkBytes, peers_.size());
    departures_ = std::make_unique<Departures>(
        context.vectors.device(), Header::kChunkBytes, [this](const Error& error) {
          fail_for(Error(error.code(), name(process()) + ": " + error.what()));
        });
  }
  const std::uint64_t most =
      2 * sizeof(float) * std::uint64_t{context.vectors.size()} + kSpareBytes;
  for (int from = 0; from < processes(); ++from) {
    const Incoming::Rules rules{context.placement,
                                context.process,
                                from,
                                most,
                                context.common.max_lead,
                                context.rounds,
                                context.exchanges,
                                context.vectors,
                                rounds_,
                                context.lanes,
                                landing_.get()};
    peers_[static_cast<std::size_t>(from)].letters = std::make_unique<Incoming>(rules);
    told_.push_back(std::make_unique<Round[]>(rounds_.size()));
  }
}

RemoteTransport::~RemoteTransport() { stop(0); }

template <class F>
void RemoteTransport::for_peers(const F& f) {
  for (int other = 0; other < processes(); ++other) {
    if (other != process()) f(other, peers_[static_cast<std::size_t>(other)]);
  }
}

std::string RemoteTransport::name(int process) const {
  const std::string address = link_->address(process);
  return "process " + std::to_string(process) + " (" + (address.empty() ? "" : address + ", ") +
         context_.placement.names(process) + ")";
}

// --- beginning and end ---------------------------------------------------------------------------

std::string RemoteTransport::join(const Facts& about, const std::string& words) {
  Link::Meeting meeting;
  const Facts facts = fitting(about);
  meeting.hello = facts_bytes(facts);
  const RunId id = new_run_id();
  meeting.welcome.resize(sizeof id);
  std::memcpy(meeting.welcome.data(), id.data(), sizeof id);
  for (const std::byte byte : to_bytes(words)) meeting.welcome.push_back(byte);
  meeting.objection = [&facts, this](int other, ByteView hello) -> std::string {
    const std::string difference = first_difference(facts, facts_of(hello));
    if (difference.empty()) return "";
    return name(other) + " runs something else: " + difference;
  };
  meeting.password = password_of(about);
  meeting.timeout_s = context_.common.start_timeout_s;
  meeting.pending_signal = context_.pending_signal;

  std::promise<Bytes> joined;
  std::future<Bytes> welcome = joined.get_future();
  thread_ = std::thread([this, meeting, &joined] { serve(meeting, joined); });
  try {
    const Bytes bytes = welcome.get();
    return to_text(ByteView(bytes).subspan(sizeof run_));
  } catch (...) {
    stop(kLinger_s);
    throw;
  }
}

/// The link's thread, from the first contact to the last.
void RemoteTransport::serve(const Link::Meeting& meeting, std::promise<Bytes>& joined) {
  try {
    const Bytes welcome = link_->join(meeting, *this);
    ticked_s_ = now_s();
    for (Peer& peer : peers_) peer.heard_s = peer.progressed_s = peer.idle_s = ticked_s_;
    joined.set_value(welcome);
  } catch (...) {
    joined.set_exception(std::current_exception());
    link_->close(linger_s_);
    return;
  }
  try {
    while (!closing_) {
      link_->poll(*this, std::min(kLook_s, context_.common.heartbeat_s / 2));
      tick();
    }
    send_news();
  } catch (const std::exception& error) {
    linger_s_ = kLinger_s;
    fail_for(PeerError(name(process()) + " failed: " + error.what()));
  }
  link_->close(linger_s_);
}

void RemoteTransport::start(Arrivals& arrivals, std::function<Pulse()> pulse) {
  const std::lock_guard lock(pulse_mutex_);
  pulse_ = std::move(pulse);
  arrivals_ = &arrivals;
}

/// Nobody leaves who owes something. A goodbye comes after all that its sender has to say; whoever
/// heard it answers with a farewell.
void RemoteTransport::finish() {
  for_peers([this](int other, Peer&) { send_control(other, Header::Type::kGoodbye, {}); });
  {
    std::unique_lock lock(mutex_);
    wait_until(lock, [this] { return parted_ == processes() - 1; });
  }
  stop(kLinger_s);
}

void RemoteTransport::fail(const std::string& why) {
  if (!thread_.joinable()) return;
  fail_for(PeerError(name(process()) + " failed: " + why));
  stop(kLinger_s);
}

/// Ends the link's thread, which sends what is left for at most so long.
void RemoteTransport::stop(double linger_s) {
  linger_s_ = linger_s;
  closing_ = true;
  if (departures_) departures_->close();
  if (thread_.joinable()) {
    link_->wake();
    thread_.join();
  }
  const std::lock_guard lock(pulse_mutex_);
  pulse_ = nullptr;
  arrivals_ = nullptr;
}

std::optional<Error> RemoteTransport::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

Rejections RemoteTransport::rejected() const {
  const std::lock_guard lock(mutex_);
  return rejections_;
}

// --- sending -------------------------------------------------------------------------------------

/// Calls `job` now; where what was said before may still lie on a device, behind that.
template <class F>
void RemoteTransport::in_turn(F job) {
  if (departures_) {
    departures_->give(std::move(job));
  } else {
    job();
  }
}

void RemoteTransport::send(const Message& message, std::span<const Uid> receivers) {
  std::vector<std::pair<std::int32_t, Uid>> remote;  // process, receiver
  for (const Uid receiver : receivers) {
    const std::int32_t home = context_.placement.process_of[static_cast<std::size_t>(receiver)];
    if (home == process()) {
      arrivals_.load()->deliver(receiver, message);
    } else {
      remote.emplace_back(home, receiver);
    }
  }
  if (remote.empty()) return;
  std::ranges::sort(remote);

  std::vector<Address> addresses;
  for (const auto& [home, receiver] : remote) {
    if (addresses.empty() || addresses.back().process != home) addresses.push_back({home, {}});
    addresses.back().receivers.push_back(receiver);
  }
  const Place place = place_of(message.body);
  Header head;
  head.type = Header::Type::kLetter;
  head.run = run_;
  head.form = message.body.floats().data ? Header::Form::kFloats : Header::Form::kCoded;
  head.sender = message.sender;
  head.round = message.round;
  head.kind = static_cast<std::uint16_t>(message.kind);
  head.body_bytes = place.bytes.size();
  const auto keep = std::make_shared<const Body>(message.body);
  {
    const std::lock_guard lock(news_mutex_);
    for (const Address& address : addresses) {
      Round& known = told(address.process, message.sender);
      known = std::max(known, message.round);
    }
  }
  if (place.device.is_cpu() || place.bytes.empty()) {
    in_turn([this, head, bytes = place.bytes, keep, addresses = std::move(addresses)] {
      send_from_host(head, bytes, keep, addresses);
    });
  } else {
    send_from_device(head, place.device, place.bytes, keep, std::move(addresses));
  }
}

void RemoteTransport::send_from_host(const Header& head, ByteView body,
                                     const std::shared_ptr<const Body>& keep,
                                     const std::vector<Address>& addresses) {
  std::vector<std::uint64_t> hashes;  // of each chunk, once for all processes
  for (const Address& address : addresses) {
    Header own = head;
    own.receiver = address.receiver();
    send_frames(address.process, own, body, keep, address.receivers, hashes);
  }
}

/// Chunk after chunk as it comes off the device, once, to all processes.
void RemoteTransport::send_from_device(const Header& head, const Device& device, ByteView body,
                                       const std::shared_ptr<const Body>& keep,
                                       std::vector<Address> addresses) {
  const auto sink = [head, this, addresses = std::move(addresses)](
                        std::uint32_t number, ByteView chunk,
                        const std::shared_ptr<const void>& pinned) {
    const std::uint64_t hash = payload_hash(chunk);
    for (const Address& address : addresses) {
      Header own = head;
      own.receiver = address.receiver();
      if (number == 0) send_list(address.process, own, address.receivers);
      own.chunk = number + 1;
      send_frame(address.process, own, chunk, hash, pinned);
    }
  };
  departures_->give(device, body, keep, sink);
}

/// Chunk after chunk, each as soon as it is hashed: the next is hashed while it travels.
void RemoteTransport::send_frames(int to, Header head, ByteView body,
                                  const std::shared_ptr<const void>& keep,
                                  const std::vector<Uid>& receivers,
                                  std::vector<std::uint64_t>& hashes) {
  const std::lock_guard lock(lines_[static_cast<std::size_t>(to)]);
  send_list(to, head, receivers);
  for (std::uint32_t chunk = 1; chunk <= head.chunks(); ++chunk) {
    head.chunk = chunk;
    const ByteView payload =
        body.subspan(std::size_t{chunk - 1} * Header::kChunkBytes, head.payload_bytes());
    if (hashes.size() < chunk) hashes.push_back(payload_hash(payload));
    send_frame(to, head, payload, hashes[chunk - 1], keep);
  }
}

/// Chunk 0, where there are several receivers.
void RemoteTransport::send_list(int to, Header head, const std::vector<Uid>& receivers) {
  if (head.receiver >= 0) return;
  const auto list = std::make_shared<const std::vector<Uid>>(receivers);
  const ByteView payload = std::as_bytes(std::span(*list));
  head.chunk = 0;
  send_frame(to, head, payload, payload_hash(payload), list);
}

void RemoteTransport::send_frame(int to, const Header& header, ByteView payload, std::uint64_t hash,
                                 const std::shared_ptr<const void>& keep) {
  std::vector<Link::Frame> frames;
  frames.push_back({write_header(header, hash), payload, keep});
  link_->send(to, std::move(frames), /*urgent=*/false);
}

void RemoteTransport::send_control(int to, Header::Type type, Bytes body) {
  Header head;
  head.type = type;
  head.run = run_;
  head.sender = process();
  head.receiver = to;
  head.chunk = 1;
  head.body_bytes = body.size();
  const auto keep = std::make_shared<const Bytes>(std::move(body));
  std::vector<Link::Frame> frames;
  frames.push_back({write_header(head, payload_hash(*keep)), *keep, keep});
  if (type == Header::Type::kNews || type == Header::Type::kGoodbye) {
    in_turn([to, this, frames = std::move(frames)]() mutable {
      link_->send(to, std::move(frames), /*urgent=*/false);
    });
  } else {
    link_->send(to, std::move(frames), /*urgent=*/true);
  }
}

void RemoteTransport::announce(Uid node, Round round) {
  rounds_[static_cast<std::size_t>(node)] = round;
  arrivals_.load()->entered(node, round);
  bool first = false;
  {
    const std::lock_guard lock(news_mutex_);
    first = news_.empty();
    news_.push_back(node);
  }
  if (first && !context_.two_way) link_->wake();
}

/// The round of `node` that `process` knows. Under the news' lock.
Round& RemoteTransport::told(int process, Uid node) {
  return told_[static_cast<std::size_t>(process)][static_cast<std::size_t>(node)];
}

void RemoteTransport::send_news() {
  std::vector<std::vector<std::int64_t>> pairs(peers_.size());  // by process: node, round, …
  {
    const std::lock_guard lock(news_mutex_);
    if (news_.empty()) return;
    for_peers([&](int other, Peer&) {
      for (const Uid node : news_) {
        const Round round = rounds_[static_cast<std::size_t>(node)];
        if (std::exchange(told(other, node), round) >= round) continue;
        pairs[static_cast<std::size_t>(other)].insert(pairs[static_cast<std::size_t>(other)].end(),
                                                      {node, round});
      }
    });
    news_.clear();
  }
  for_peers([&](int other, Peer&) {
    const auto all = std::as_bytes(std::span(pairs[static_cast<std::size_t>(other)]));
    for (std::size_t at = 0; at < all.size(); at += Header::kChunkBytes) {
      const ByteView part = all.subspan(at, std::min(Header::kChunkBytes, all.size() - at));
      send_control(other, Header::Type::kNews, Bytes(part.begin(), part.end()));
    }
  });
}

// --- looking after each other --------------------------------------------------------------------

void RemoteTransport::tick() {
  const double now = now_s();
  // Where letters go both ways they tell a node how far ahead it may go. Then news are for those
  // who only watch, and not worth waking anybody.
  if (!context_.two_way || now - told_s_ >= context_.common.heartbeat_s / 2) {
    told_s_ = now;
    send_news();
  }
  // After a pause of this process itself (stopped, or its machine asleep) nobody else is to blame.
  if (now - std::exchange(ticked_s_, now) > context_.common.heartbeat_timeout_s / 2) {
    for (Peer& peer : peers_) peer.heard_s = peer.progressed_s = now;
  }
  if (now - beat_s_ >= context_.common.heartbeat_s) {
    beat_s_ = now;
    send_heartbeats();
  }
  watch(now);
}

void RemoteTransport::send_heartbeats() {
  Peer& self = peers_[static_cast<std::size_t>(process())];
  Pulse pulse{self.pulse.progress + 1};  // nothing counts it before the start
  {
    const std::lock_guard lock(pulse_mutex_);
    if (pulse_) {
      pulse = pulse_();
      pulse.progress += arrived_;
    }
  }
  note(self, pulse, now_s());
  const WirePulse wire{pulse.progress, pulse.round, pulse.working};
  Bytes bytes(sizeof wire);
  std::memcpy(bytes.data(), &wire, sizeof wire);
  for_peers([&](int other, Peer&) { send_control(other, Header::Type::kHeartbeat, bytes); });
}

void RemoteTransport::note(Peer& peer, const Pulse& pulse, double now) {
  if (pulse.progress != peer.pulse.progress) peer.progressed_s = now;
  if (!peer.pulse.working) peer.idle_s = now;
  peer.pulse = pulse;
}

/// Whether nothing has come of it for too long. At the start one may still look for others, and
/// not be heard, while another has found all.
bool RemoteTransport::is_silent(const Peer& peer, double now) const {
  const Common& limits = context_.common;
  const double limit_s = peer.heard ? limits.heartbeat_timeout_s
                                    : std::max(limits.heartbeat_timeout_s, limits.start_timeout_s);
  return now - peer.heard_s > limit_s;
}

void RemoteTransport::watch(double now) {
  if (processes() == 1) return;  // one alone waits for nobody
  const Common& limits = context_.common;
  const Peer& self = peers_[static_cast<std::size_t>(process())];
  bool anybody_works = self.pulse.working;
  double last_progress = self.progressed_s;
  for_peers([&](int other, Peer& peer) {
    if (peer.said_goodbye) {
      // It needs nothing more: whoever leaves now is no loss.
      if (!peer.lost.empty() || is_silent(peer, now)) part(peer);
      anybody_works = true;
      return;
    }
    anybody_works = anybody_works || peer.pulse.working;
    last_progress = std::max(last_progress, peer.progressed_s);
    const std::string where = ", in round " + std::to_string(peer.pulse.round);
    if (!peer.lost.empty() && now - peer.lost_s > kGrace_s) {
      fail_for(PeerError(name(other) + " was lost" + where + ": " + peer.lost));
    } else if (is_silent(peer, now)) {
      fail_for(PeerError(name(other) + " has been silent for " + duration_text(now - peer.heard_s) +
                         where));
    } else if (peer.pulse.working &&
               now - std::max(peer.progressed_s, peer.idle_s) > limits.progress_timeout_s) {
      fail_for(PeerError(name(other) + " has made no progress for " +
                         duration_text(limits.progress_timeout_s) + where));
    }
  });
  if (!anybody_works && now - last_progress > limits.progress_timeout_s) {
    fail_for(PeerError("every process has waited for the others for " +
                       duration_text(limits.progress_timeout_s)));
  }
}

/// This process found why the run cannot go on: all shall know the same cause.
void RemoteTransport::fail_for(const Error& cause) {
  if (set_failure(cause)) flood(cause.what());
}

/// Whether it is the first.
bool RemoteTransport::set_failure(const Error& cause) {
  {
    const std::lock_guard lock(mutex_);
    if (failure_) return false;
    failure_ = cause;
  }
  changed_.notify_all();
  return true;
}

void RemoteTransport::flood(const std::string& cause) {
  for_peers([&](int other, Peer&) {
    send_control(other, Header::Type::kFailure, to_bytes(cause.substr(0, kMostText)));
  });
}

// --- what comes ----------------------------------------------------------------------------------

void RemoteTransport::welcomed(ByteView welcome) {
  std::memcpy(run_.data(), welcome.data(), sizeof run_);
}

void RemoteTransport::rejected(int from, Rejection reason) {
  {
    const std::lock_guard lock(mutex_);
    ++rejections_[static_cast<std::size_t>(reason)];
  }
  if (from >= 0) {
    peers_[static_cast<std::size_t>(from)].refused = true;
    fail_for(
        PeerError(name(from) + " sent what this run cannot have sent (" + name_of(reason) + ")"));
  }
}

void RemoteTransport::lost(int process, const std::string& why) {
  Peer& peer = peers_[static_cast<std::size_t>(process)];
  if (!peer.lost.empty()) return;
  peer.lost = why;
  peer.lost_s = now_s();
}

void RemoteTransport::refuse(int from, const Violation& violation) {
  {
    const std::lock_guard lock(mutex_);
    ++rejections_[static_cast<std::size_t>(violation.reason)];
  }
  peers_[static_cast<std::size_t>(from)].refused = true;
  fail_for(
      PeerError(name(from) + " sent " + violation.words + ", which this run cannot have sent"));
}

std::byte* RemoteTransport::arriving(int from, const Header& header) {
  Peer& peer = peers_[static_cast<std::size_t>(from)];
  if (peer.refused) return nullptr;
  peer.heard = true;
  peer.heard_s = now_s();
  try {
    if (header.run != run_) throw Violation{Rejection::kRun, "a message of another run"};
    std::byte* const where = place(peer, from, header);
    static std::byte nothing{};
    return header.payload_bytes() > 0 ? where : &nothing;
  } catch (const Violation& violation) {
    refuse(from, violation);
  } catch (const std::bad_alloc&) {
    peer.refused = true;
    fail_for(ResourceError(name(process()) + " has no memory for what " + name(from) + " sent"));
  } catch (const Error& error) {
    peer.refused = true;
    fail_for(Error(error.code(), name(process()) + ": " + error.what()));
  }
  return nullptr;
}

std::byte* RemoteTransport::place(Peer& peer, int from, const Header& header) {
  if (header.type == Header::Type::kLetter) {
    if (!arrivals_.load()) throw Violation{Rejection::kRound, "a letter before the start"};
    return peer.letters->place(header);
  }
  if (header.sender != from || header.receiver != process()) {
    throw Violation{Rejection::kSender, "a message in the name of another process"};
  }
  if (header.type == Header::Type::kGroup) return place_group(peer, from, header);
  if (header.chunk != 1 || header.chunks() != 1) {
    throw Violation{Rejection::kLength, "a control message of several chunks"};
  }
  peer.control.resize(header.body_bytes);
  return peer.control.data();
}

/// Refuses words of so many bytes when too much waits already: somebody talks to himself.
void RemoteTransport::require_room(int from, std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  const auto& waiting = inbox_[static_cast<std::size_t>(from)];
  std::uint64_t all = bytes;
  for (const Bytes& words : waiting) all += words.size();
  if (all > kMostGroupBytes || waiting.size() >= kMostGroupMessages) {
    throw Violation{Rejection::kBody, "more than anybody reads, " + std::to_string(all) + " bytes"};
  }
}

std::byte* RemoteTransport::place_group(Peer& peer, int from, const Header& header) {
  if (!peer.group_open) {
    if (header.chunk != 1) throw Violation{Rejection::kLength, "a chunk without its beginning"};
    require_room(from, header.body_bytes);
    peer.group_open = true;
    peer.group_bytes = header.body_bytes;
    peer.group_next = 1;
    peer.words.clear();
    peer.words.reserve(std::min(header.body_bytes, kTrustedBytes));
  } else if (header.chunk != peer.group_next || header.body_bytes != peer.group_bytes) {
    throw Violation{Rejection::kLength, "a chunk out of its order"};
  }
  const std::size_t offset = std::size_t{header.chunk - 1} * Header::kChunkBytes;
  peer.words.resize(offset + header.payload_bytes());
  return peer.words.data() + offset;
}

void RemoteTransport::arrived(int from, const Header& header, ByteView bytes, std::uint64_t hash) {
  Peer& peer = peers_[static_cast<std::size_t>(from)];
  if (peer.refused) return;
  try {
    if (!checksum_holds(header, bytes, hash)) {
      throw Violation{Rejection::kChecksum, "a damaged message"};
    }
    act(peer, from, header);
  } catch (const Violation& violation) {
    refuse(from, violation);
  } catch (const Error& error) {
    fail_for(Error(error.code(), name(process()) + ": " + error.what()));
  }
}

void RemoteTransport::act(Peer& peer, int from, const Header& header) {
  switch (header.type) {
    case Header::Type::kLetter: {
      ++arrived_;
      Incoming::Letter letter;
      if (peer.letters->add(header, letter)) deliver(letter);
      return;
    }
    case Header::Type::kGroup:
      return hear_group(peer, from, header);
    case Header::Type::kNews:
      return hear_news(peer, from);
    case Header::Type::kHeartbeat:
      return hear_heartbeat(peer);
    case Header::Type::kGoodbye:
      return hear_goodbye(peer, from);
    case Header::Type::kFarewell:
      return hear_farewell(peer);
    case Header::Type::kFailure:
      set_failure(PeerError(to_text(peer.control)));
      return;
    default:
      throw Violation{Rejection::kKind, "a message of the start"};
  }
}

void RemoteTransport::deliver(Incoming::Letter& letter) {
  arrivals_.load()->entered(letter.message.sender, letter.message.round);
  for (const Uid receiver : letter.receivers) arrivals_.load()->deliver(receiver, letter.message);
}

void RemoteTransport::hear_group(Peer& peer, int from, const Header& header) {
  ++arrived_;
  ++peer.group_next;
  if (header.chunk < header.chunks()) return;
  peer.group_open = false;
  {
    const std::lock_guard lock(mutex_);
    inbox_[static_cast<std::size_t>(from)].push_back(std::move(peer.words));
    Fiber* const fiber = std::exchange(waiting_[static_cast<std::size_t>(from)], nullptr);
    if (fiber) fiber->wake();
  }
  peer.words = {};
  changed_.notify_all();
}

void RemoteTransport::hear_news(const Peer& peer, int from) {
  constexpr std::size_t kPair = 2 * sizeof(std::int64_t);
  Arrivals* const arrivals = arrivals_;
  if (!arrivals || peer.control.size() % kPair != 0) {
    throw Violation{Rejection::kBody, "news that make no sense"};
  }
  for (std::size_t at = 0; at < peer.control.size(); at += kPair) {
    std::int64_t pair[2];
    std::memcpy(pair, peer.control.data() + at, sizeof pair);
    const auto& homes = context_.placement.process_of;
    if (pair[0] < 0 || pair[0] >= std::ssize(homes) ||
        homes[static_cast<std::size_t>(pair[0])] != from) {
      throw Violation{Rejection::kSender, "news of a node that does not live there"};
    }
    if (pair[1] < 0 || pair[1] >= context_.rounds) {
      throw Violation{Rejection::kRound, "news of round " + std::to_string(pair[1])};
    }
    arrivals->entered(static_cast<Uid>(pair[0]), pair[1]);
  }
}

void RemoteTransport::hear_heartbeat(Peer& peer) {
  WirePulse wire;
  if (peer.control.size() != sizeof wire) throw Violation{Rejection::kBody, "half a heartbeat"};
  std::memcpy(&wire, peer.control.data(), sizeof wire);
  note(peer, {wire.progress, wire.working != 0, wire.round}, now_s());
}

void RemoteTransport::hear_goodbye(Peer& peer, int from) {
  peer.said_goodbye = true;
  send_control(from, Header::Type::kFarewell, {});
  if (peer.said_farewell) part(peer);
}

void RemoteTransport::hear_farewell(Peer& peer) {
  peer.said_farewell = true;
  if (peer.said_goodbye) part(peer);
}

void RemoteTransport::part(Peer& peer) {
  if (std::exchange(peer.parted, true)) return;
  {
    const std::lock_guard lock(mutex_);
    ++parted_;
  }
  changed_.notify_all();
}

// --- Group ---------------------------------------------------------------------------------------

void RemoteTransport::post(int to, Bytes body) {
  Header head;
  head.type = Header::Type::kGroup;
  head.sender = process();
  head.receiver = to;
  head.body_bytes = body.size();
  head.run = run_;
  const auto keep = std::make_shared<const Bytes>(std::move(body));
  in_turn([=, this] {
    std::vector<std::uint64_t> hashes;
    send_frames(to, head, *keep, keep, {}, hashes);
  });
}

std::optional<Bytes> RemoteTransport::take(int from) {
  const std::lock_guard lock(mutex_);
  auto& inbox = inbox_[static_cast<std::size_t>(from)];
  if (inbox.empty()) return std::nullopt;
  Bytes body = std::move(inbox.front());
  inbox.pop_front();
  return body;
}

bool RemoteTransport::subscribe(int from, Fiber& fiber) {
  const std::lock_guard lock(mutex_);
  if (!inbox_[static_cast<std::size_t>(from)].empty()) return false;
  waiting_[static_cast<std::size_t>(from)] = &fiber;
  return true;
}

bool RemoteTransport::unsubscribe(int from) {
  const std::lock_guard lock(mutex_);
  waiting_[static_cast<std::size_t>(from)] = nullptr;
  return !inbox_[static_cast<std::size_t>(from)].empty();
}

/// Waits, under `lock`. Throws what ended the run.
template <class F>
void RemoteTransport::wait_until(std::unique_lock<std::mutex>& lock, const F& over) {
  constexpr auto kLook = std::chrono::milliseconds(50);  // for a signal
  while (!over()) {
    if (failure_) throw *failure_;
    if (const int signal = context_.pending_signal(); signal != 0) {
      throw Error(static_cast<ExitCode>(128 + signal), "stopped by a signal");
    }
    changed_.wait_for(lock, kLook);
  }
}

Bytes RemoteTransport::wait(int from) {
  const auto index = static_cast<std::size_t>(from);
  std::unique_lock lock(mutex_);
  wait_until(lock, [&] { return !inbox_[index].empty(); });
  Bytes body = std::move(inbox_[index].front());
  inbox_[index].pop_front();
  return body;
}

}  // namespace kith
