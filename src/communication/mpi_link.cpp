#include "communication/mpi_link.h"

#define OMPI_SKIP_MPICXX 1
#define MPICH_SKIP_MPICXX 1
#include <mpi.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <deque>
#include <mutex>
#include <utility>

#include "communication/mpi_library.h"
#include "core/clock.h"
#include "core/error.h"
#include "core/scheduling.h"
#include "core/text.h"

namespace kith {
namespace {

enum Tag : int { kHeaderTag = 1, kPayloadTag = 2, kLeaveTag = 3 };

// Frames with MPI at a time, for each peer: enough to keep it busy, few enough that an urgent one
// never waits behind a model.
constexpr std::size_t kInFlight = 4;

// MPI tells nobody when something comes: one has to ask. Cores are for training, so after the last
// traffic the link's thread asks without pause for a moment only, then ever less often: it sleeps
// an eighth of the time since then, up to a bound, so a frame is late by an eighth at most. It
// never yields instead: beside a thread that computes, Linux gives that one a whole tick (up to 4
// ms).
constexpr double kHot_s = 100e-6;
constexpr double kPatience = 0.125;
constexpr double kLongestSleep_s = 1e-3;

constexpr double kSlice_s = 100e-6;  // of a core, at a time
constexpr double kJoinPoll_s = 0.05;
constexpr double kRefusal_s = 1;
constexpr double kGrace_s = 2;     // process 0 knows who is missing: its word comes first
constexpr double kGoodbye_s = 10;  // who said goodbye leaves, but a loaded machine takes its time
constexpr double kFinalize_s = 10;
constexpr std::size_t kMostMeetingBytes = std::size_t{1} << 28;

using Host = std::array<char, 64>;

std::string text_of(int error) {
  std::array<char, MPI_MAX_ERROR_STRING> text{};
  int length = 0;
  MPI_Error_string(error, text.data(), &length);
  return std::string(text.data(), static_cast<std::size_t>(length));
}

void require(int error) {
  if (error != MPI_SUCCESS) throw PeerError("MPI failed: " + text_of(error));
}

Bytes bytes_of(const std::string& text) {
  const auto bytes = std::as_bytes(std::span(text));
  return Bytes(bytes.begin(), bytes.end());
}

/// A sleep of this thread ends when it should, also beside threads that compute.
void sleep_lightly() {
  ask_for_slices(kSlice_s);
  prctl(PR_SET_TIMERSLACK, 1000UL);  // ns
}

/// Whom nothing interests any more.
class Nobody final : public Link::Listener {
 public:
  void welcomed(ByteView) override {}
  std::byte* arriving(int, const Header&) override { return nullptr; }
  void arrived(int, const Header&, ByteView, std::uint64_t) override {}
  void rejected(int, Rejection) override {}
  void lost(int, const std::string&) override {}
};

/// Puts together what one process says while they meet.
class Ear final : public Link::Listener {
 public:
  bool is_complete() const { return complete_; }
  Header::Type type() const { return type_; }
  const Bytes& words() const { return words_; }

  void welcomed(ByteView) override {}
  std::byte* arriving(int, const Header& header) override {
    static std::byte nothing{};
    if (header.chunk == 0 || header.body_bytes > kMostMeetingBytes) return nullptr;
    words_.resize(header.body_bytes);
    const std::size_t offset = std::size_t{header.chunk - 1} * Header::kChunkBytes;
    return words_.empty() ? &nothing : words_.data() + offset;
  }
  void arrived(int from, const Header& header, ByteView bytes, std::uint64_t hash) override {
    if (!checksum_holds(header, bytes, hash)) return rejected(from, Rejection::kChecksum);
    type_ = header.type;
    complete_ = header.chunk == header.chunks();
  }
  void rejected(int from, Rejection reason) override {
    throw PeerError("process " + std::to_string(from) + " sent what no kith sends (" +
                    name_of(reason) + ")");
  }
  void lost(int process, const std::string& why) override {
    throw PeerError("process " + std::to_string(process) + " was lost: " + why);
  }

