#include "communication/zmq_link.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <zmq.hpp>

#include "communication/door.h"
#include "communication/launched.h"
#include "core/clock.h"
#include "core/error.h"
#include "core/text.h"
#include "kernels/hash.h"

namespace kith {
namespace {

constexpr char kZapDomain[] = "kith";
constexpr int kHandshake_ms = 10'000;  // then an unfinished connection is closed
constexpr int kReconnect_ms = 100;     // while processes start
constexpr std::int64_t kLargestFrame = Header::kChunkBytes + 4096;
constexpr double kJoinPoll_s = 0.05;
constexpr int kLastWords_ms = 1000;
constexpr double kForLateComers_s = 2;
constexpr double kVerdict_s = 1;  // for a process to say why a run does not begin
constexpr int kMostEarly = 4;     // hellos in one name, of which one will know the run
// Frames that libzmq reads ahead of us from a connection; then TCP holds the sender back. Credits
// bound what may be on its way, this bounds what lies here twice.
constexpr int kFramesAhead = 16;
constexpr int kSocketsOfAChannel = 3;  // its own, and the two ends of its monitor
constexpr std::size_t kSmall = 512;    // copied: cheaper than keeping its owner

/// The file limit bounds the connections, and libzmq aborts at it.
void raise_file_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

/// libzmq allocates every frame anew. The C library gives memory of that size back to the system at
/// once, and every page of the next frame is a fault, until it sees that something larger came and
/// went: then it keeps twice as much.
void keep_freed_frames() { const zmq::message_t frames(8 * Header::kChunkBytes); }

std::string endpoint(const std::string& host_and_port) { return "tcp://" + host_and_port; }

ByteView view_of(const zmq::message_t& message) {
  return {static_cast<const std::byte*>(message.data()), message.size()};
}

std::string text_of(const zmq::message_t& message) {
  return std::string(static_cast<const char*>(message.data()), message.size());
}

/// What process 0 is told of another, and tells all: text parts, each ended by a zero, then bytes.
void append_part(Bytes& bytes, const std::string& text) {
  for (const char c : text) bytes.push_back(static_cast<std::byte>(c));
  bytes.push_back(std::byte{0});
}

std::string take_part(ByteView& bytes) {
  const auto end = std::ranges::find(bytes, std::byte{0});
  std::string text;
  for (auto at = bytes.begin(); at != end; ++at) text += static_cast<char>(*at);
  bytes = bytes.subspan(std::min(bytes.size(), text.size() + 1));
  return text;
}

class ZmqLink final : public Link {
 public:
  explicit ZmqLink(ZmqSettings settings) : self_(std::move(settings)), peers_(peer_count()) {
    addresses_.resize(peers_.size());
    for (std::size_t i = 0; i < std::min(self_.hosts.size(), addresses_.size()); ++i) {
      addresses_[i] = self_.hosts[i];
    }
  }

  ~ZmqLink() override {
    close(0);
    if (wake_ >= 0) ::close(wake_);
  }

  int process() const override { return self_.process; }
  int processes() const override { return self_.processes; }
  std::string address(int process) const override {
    const std::lock_guard lock(addresses_mutex_);
    return addresses_[static_cast<std::size_t>(process)];
  }
  std::uint64_t wire_bytes() const override { return wire_bytes_; }

  Bytes join(const Meeting& meeting, Listener& listener) override;
  void send(int to, std::vector<Frame> frames, bool urgent) override;
  void poll(Listener& listener, double limit_s) override;
  void wake() override;
  void close(double linger_s) override;

 private:
  // A pair of processes has two connections each way: what is urgent must not wait behind a model.
  static constexpr std::size_t kChannels = 2;

  /// One connection to another process, over which this one only sends.
  struct Channel {
    std::mutex mutex;
    zmq::socket_t socket;
    zmq::socket_t monitor;
    bool open = false;
    bool connected = false;  // at least once
  };

  struct Peer {
    std::array<Channel, kChannels> channels;
    std::array<bool, kChannels> heard{};  // its hello on each
    std::optional<double> broke_s;        // when the first of its connections broke

    bool all_heard() const { return std::ranges::all_of(heard, std::identity{}); }

    /// Whether it left while processes connect. Why it did may still come where it said hello.
    bool has_gone() const { return broke_s && (heard[0] || now_s() > *broke_s + kVerdict_s); }
  };

  /// A connection that others opened to this process.
  struct Caller {
    int process = -1;
    int channel = 0;
  };