 private:
  Bytes words_;
  Header::Type type_{};
  bool complete_ = false;
};

class MpiLink final : public Link {
 public:
  MpiLink(int process, int processes)
      : process_(process),
        peers_(static_cast<std::size_t>(processes)),
        alarm_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (alarm_ < 0) throw ResourceError("too many open files; raise the limit (ulimit -n)");
  }

  ~MpiLink() override {
    close(0);
    ::close(alarm_);
  }

  int process() const override { return process_; }
  int processes() const override { return static_cast<int>(peers_.size()); }
  std::string address(int process) const override { return peer(process).host.data(); }
  std::uint64_t wire_bytes() const override { return wire_bytes_; }

  Bytes join(const Meeting& meeting, Listener& listener) override;
  void send(int to, std::vector<Frame> frames, bool urgent) override;
  void poll(Listener& listener, double limit_s) override;
  void wake() override;
  void close(double linger_s) override;

 private:
  /// A frame that MPI has: it reads header and payload where they are.
  struct Sending {
    explicit Sending(Frame given) : frame(std::move(given)) {}

    Frame frame;
    std::array<MPI_Request, 2> requests{MPI_REQUEST_NULL, MPI_REQUEST_NULL};
  };

  /// Another process. All of it is the link's thread's.
  struct Peer {
    Host host{};
    bool is_broken = false;  // nothing more from it, nor to it

    std::deque<Frame> urgent, waiting;  // to be sent
    std::deque<Sending> sending;        // oldest first

    std::deque<HeaderBytes> headers;  // of frames that came while the one before was coming
    HeaderBytes bytes;                // of the frame that is coming, and the same read:
    Header header;
    std::byte* place = nullptr;
    MPI_Request payload = MPI_REQUEST_NULL;

    bool said_goodbye = false;
    bool has_left = false;
    std::array<MPI_Request, 2> leaving{MPI_REQUEST_NULL, MPI_REQUEST_NULL};  // ours, its
    bool is_left = false;                                                    // ours was begun
  };

  struct Outgoing {
    int to;
    bool urgent;
    std::vector<Frame> frames;
  };

  Peer& peer(int process) { return peers_[static_cast<std::size_t>(process)]; }
  const Peer& peer(int process) const { return peers_[static_cast<std::size_t>(process)]; }
  template <class F>
  void for_others(const F& f) {
    for (int other = 0; other < processes(); ++other) {
      if (other != process_) f(other, peer(other));
    }
  }

  void begin(const Meeting& meeting, double deadline_s);
  Bytes preside(const Meeting& meeting, double deadline_s);
  Bytes attend(const Meeting& meeting, double deadline_s);
  [[noreturn]] void dismiss(const Error& error);
  void tell(int to, Header::Type type, const Bytes& words);
  void look_up(const Meeting& meeting);

  bool exchange(Listener& listener);
  void take_outgoing();
  bool push(int to, Listener& listener);
  void start(int to, const Frame& frame, Listener& listener);
  bool take_headers(Listener& listener);
  bool advance(int from, Listener& listener);
  void begin_frame(int from, Listener& listener);
  bool finish_frame(int from, Listener& listener);
  bool holds(int process, int error, Listener& listener);
  void reject(int from, Rejection reason, Listener& listener);
  void pause(double end_s);
  bool leave(double linger_s);
  bool have_all_left(Listener& listener);

  const int process_;
  std::vector<Peer> peers_;  // by process
  MpiLibrary library_;
  bool is_open_ = false;
  double moved_s_ = 0;              // when something last came or went
  std::vector<std::byte> nowhere_;  // where payloads go that nobody wants

  const int alarm_;  // an eventfd: ends a sleep
  std::atomic<bool> asleep_{false};
  std::atomic<bool> woken_{false};
  std::atomic<bool> has_outgoing_{false};
  std::mutex mutex_;
  std::vector<Outgoing> outgoing_;

  std::atomic<std::uint64_t> wire_bytes_{0};
};

// --- meeting -------------------------------------------------------------------------------------

Bytes MpiLink::join(const Meeting& meeting, Listener& listener) {
  const double deadline_s = now_s() + meeting.timeout_s;
  begin(meeting, deadline_s);
  Bytes welcome = process_ == 0 ? preside(meeting, deadline_s) : attend(meeting, deadline_s);
  listener.welcomed(welcome);
  return welcome;
}

/// Starts MPI, and looks whether it started what was meant.
void MpiLink::begin(const Meeting& meeting, double deadline_s) {
  while (!library_.begin(kJoinPoll_s)) {
    look_up(meeting);
    if (now_s() > deadline_s) {
      throw PeerError("not all of the " + std::to_string(processes()) +
                      " processes came to MPI_Init within " + duration_text(meeting.timeout_s) +
                      "; see communication.start_timeout_s");
    }
  }
  sleep_lightly();
  is_open_ = true;
  require(MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN));
  int rank = 0, size = 0;
  require(MPI_Comm_rank(MPI_COMM_WORLD, &rank));
  require(MPI_Comm_size(MPI_COMM_WORLD, &size));
  if (size != processes() || rank != process_) {
    throw ConfigError("this is process " + std::to_string(process_) + " of " +
                      std::to_string(processes()) + ", and MPI says " + std::to_string(rank) +
                      " of " + std::to_string(size) +
                      "; start all with one mpirun, or with srun --mpi=pmix");
  }
  std::array<char, MPI_MAX_PROCESSOR_NAME> name{};
  int length = 0;
  require(MPI_Get_processor_name(name.data(), &length));
  Host& host = peer(process_).host;
  std::copy_n(name.begin(), host.size() - 1, host.begin());
}

/// Process 0: waits for all, then tells everybody where everybody is.
Bytes MpiLink::preside(const Meeting& meeting, double deadline_s) {
  std::vector<Ear> ears(peers_.size());
  for (std::size_t missing = peers_.size() - 1; missing > 0;) {
    take_headers(ears.front());
    bool moved = false;
    for_others([&](int other, Peer& from) {
      Ear& ear = ears[static_cast<std::size_t>(other)];
      while (!ear.is_complete() && advance(other, ear)) moved = true;
      if (!ear.is_complete() || from.host[0] != 0) return;
      const ByteView words = ear.words();
      if (ear.type() != Header::Type::kJoin || words.size() < sizeof(Host)) {
        return ear.rejected(other, Rejection::kKind);
      }
      std::memcpy(from.host.data(), words.data(), sizeof(Host) - 1);
      const std::string objection = meeting.objection(other, words.subspan(sizeof(Host)));
      if (!objection.empty()) dismiss(ConfigError(objection));
      --missing;
    });
    if (moved) continue;
    look_up(meeting);
    if (now_s() > deadline_s) {
      std::vector<std::string> names;
      for_others([&](int other, const Peer& from) {
        if (from.host[0] == 0) names.push_back("process " + std::to_string(other));
      });
      dismiss(PeerError(kith::join(names) + " did not come within " +
                        duration_text(meeting.timeout_s) + "; see communication.start_timeout_s"));
    }
    pause(now_s() + kJoinPoll_s);
  }
  Bytes answer;
  for (const Peer& one : peers_) {
    const auto host = std::as_bytes(std::span(one.host));
    answer.insert(answer.end(), host.begin(), host.end());
  }
  answer.insert(answer.end(), meeting.welcome.begin(), meeting.welcome.end());
  for_others([&](int other, Peer&) { tell(other, Header::Type::kWelcome, answer); });
  return meeting.welcome;
}

/// The others: tell process 0 what they are, and wait for its answer. What comes from those who
/// have theirs already waits meanwhile.
Bytes MpiLink::attend(const Meeting& meeting, double deadline_s) {
  const auto host = std::as_bytes(std::span(peer(process_).host));
  Bytes hello(host.begin(), host.end());
  hello.insert(hello.end(), meeting.hello.begin(), meeting.hello.end());
  tell(0, Header::Type::kJoin, hello);
  Ear ear;
  while (!ear.is_complete()) {
    take_outgoing();
    push(0, ear);
    take_headers(ear);
    if (advance(0, ear)) continue;
    look_up(meeting);
    if (now_s() > deadline_s + kGrace_s) {
      throw PeerError("process 0 did not answer within " + duration_text(meeting.timeout_s) +
                      "; see communication.start_timeout_s");
    }
    pause(now_s() + kJoinPoll_s);
  }
  ByteView words = ear.words();
  if (ear.type() == Header::Type::kRefusal) {
    close(kRefusal_s);
    throw PeerError("process 0 ended the run before it began: " +
                    std::string(reinterpret_cast<const char*>(words.data()), words.size()));
  }
  const std::size_t names = peers_.size() * sizeof(Host);
  if (ear.type() != Header::Type::kWelcome || words.size() < names + sizeof(RunId)) {
    ear.rejected(0, Rejection::kKind);
  }
  for (Peer& one : peers_) {
    std::memcpy(one.host.data(), words.data(), sizeof(Host) - 1);
    words = words.subspan(sizeof(Host));
  }
  return Bytes(words.begin(), words.end());
}