  struct Received {
    std::string caller;  // the routing id
    zmq::message_t header, payload;
  };

  std::size_t peer_count() const { return static_cast<std::size_t>(self_.processes); }
  Peer& peer(int process) { return peers_[static_cast<std::size_t>(process)]; }

  void open(const Meeting& meeting);
  void bind();
  void dial(int process, std::size_t channel, const std::string& where);
  Bytes preside(const Meeting& meeting, Listener& listener);
  Bytes attend(const Meeting& meeting, Listener& listener);
  void gather(const Meeting& meeting, Listener& listener, double deadline_s);
  std::string hear_join(const Received& received, const Header& header, const Meeting& meeting,
                        Listener& listener);
  void refuse_all(const std::string& why);
  std::vector<std::string> missing() const;
  void connect_to_all(Listener& listener, const Meeting& meeting, double deadline_s);
  void step(Listener& listener, const Meeting& meeting, double limit_s);
  bool drain(Listener& listener);
  bool receive(Received& received, Listener& listener);
  void handle(Received& received, Listener& listener);
  void handle_stranger(const Received& received, const Header& header, Listener& listener);
  bool may_say_hello(const Received& received, const Header& header);
  void hear_hello(const Received& received, const Header& header, Listener& listener);
  bool is_who_it_says(const Received& received, const Header& header) const;
  void answer_handshakes();
  bool answer_handshake();
  std::string user_of(const std::vector<zmq::message_t>& request) const;
  void read_monitors(Listener& listener);
  void hear_of_connection(int other, Channel& channel, int event, Listener& listener);
  zmq::socket_t monitor(zmq::socket_t& socket, const std::string& name, int events);
  template <class F>
  static void read_events(zmq::socket_t& monitor, const F& act);
  void reply(const std::string& caller, Header::Type type, const Bytes& body);
  zmq::message_t message_of(const Frame& frame);
  void send_frame(zmq::socket_t& socket, const Frame& frame);
  Frame frame_of(Header::Type type, int to, std::uint16_t kind, Bytes body) const;
  std::string called(int process) const;

  const ZmqSettings self_;
  std::string password_;
  std::string public_key_;  // of this process
  RunId run_{};

  zmq::context_t context_;
  zmq::socket_t inbox_;    // a ROUTER: what others send
  zmq::socket_t arbiter_;  // a REP: libzmq asks it who may connect
  zmq::socket_t inbox_monitor_;
  Door door_;
  bool all_here_ = false;  // then nobody else may connect
  int wake_ = -1;
  std::string here_;  // "host:port" of this process

  std::vector<Peer> peers_;  // by process
  mutable std::mutex addresses_mutex_;
  std::vector<std::string> addresses_;  // by process
  std::map<std::string, Caller> callers_;
  std::vector<std::pair<Received, Header>> early_;  // hellos that came before the welcome

  // Of process 0 while the processes gather, and of the others while they wait for its answer.
  std::vector<std::string> joined_;  // by process: the routing id
  std::function<void(const Received&, const Header&)> on_join_;
  std::string refused_by_;