/// Tells all why the run does not begin, and ends this process's part in it.
void MpiLink::dismiss(const Error& error) {
  for_others(
      [&](int other, Peer&) { tell(other, Header::Type::kRefusal, bytes_of(error.what())); });
  close(kRefusal_s);
  throw error;
}

void MpiLink::tell(int to, Header::Type type, const Bytes& words) {
  const auto body = std::make_shared<const Bytes>(words);
  std::vector<Frame> frames;
  Header header;
  header.type = type;
  header.sender = process_;
  header.receiver = to;
  header.body_bytes = body->size();
  for (header.chunk = 1; header.chunk <= header.chunks(); ++header.chunk) {
    const std::size_t offset = std::size_t{header.chunk - 1} * Header::kChunkBytes;
    const ByteView payload = ByteView(*body).subspan(offset, header.payload_bytes());
    frames.push_back({write_header(header, payload_hash(payload)), payload, body});
  }
  send(to, std::move(frames), /*urgent=*/false);
}

void MpiLink::look_up(const Meeting& meeting) {
  if (const int signal = meeting.pending_signal(); signal != 0) {
    throw Error(static_cast<ExitCode>(128 + signal), "stopped by a signal");
  }
}

// --- sending -------------------------------------------------------------------------------------

void MpiLink::send(int to, std::vector<Frame> frames, bool urgent) {
  {
    const std::lock_guard lock(mutex_);
    outgoing_.push_back({to, urgent, std::move(frames)});
    has_outgoing_ = true;
  }
  if (asleep_.exchange(false)) eventfd_write(alarm_, 1);
}

void MpiLink::wake() {
  woken_ = true;
  if (asleep_.exchange(false)) eventfd_write(alarm_, 1);
}

void MpiLink::take_outgoing() {
  if (!has_outgoing_) return;
  std::vector<Outgoing> taken;
  {
    const std::lock_guard lock(mutex_);
    taken.swap(outgoing_);
    has_outgoing_ = false;
  }
  for (Outgoing& one : taken) {
    Peer& to = peer(one.to);
    if (to.is_broken) continue;
    std::ranges::move(one.frames, std::back_inserter(one.urgent ? to.urgent : to.waiting));
  }
}

/// Gives MPI what it may have for a peer. Whether something went.
bool MpiLink::push(int to, Listener& listener) {
  Peer& peer = this->peer(to);
  bool moved = false;
  while (!peer.sending.empty()) {
    int done = 0;
    auto& requests = peer.sending.front().requests;
    const int error = MPI_Testall(2, requests.data(), &done, MPI_STATUSES_IGNORE);
    if (!holds(to, error, listener) || !done) break;
    peer.sending.pop_front();
    moved = true;
  }
  // Not until nothing is left: what others send must not wait for it.
  for (std::size_t started = 0; started < kInFlight; ++started) {
    const bool is_urgent = !peer.urgent.empty();
    std::deque<Frame>& next = is_urgent ? peer.urgent : peer.waiting;
    if (next.empty() || (!is_urgent && peer.sending.size() >= kInFlight)) break;
    const Frame frame = std::move(next.front());
    next.pop_front();
    start(to, frame, listener);
    moved = true;
  }
  return moved;
}

void MpiLink::start(int to, const Frame& frame, Listener& listener) {
  Sending& sending = peer(to).sending.emplace_back(frame);
  const HeaderBytes& header = sending.frame.header;
  const ByteView payload = sending.frame.payload;
  wire_bytes_ += header.size() + payload.size();
  int error = MPI_Isend(header.data(), static_cast<int>(header.size()), MPI_BYTE, to, kHeaderTag,
                        MPI_COMM_WORLD, &sending.requests[0]);
  if (!holds(to, error, listener) || payload.empty()) return;
  error = MPI_Isend(payload.data(), static_cast<int>(payload.size()), MPI_BYTE, to, kPayloadTag,
                    MPI_COMM_WORLD, &sending.requests[1]);
  holds(to, error, listener);
}

/// Whether MPI could do what it was asked to. If not, the peer is lost.
bool MpiLink::holds(int process, int error, Listener& listener) {
  if (error == MPI_SUCCESS) return true;
  Peer& broken = peer(process);
  broken.is_broken = true;
  broken.urgent.clear();
  broken.waiting.clear();
  listener.lost(process, "MPI: " + text_of(error));
  return false;
}

// --- receiving -----------------------------------------------------------------------------------

void MpiLink::poll(Listener& listener, double limit_s) {
  const double end_s = now_s() + limit_s;
  while (!exchange(listener) && !woken_.exchange(false) && now_s() < end_s) pause(end_s);
}

/// Sends and receives what can be. Whether a listener was told something.
bool MpiLink::exchange(Listener& listener) {
  take_outgoing();
  bool sent = false, told = false;
  for_others([&](int other, Peer&) { sent |= push(other, listener); });
  const bool found = take_headers(listener);
  for_others([&](int other, Peer&) {
    while (advance(other, listener)) told = true;
  });
  if (sent || found || told) moved_s_ = now_s();
  return told;
}

/// Takes the headers that came: MPI matches those of one process in their order.
bool MpiLink::take_headers(Listener& listener) {
  bool moved = false;
  for (;;) {
    int found = 0;
    MPI_Message message;
    MPI_Status status;
    require(MPI_Improbe(MPI_ANY_SOURCE, kHeaderTag, MPI_COMM_WORLD, &found, &message, &status));
    if (!found) return moved;
    moved = true;
    int size = 0;
    MPI_Get_count(&status, MPI_BYTE, &size);
    HeaderBytes bytes;
    const int error = MPI_Mrecv(bytes.data(), static_cast<int>(bytes.size()), MPI_BYTE, &message,
                                MPI_STATUS_IGNORE);
    const int from = status.MPI_SOURCE;
    if (peer(from).is_broken) continue;
    if (size != static_cast<int>(bytes.size())) {
      reject(from, Rejection::kLength, listener);
    } else if (holds(from, error, listener)) {
      peer(from).headers.push_back(bytes);
    }
  }
}

/// One step in what comes from a peer, frame by frame. Whether there was one.
bool MpiLink::advance(int from, Listener& listener) {
  Peer& peer = this->peer(from);
  if (peer.is_broken) return false;
  if (peer.payload != MPI_REQUEST_NULL) return finish_frame(from, listener);
  if (peer.headers.empty()) return false;
  peer.bytes = peer.headers.front();
  peer.headers.pop_front();
  begin_frame(from, listener);
  return true;
}

void MpiLink::begin_frame(int from, Listener& listener) {
  Peer& peer = this->peer(from);
  Rejection reason{};
  const std::optional<Header> header = read_header(peer.bytes, reason);
  if (!header) return reject(from, reason, listener);
  if (header->payload_bytes() > Header::kChunkBytes) {
    return reject(from, Rejection::kLength, listener);
  }
  peer.header = *header;
  peer.said_goodbye |= header->type == Header::Type::kGoodbye;
  peer.place = listener.arriving(from, *header);
  const std::size_t size = header->payload_bytes();
  if (size == 0) {
    if (peer.place) listener.arrived(from, *header, peer.bytes, payload_hash({}));
    return;
  }
  if (!peer.place) nowhere_.resize(Header::kChunkBytes);
  holds(from,
        MPI_Irecv(peer.place ? peer.place : nowhere_.data(), static_cast<int>(size), MPI_BYTE, from,
                  kPayloadTag, MPI_COMM_WORLD, &peer.payload),
        listener);
}