  std::atomic<std::uint64_t> wire_bytes_{0};
  std::vector<pollfd> waiting_;  // kept to save an allocation each time
  int drains_ = 0;               // since all sockets were asked
  bool closed_ = false;
};

std::string ZmqLink::called(int process) const {
  const std::string where = address(process);
  return "process " + std::to_string(process) + (where.empty() ? "" : " (" + where + ")");
}

// --- opening -------------------------------------------------------------------------------------

Bytes ZmqLink::join(const Meeting& meeting, Listener& listener) {
  open(meeting);
  return self_.process == 0 ? preside(meeting, listener) : attend(meeting, listener);
}

void ZmqLink::open(const Meeting& meeting) {
  raise_file_limit();
  password_ = self_.token.empty() ? meeting.password : self_.token;
  keep_freed_frames();
  context_ = zmq::context_t(1);
  context_.set(
      zmq::ctxopt::max_sockets,
      std::max(1024, 16 + static_cast<int>(kChannels) * kSocketsOfAChannel * self_.processes));
  context_.set(zmq::ctxopt::blocky, 0);
  wake_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake_ < 0) throw ResourceError("too many open files; raise the limit (ulimit -n)");
  arbiter_ = zmq::socket_t(context_, zmq::socket_type::rep);
  arbiter_.bind("inproc://zeromq.zap.01");
  if (self_.keys) {
    public_key_ = public_curve_key(self_.keys->secret);
  }
  bind();
}

void ZmqLink::bind() {
  inbox_ = zmq::socket_t(context_, zmq::socket_type::router);
  inbox_.set(zmq::sockopt::linger, 0);
  inbox_.set(zmq::sockopt::rcvhwm, kFramesAhead);
  inbox_.set(zmq::sockopt::sndhwm, 0);
  inbox_.set(zmq::sockopt::maxmsgsize, kLargestFrame);
  inbox_.set(zmq::sockopt::handshake_ivl, kHandshake_ms);
  inbox_.set(zmq::sockopt::zap_domain, kZapDomain);  // with it libzmq asks the arbiter, always
  if (self_.keys) {
    inbox_.set(zmq::sockopt::curve_server, true);
    inbox_.set(zmq::sockopt::curve_secretkey, self_.keys->secret);
  } else {
    inbox_.set(zmq::sockopt::plain_server, true);
  }
  inbox_monitor_ =
      monitor(inbox_, "inbox",
              ZMQ_EVENT_LISTENING | ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED |
                  ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                  ZMQ_EVENT_HANDSHAKE_FAILED_AUTH);

  const bool local = self_.host == "127.0.0.1" || self_.host == "localhost";
  const std::string where = endpoint(local ? "127.0.0.1" : "*") + ':' +
                            (self_.port == 0 ? "*" : std::to_string(self_.port));
  try {
    inbox_.bind(where);
  } catch (const zmq::error_t& error) {
    if (error.num() == EADDRINUSE) {
      throw PeerError("port " + std::to_string(self_.port) +
                      " is in use on this machine; choose another with communication.port");
    }
    throw PeerError("cannot listen at " + where + ": " + error.what());
  }
  read_events(inbox_monitor_, [this](int event, int value) {
    const int expected = static_cast<int>(kChannels) * self_.processes;
    if (event == ZMQ_EVENT_LISTENING) door_ = Door(value, expected);
  });
  const std::string bound = inbox_.get(zmq::sockopt::last_endpoint);
  here_ = self_.host + bound.substr(bound.rfind(':'));
  const std::lock_guard lock(addresses_mutex_);
  addresses_[static_cast<std::size_t>(self_.process)] = here_;
}

/// Where libzmq tells what becomes of the connections of `socket`.
zmq::socket_t ZmqLink::monitor(zmq::socket_t& socket, const std::string& name, int events) {
  const std::string where = "inproc://monitor-" + name;
  zmq_socket_monitor(socket.handle(), where.c_str(), events);
  zmq::socket_t monitor(context_, zmq::socket_type::pair);
  monitor.set(zmq::sockopt::rcvhwm, 0);  // libzmq's own thread would wait for room
  monitor.connect(where);
  return monitor;
}

void ZmqLink::dial(int process, std::size_t number, const std::string& where) {
  Channel& channel = peer(process).channels[number];
  channel.socket = zmq::socket_t(context_, zmq::socket_type::dealer);
  channel.socket.set(zmq::sockopt::linger, 0);
  channel.socket.set(zmq::sockopt::sndhwm, 0);
  channel.socket.set(zmq::sockopt::rcvhwm, 0);
  channel.socket.set(zmq::sockopt::maxmsgsize, kLargestFrame);
  channel.socket.set(zmq::sockopt::reconnect_ivl, kReconnect_ms);
  channel.socket.set(zmq::sockopt::handshake_ivl, kHandshake_ms);
  if (self_.keys) {
    channel.socket.set(zmq::sockopt::curve_serverkey,
                       self_.keys->public_keys[static_cast<std::size_t>(process)]);
    channel.socket.set(zmq::sockopt::curve_secretkey, self_.keys->secret);
    channel.socket.set(zmq::sockopt::curve_publickey, public_key_);
  } else {
    channel.socket.set(zmq::sockopt::plain_username, std::to_string(self_.process));
    channel.socket.set(zmq::sockopt::plain_password, password_);
  }
  channel.monitor = monitor(
      channel.socket, std::to_string(process) + '-' + std::to_string(number),
      ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH);
  try {
    channel.socket.connect(endpoint(where));
  } catch (const zmq::error_t& error) {
    throw PeerError("cannot call process " + std::to_string(process) + " at " + where + ": " +
                    error.what());
  }
  channel.open = true;
}

// --- joining -------------------------------------------------------------------------------------

/// Process 0: waits for all, then tells everybody where everybody is.
Bytes ZmqLink::preside(const Meeting& meeting, Listener& listener) {
  const double deadline_s = now_s() + meeting.timeout_s;
  if (self_.publish_to >= 0) {
    const std::string line = std::string(Launched::kRendezvous) + '=' + here_ + '\n';
    [[maybe_unused]] const auto written = ::write(self_.publish_to, line.data(), line.size());
    if (self_.publish_to > STDERR_FILENO) ::close(self_.publish_to);
  }
  joined_.resize(peer_count());
  try {
    gather(meeting, listener, deadline_s);
  } catch (const Error& error) {
    refuse_all(error.what());
    throw;
  }

  Bytes answer;
  for (int p = 0; p < self_.processes; ++p) append_part(answer, address(p));
  answer.insert(answer.end(), meeting.welcome.begin(), meeting.welcome.end());
  for (int other = 1; other < self_.processes; ++other) {
    reply(joined_[static_cast<std::size_t>(other)], Header::Type::kWelcome, answer);
    for (std::size_t c = 0; c < kChannels; ++c) dial(other, c, address(other));
  }
  std::memcpy(run_.data(), meeting.welcome.data(), sizeof run_);
  listener.welcomed(meeting.welcome);
  connect_to_all(listener, meeting, deadline_s);
  return meeting.welcome;
}

void ZmqLink::gather(const Meeting& meeting, Listener& listener, double deadline_s) {
  std::string objection;
  on_join_ = [&](const Received& received, const Header& header) {
    if (header.type == Header::Type::kRefusal) {  // gives up: it began to wait before this process
      const bool is_here = std::ranges::find(joined_, received.caller) != joined_.end();
      if (!is_here) return listener.rejected(-1, Rejection::kSender);
      deadline_s = 0;
      return;
    }
    const std::string theirs = hear_join(received, header, meeting, listener);
    if (theirs.empty() || !objection.empty()) return;
    objection = theirs;
    // Others may be about to come: they shall hear why, and not wait for nobody.
    deadline_s = std::min(deadline_s, now_s() + kForLateComers_s);
  };
  while (!missing().empty() && now_s() < deadline_s) step(listener, meeting, kJoinPoll_s);
  on_join_ = nullptr;
  if (!objection.empty()) throw ConfigError(objection);
  if (missing().empty()) return;
  throw PeerError(kith::join(missing()) + " did not come within " +
                  duration_text(meeting.timeout_s) + "; see communication.start_timeout_s");
}

/// Who has not joined.
std::vector<std::string> ZmqLink::missing() const {
  std::vector<std::string> names;
  for (int other = 1; other < self_.processes; ++other) {
    if (joined_[static_cast<std::size_t>(other)].empty()) names.push_back(called(other));
  }
  return names;
}

/// Notes who comes. Gives what there is to object to, "" when nothing.
std::string ZmqLink::hear_join(const Received& received, const Header& header,
                               const Meeting& meeting, Listener& listener) {
  const int from = header.sender;
  const auto refuse = [&](const std::string& why) -> std::string {
    if (!why.empty()) {
      Bytes words;
      append_part(words, why);
      reply(received.caller, Header::Type::kRefusal, words);
    }
    listener.rejected(-1, Rejection::kSender);
    return "";
  };
  if (!is_who_it_says(received, header)) return refuse("");
  if (from < 1 || from >= self_.processes) {
    return refuse("there is no process " + std::to_string(from) + " in a run of " +
                  std::to_string(self_.processes));
  }
  std::string& joined = joined_[static_cast<std::size_t>(from)];
  if (!joined.empty()) {
    return refuse(called(from) + " is already here; every process needs a number of its own");
  }
  joined = received.caller;
  ByteView body = view_of(received.payload);
  const std::string where = take_part(body);
  {
    const std::lock_guard lock(addresses_mutex_);
    addresses_[static_cast<std::size_t>(from)] = where;
  }
  return meeting.objection(from, body);
}

/// Tells all who joined that there will be no run.
void ZmqLink::refuse_all(const std::string& why) {
  on_join_ = nullptr;
  Bytes words;
  append_part(words, why);
  for (const std::string& caller : joined_) {
    if (!caller.empty()) reply(caller, Header::Type::kRefusal, words);
  }
  inbox_.set(zmq::sockopt::linger, kLastWords_ms);
}

/// The others: join process 0 and wait for its answer.
Bytes ZmqLink::attend(const Meeting& meeting, Listener& listener) {
  const double deadline_s = now_s() + meeting.timeout_s;
  {
    const std::lock_guard lock(addresses_mutex_);
    addresses_[0] = self_.rendezvous;
  }
  dial(0, 0, self_.rendezvous);
  Bytes body;
  append_part(body, here_);
  body.insert(body.end(), meeting.hello.begin(), meeting.hello.end());
  Channel& first = peer(0).channels[0];
  send_frame(first.socket, frame_of(Header::Type::kJoin, 0, 0, std::move(body)));

  Bytes welcome;
  bool gave_up = false;
  while (welcome.empty()) {
    // Who started first waits no longer than others, and only process 0 knows for whom.
    if (now_s() > deadline_s && first.connected && !std::exchange(gave_up, true)) {
      send_frame(first.socket, frame_of(Header::Type::kRefusal, 0, 0, {}));
    }
    if (now_s() > deadline_s + (gave_up ? kVerdict_s : 0)) {
      throw PeerError(called(0) + " did not answer within " + duration_text(meeting.timeout_s) +
                      "; see communication.start_timeout_s");
    }
    if (!refused_by_.empty()) {
      throw PeerError(refused_by_ + " does not let this process in: it is of another run, or has " +
                      (self_.keys ? "other keys" : "another name, number of nodes or of rounds"));
    }
    step(listener, meeting, kJoinPoll_s);
    zmq::message_t header_bytes, payload;
    if (!first.socket.recv(header_bytes, zmq::recv_flags::dontwait)) continue;
    if (!header_bytes.more() || !first.socket.recv(payload, zmq::recv_flags::dontwait)) continue;
    Rejection reason{};
    const auto header = read_header(view_of(header_bytes), reason);
    if (!header || !checksum_holds(*header, view_of(header_bytes), payload_hash(view_of(payload))))
      continue;
    ByteView answer = view_of(payload);
    if (header->type == Header::Type::kRefusal) {
      throw PeerError(called(0) + " ended the run before it began: " + take_part(answer));
    }
    if (header->type != Header::Type::kWelcome) continue;
    {
      const std::lock_guard lock(addresses_mutex_);
      for (std::string& where : addresses_) where = take_part(answer);
    }
    welcome.assign(answer.begin(), answer.end());
  }
  if (welcome.size() < sizeof run_) throw PeerError(called(0) + " sent half a welcome");
  std::memcpy(run_.data(), welcome.data(), sizeof run_);
  listener.welcomed(welcome);
  for (int other = 0; other < self_.processes; ++other) {
    if (other == self_.process) continue;
    for (std::size_t c = 0; c < kChannels; ++c) {
      if (!peer(other).channels[c].open) dial(other, c, address(other));
    }
  }
  connect_to_all(listener, meeting, deadline_s);
  return welcome;
}

/// Says hello on every connection, and waits for everybody's.
void ZmqLink::connect_to_all(Listener& listener, const Meeting& meeting, double deadline_s) {
  for (int other = 0; other < self_.processes; ++other) {
    if (other == self_.process) continue;
    for (std::size_t c = 0; c < kChannels; ++c) {
      send_frame(peer(other).channels[c].socket,
                 frame_of(Header::Type::kHello, other, static_cast<std::uint16_t>(c), {}));
    }
  }
  const auto early = std::move(early_);
  for (const auto& [received, header] : early) hear_hello(received, header, listener);
  for (;;) {
    std::vector<std::string> silent;
    for (int other = 0; other < self_.processes; ++other) {
      if (other == self_.process || peer(other).all_heard() || peer(other).has_gone()) continue;
      silent.push_back(called(other));
    }
    if (silent.empty()) break;
    if (now_s() > deadline_s) {
      throw PeerError(kith::join(silent) + " could not connect to this process at " + here_ +
                      " within " + duration_text(meeting.timeout_s) + "; is a firewall between?");
    }
    step(listener, meeting, kJoinPoll_s);
  }
  all_here_ = true;
  for (int other = 0; other < self_.processes; ++other) {
    if (peer(other).broke_s) listener.lost(other, "its connection was closed");
  }
}

void ZmqLink::step(Listener& listener, const Meeting& meeting, double limit_s) {
  poll(listener, limit_s);
  if (const int signal = meeting.pending_signal(); signal != 0) {
    throw Error(static_cast<ExitCode>(128 + signal), "stopped by a signal");
  }
}

ZmqLink::Frame ZmqLink::frame_of(Header::Type type, int to, std::uint16_t kind, Bytes body) const {
  Header header;
  header.type = type;
  header.run = run_;
  header.sender = self_.process;
  header.receiver = to;
  header.kind = kind;
  header.chunk = 1;
  header.body_bytes = body.size();
  const auto keep = std::make_shared<const Bytes>(std::move(body));
  return {write_header(header, payload_hash(*keep)), *keep, keep};
}

void ZmqLink::reply(const std::string& caller, Header::Type type, const Bytes& body) {
  zmq::message_t to(caller.data(), caller.size());
  inbox_.send(to, zmq::send_flags::sndmore | zmq::send_flags::dontwait);
  send_frame(inbox_, frame_of(type, 0, 0, body));
}

// --- who may connect -----------------------------------------------------------------------------

/// libzmq's question about a connection (ZAP, RFC 27): version, request, domain, address, identity,
/// mechanism, then user and password, or the public key.
void ZmqLink::answer_handshakes() {
  while (answer_handshake()) {
  }
}

/// Whether there was one.
bool ZmqLink::answer_handshake() {
  std::vector<zmq::message_t> request;
  do {
    request.emplace_back();
    if (!arbiter_.recv(request.back(), zmq::recv_flags::dontwait)) return false;
  } while (request.back().more());
  const std::string user = user_of(request);
  const std::string answer[] = {
      "1.0", request.size() > 1 ? text_of(request[1]) : "", user.empty() ? "400" : "200", "", user,
      ""};
  for (std::size_t i = 0; i < std::size(answer); ++i) {
    zmq::message_t part(answer[i].data(), answer[i].size());
    arbiter_.send(part,
                  i + 1 < std::size(answer) ? zmq::send_flags::sndmore : zmq::send_flags::none);
  }
  return true;
}

/// The number of the process that a handshake proves, as text; "" for a stranger.
std::string ZmqLink::user_of(const std::vector<zmq::message_t>& request) const {
  constexpr std::size_t kPlain = 8, kCurve = 7, kKeyBytes = 32;
  if (all_here_) return "";
  const std::string mechanism = request.size() > 5 ? text_of(request[5]) : "";
  if (self_.keys) {
    if (mechanism != "CURVE" || request.size() != kCurve || request[6].size() != kKeyBytes)
      return "";
    char key[41];
    zmq_z85_encode(key, static_cast<const std::uint8_t*>(request[6].data()), kKeyBytes);
    const auto& known = self_.keys->public_keys;
    const auto found = std::ranges::find(known, std::string(key));
    return found == known.end() ? "" : std::to_string(found - known.begin());
  }
  if (mechanism != "PLAIN" || request.size() != kPlain || text_of(request[7]) != password_)
    return "";
  return text_of(request[6]);
}

/// Whether a message is signed by the process whose connection it came over.
bool ZmqLink::is_who_it_says(const Received& received, const Header& header) const {
  const char* user = zmq_msg_gets(received.header.handle(), "User-Id");
  return user && std::to_string(header.sender) == user;
}

// --- receiving -----------------------------------------------------------------------------------

void ZmqLink::poll(Listener& listener, double limit_s) {
  // Asking all sockets costs more than a letter: while letters come, only now and then.
  constexpr int kDrains = 64;
  if (drain(listener) && ++drains_ < kDrains) return;
  const bool busy = std::exchange(drains_, 0) > 0;

  // Not by zmq::poll, which asks every socket by several system calls. A descriptor wakes up when a
  // socket has something new to look at, and sleeps when the socket has been looked through: so
  // each is read to its end, and after a while of nothing all of them are.
  waiting_.clear();
  const auto wait_for = [this](int descriptor) { waiting_.push_back({descriptor, POLLIN, 0}); };
  wait_for(inbox_.get(zmq::sockopt::fd));
  wait_for(arbiter_.get(zmq::sockopt::fd));
  wait_for(wake_);
  wait_for(inbox_monitor_.get(zmq::sockopt::fd));
  for (Peer& peer : peers_) {
    for (Channel& channel : peer.channels) {
      if (channel.open) wait_for(channel.monitor.get(zmq::sockopt::fd));
    }
  }
  const int limit_ms = busy ? 0 : static_cast<int>(limit_s * 1000);
  const int awake = ::poll(waiting_.data(), waiting_.size(), limit_ms);
  if (awake < 0) return;  // by a signal
  const auto is_awake = [&](const pollfd& one) { return awake == 0 || one.revents != 0; };
  if (waiting_[2].revents) {
    std::uint64_t count;
    [[maybe_unused]] const auto read = ::read(wake_, &count, sizeof count);
  }
  if (is_awake(waiting_[1])) answer_handshakes();
  // What was sent before a connection broke still counts: first the letters, then the losses.
  if (is_awake(waiting_[0])) drain(listener);
  if (std::any_of(waiting_.begin() + 3, waiting_.end(), is_awake)) read_monitors(listener);
}

/// Hands on what has come. Whether there was anything.
bool ZmqLink::drain(Listener& listener) {
  constexpr int kMostAtOnce = 64;
  Received received;
  int count = 0;
  while (count < kMostAtOnce && receive(received, listener)) {
    handle(received, listener);
    ++count;
  }
  return count > 0;
}

/// One message of three parts, if there is one. Others are counted and dropped.
bool ZmqLink::receive(Received& received, Listener& listener) {
  for (;;) {
    zmq::message_t caller;
    if (!inbox_.recv(caller, zmq::recv_flags::dontwait)) return false;
    std::size_t parts = 1;
    zmq::message_t* const places[] = {&received.header, &received.payload};
    bool more = caller.more();
    while (more) {
      zmq::message_t surplus;
      zmq::message_t& part = parts <= 2 ? *places[parts - 1] : surplus;
      if (!inbox_.recv(part, zmq::recv_flags::dontwait)) return false;
      more = part.more();
      ++parts;
    }
    received.caller = text_of(caller);
    if (parts == 3) return true;
    const auto known = callers_.find(received.caller);
    listener.rejected(known == callers_.end() ? -1 : known->second.process, Rejection::kLength);
  }
}

void ZmqLink::handle(Received& received, Listener& listener) {
  const auto known = callers_.find(received.caller);
  const int from = known == callers_.end() ? -1 : known->second.process;
  Rejection reason{};
  const std::optional<Header> header = read_header(view_of(received.header), reason);
  if (!header) return listener.rejected(from, reason);
  if (from < 0) return handle_stranger(received, *header, listener);
  if (header->payload_bytes() != received.payload.size()) {
    return listener.rejected(from, Rejection::kLength);
  }
  std::byte* const place = listener.arriving(from, *header);
  if (!place) return;
  const std::uint64_t hash = kernels::copy_and_hash(view_of(received.payload), place);
  listener.arrived(from, *header, view_of(received.header), hash);
}

void ZmqLink::handle_stranger(const Received& received, const Header& header, Listener& listener) {
  if (header.payload_bytes() != received.payload.size()) {
    return listener.rejected(-1, Rejection::kLength);
  }
  if (!checksum_holds(header, view_of(received.header), payload_hash(view_of(received.payload)))) {
    return listener.rejected(-1, Rejection::kChecksum);
  }
  const bool is_about_joining =
      header.type == Header::Type::kJoin || header.type == Header::Type::kRefusal;
  if (is_about_joining && on_join_) return on_join_(received, header);
  if (header.type != Header::Type::kHello) return listener.rejected(-1, Rejection::kStranger);
  if (run_ == RunId{} && may_say_hello(received, header)) {
    const auto same = [&](const auto& early) {
      return early.second.sender == header.sender && early.second.kind == header.kind;
    };
    if (std::ranges::count_if(early_, same) >= kMostEarly) {
      return listener.rejected(-1, Rejection::kSender);
    }
    Received copy;
    copy.caller = received.caller;
    copy.header.copy(const_cast<zmq::message_t&>(received.header));
    early_.emplace_back(std::move(copy), header);
    return;
  }
  hear_hello(received, header, listener);
}

/// Whether a hello comes from a process of this run, on a connection that has not had its hello.
bool ZmqLink::may_say_hello(const Received& received, const Header& header) {
  const int from = header.sender;
  return from >= 0 && from < self_.processes && from != self_.process && header.kind < kChannels &&
         is_who_it_says(received, header) && !peer(from).heard[header.kind];
}

void ZmqLink::hear_hello(const Received& received, const Header& header, Listener& listener) {
  const int from = header.sender;
  if (header.run != run_) return listener.rejected(-1, Rejection::kRun);
  if (!may_say_hello(received, header)) return listener.rejected(-1, Rejection::kSender);
  peer(from).heard[header.kind] = true;
  callers_[received.caller] = {from, header.kind};
}

void ZmqLink::read_monitors(Listener& listener) {
  read_events(inbox_monitor_, [&](int event, int) {
    if (event == ZMQ_EVENT_ACCEPTED) {
      door_.entered();
    } else if (event == ZMQ_EVENT_DISCONNECTED) {
      door_.left();
    } else {
      listener.rejected(-1, Rejection::kStranger);
    }
  });
  for (int other = 0; other < self_.processes; ++other) {
    for (Channel& channel : peer(other).channels) {
      if (!channel.open) continue;
      read_events(channel.monitor,
                  [&](int event, int) { hear_of_connection(other, channel, event, listener); });
    }
  }
}

void ZmqLink::hear_of_connection(int other, Channel& channel, int event, Listener& listener) {
  if (event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED) {
    channel.connected = true;
  } else if (event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH) {
    refused_by_ = called(other);
  } else if (channel.connected) {
    if (!peer(other).broke_s) peer(other).broke_s = now_s();
    if (all_here_) listener.lost(other, "its connection was closed");
  }
}

/// Calls `act(event, value)` for all that a monitor has to tell.
template <class F>
void ZmqLink::read_events(zmq::socket_t& monitor, const F& act) {
  zmq::message_t event, where;
  while (monitor.recv(event, zmq::recv_flags::dontwait)) {
    if (event.more() && !monitor.recv(where, zmq::recv_flags::dontwait)) return;
    std::uint16_t number = 0;
    std::int32_t value = 0;
    if (event.size() != sizeof number + sizeof value) continue;
    std::memcpy(&number, event.data(), sizeof number);
    std::memcpy(&value, event.data<char>() + sizeof number, sizeof value);
    act(number, value);
  }
}

// --- sending -------------------------------------------------------------------------------------

zmq::message_t ZmqLink::message_of(const Frame& frame) {
  if (frame.payload.size() <= kSmall) {
    return zmq::message_t(frame.payload.data(), frame.payload.size());
  }
  auto* keep = new std::shared_ptr<const void>(frame.keep);
  const auto let_go = [](void*, void* hint) {
    delete static_cast<std::shared_ptr<const void>*>(hint);
  };
  return zmq::message_t(const_cast<std::byte*>(frame.payload.data()), frame.payload.size(), let_go,
                        keep);
}

void ZmqLink::send_frame(zmq::socket_t& socket, const Frame& frame) {
  // As ZMTP frames them: flags and a length of one byte, or of eight.
  const std::size_t overhead = 2 + (frame.payload.size() > 255 ? 9 : 2);
  wire_bytes_ += kHeaderBytes + frame.payload.size() + overhead;
  zmq::message_t header(frame.header.data(), frame.header.size());
  zmq::message_t payload = message_of(frame);
  socket.send(header, zmq::send_flags::sndmore | zmq::send_flags::dontwait);
  socket.send(payload, zmq::send_flags::dontwait);
}

void ZmqLink::send(int to, std::vector<Frame> frames, bool urgent) {
  Channel& channel = peer(to).channels[urgent ? 0 : 1];
  const std::lock_guard lock(channel.mutex);
  if (!channel.open) return;
  for (const Frame& frame : frames) send_frame(channel.socket, frame);
}

void ZmqLink::wake() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_, &one, sizeof one);
}