bool MpiLink::finish_frame(int from, Listener& listener) {
  Peer& peer = this->peer(from);
  int done = 0, size = 0;
  MPI_Status status;
  const int error = MPI_Test(&peer.payload, &done, &status);
  if (error == MPI_ERR_TRUNCATE) {
    reject(from, Rejection::kLength, listener);
    return true;
  }
  if (!holds(from, error, listener) || !done) return false;
  MPI_Get_count(&status, MPI_BYTE, &size);
  const std::size_t expected = peer.header.payload_bytes();
  if (static_cast<std::size_t>(size) != expected) {
    reject(from, Rejection::kLength, listener);
  } else if (peer.place) {
    listener.arrived(from, peer.header, peer.bytes, payload_hash({peer.place, expected}));
  }
  return true;
}

/// What comes from this peer makes no sense, nor can what follows it.
void MpiLink::reject(int from, Rejection reason, Listener& listener) {
  peer(from).is_broken = true;
  listener.rejected(from, reason);
}

/// Sleeps, unless something just moved. Ended by `send` and `wake`.
void MpiLink::pause(double end_s) {
  const double now = now_s();
  const double idle_s = now - moved_s_;
  const double sleep_s = std::min({kPatience * idle_s, kLongestSleep_s, end_s - now});
  if (idle_s < kHot_s || sleep_s <= 0) return;
  asleep_ = true;
  if (!has_outgoing_ && !woken_) {
    const timespec time{0, static_cast<long>(1e9 * sleep_s)};
    pollfd alarm{alarm_, POLLIN, 0};
    ppoll(&alarm, 1, &time, nullptr);
  }
  asleep_ = false;
  eventfd_t count = 0;
  eventfd_read(alarm_, &count);
}

// --- leaving -------------------------------------------------------------------------------------

void MpiLink::close(double linger_s) {
  if (!std::exchange(is_open_, false)) return;
  // MPI_Finalize waits for everybody: nobody calls it who does not know that all will. A process
  // that ends without makes mpirun end the others, which is right when they do not answer.
  if (leave(linger_s)) library_.end(kFinalize_s);
}

/// Sends what is left, tells all that this process leaves, and waits until they do. Whether they
/// did.
bool MpiLink::leave(double linger_s) {
  const double start_s = now_s();
  woken_ = false;  // from here on there is nobody to wake it for
  Nobody nobody;
  for_others([&](int other, Peer& peer) {
    holds(other,
          MPI_Irecv(nullptr, 0, MPI_BYTE, other, kLeaveTag, MPI_COMM_WORLD, &peer.leaving[1]),
          nobody);
  });
  for (;;) {
    exchange(nobody);
    if (have_all_left(nobody)) return true;
    bool are_leaving = true;
    for_others([&](int, const Peer& peer) {
      are_leaving = are_leaving && !peer.is_broken && (peer.has_left || peer.said_goodbye);
    });
    const double end_s = start_s + (are_leaving ? std::max(kGoodbye_s, linger_s) : linger_s);
    if (now_s() >= end_s) return false;
    pause(end_s);
  }
}

bool MpiLink::have_all_left(Listener& listener) {
  bool have_all = true;
  for_others([&](int other, Peer& peer) {
    if (!peer.is_left && peer.sending.empty() && peer.waiting.empty() && peer.urgent.empty()) {
      peer.is_left = true;
      holds(other,
            MPI_Isend(nullptr, 0, MPI_BYTE, other, kLeaveTag, MPI_COMM_WORLD, &peer.leaving[0]),
            listener);
    }
    int done = 0;
    if (!peer.has_left && peer.is_left && !peer.is_broken) {
      const int error = MPI_Testall(2, peer.leaving.data(), &done, MPI_STATUSES_IGNORE);
      peer.has_left = holds(other, error, listener) && done;
      if (peer.has_left) moved_s_ = now_s();
    }
    have_all = have_all && peer.has_left;
  });
  return have_all;
}

}  // namespace

std::unique_ptr<Link> make_mpi_link(int process, int processes) {
  return std::make_unique<MpiLink>(process, processes);
}

}  // namespace kith