void ZmqLink::close(double linger_s) {
  if (std::exchange(closed_, true)) return;
  for (Peer& peer : peers_) {
    for (Channel& channel : peer.channels) {
      const std::lock_guard lock(channel.mutex);
      if (!channel.socket) continue;
      channel.open = false;
      zmq_socket_monitor(channel.socket.handle(), nullptr, 0);
      channel.monitor.close();
      const bool is_urgent = &channel == &peer.channels[0];
      channel.socket.set(zmq::sockopt::linger, is_urgent ? static_cast<int>(linger_s * 1000) : 0);
      channel.socket.close();
    }
  }
  if (inbox_) zmq_socket_monitor(inbox_.handle(), nullptr, 0);
  inbox_monitor_.close();
  inbox_.close();
  arbiter_.close();
  context_.close();
}

}  // namespace

std::unique_ptr<Link> make_zmq_link(ZmqSettings settings) {
  return std::make_unique<ZmqLink>(std::move(settings));
}

std::pair<std::string, std::string> new_curve_keys() {
  char public_key[41], secret_key[41];
  if (zmq_curve_keypair(public_key, secret_key) != 0) {
    throw ResourceError("this libzmq was built without CURVE");
  }
  return {secret_key, public_key};
}

std::string public_curve_key(const std::string& secret) {
  char key[41];
  if (zmq_curve_public(key, secret.c_str()) != 0) {
    throw ResourceError("this libzmq was built without CURVE");
  }
  return key;
}

}  // namespace kith
