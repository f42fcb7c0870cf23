#include "communication/zmq_link.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <future>
#include <map>
#include <thread>
#include <zmq.hpp>

#include "communication/door.h"
#include "core/error.h"

namespace kith {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

using Type = Header::Type;

constexpr auto kPatience = std::chrono::seconds(60);  // far more than anything here takes
constexpr double kPoll_s = 600;  // more than that: what does not wake a link is not heard in time

Bytes text(const std::string& words) {
  const auto bytes = std::as_bytes(std::span(words));
  return Bytes(bytes.begin(), bytes.end());
}

Link::Frame frame_of(const Header& header, Bytes payload) {
  const auto keep = std::make_shared<const Bytes>(std::move(payload));
  return {write_header(header, payload_hash(*keep)), *keep, keep};
}

/// What a link tells.
class Ear final : public Link::Listener {
 public:
  struct Heard {
    int from;
    Header header;
    Bytes payload;
    bool intact;
  };

  void welcomed(ByteView welcome) override {
    const std::lock_guard lock(mutex_);
    welcome_ = Bytes(welcome.begin(), welcome.end());
  }
  std::byte* arriving(int, const Header& header) override {
    coming_.resize(header.payload_bytes() + 1);
    return coming_.data();
  }
  void arrived(int from, const Header& header, ByteView bytes, std::uint64_t hash) override {
    coming_.pop_back();
    const std::lock_guard lock(mutex_);
    heard_.push_back({from, header, std::move(coming_), checksum_holds(header, bytes, hash)});
    changed_.notify_all();
  }
  void rejected(int from, Rejection reason) override {
    const std::lock_guard lock(mutex_);
    ++rejected_[{from, name_of(reason)}];
    changed_.notify_all();
  }
  void lost(int process, const std::string& why) override {
    const std::lock_guard lock(mutex_);
    lost_[process] = why;
    changed_.notify_all();
  }

  /// Until that many frames came.
  void wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, kPatience, [&] { return heard_.size() >= count; }));
  }
  std::vector<Heard> heard(std::size_t count) {
    wait_for(count);
    const std::lock_guard lock(mutex_);
    return heard_;
  }
  std::string lost_of(int process) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, kPatience, [&] { return lost_.contains(process); }));
    return lost_[process];
  }
  /// Until that many were rejected.
  std::uint64_t rejected_of(int from, const std::string& reason, std::uint64_t count = 1) {
    std::unique_lock lock(mutex_);
    const std::pair key{from, reason};
    EXPECT_TRUE(changed_.wait_for(lock, kPatience, [&] { return rejected_[key] >= count; }))
        << reason;
    return rejected_[key];
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  Bytes welcome_, coming_;
  std::vector<Heard> heard_;
  std::map<std::pair<int, std::string>, std::uint64_t> rejected_;
  std::map<int, std::string> lost_;
};

/// One process of a run: a link, and the thread that it has to itself.
struct Process {
  explicit Process(ZmqSettings settings) : link(make_zmq_link(std::move(settings))) {}
  ~Process() { leave(); }

  void enter(Link::Meeting meeting) {
    meeting.pending_signal = [this] { return signal.load(); };
    thread = std::thread([this, meeting] {
      try {
        const Bytes welcome = link->join(meeting, ear);
        joined.set_value(
            std::string(reinterpret_cast<const char*>(welcome.data()), welcome.size()));
      } catch (const Error& error) {
        joined.set_value(std::to_string(static_cast<int>(error.code())) + ": " + error.what());
        closed = true;
      }
      while (!closed) {
        if (held) {
          rests = true;
          rests.notify_all();
          held.wait(true);
        } else {
          link->poll(ear, kPoll_s);
        }
      }
      link->close(1);
    });
  }

  /// From now on its thread does nothing, until `held` is over.
  void hold() {
    held = true;
    link->wake();
    rests.wait(false);
  }

  void leave() {
    closed = true;
    held = false;
    held.notify_all();
    if (!thread.joinable()) return;
    link->wake();
    thread.join();
  }

  std::unique_ptr<Link> link;
  Ear ear;
  std::atomic<int> signal{0};
  std::atomic<bool> closed{false}, held{false}, rests{false};
  std::promise<std::string> joined;
  std::thread thread;
};

int free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  EXPECT_EQ(bind(socket, reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size), 0);
  close(socket);
  return ntohs(address.sin_port);
}

/// Runs over loopback, on ports that the system chooses.
class ZmqProcesses : public ::testing::Test {
 protected:
  static constexpr char kWelcome[] = "0123456789abcdefthe welcome";

  /// Starts process 0 and learns where it listens.
  void preside(int processes) {
    processes_ = processes;
    int ends[2];
    ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
    ZmqSettings self = settings(0);
    self.publish_to = ends[1];
    enter(0, self);
    std::string line;
    for (char c = 0; read(ends[0], &c, 1) == 1 && c != '\n';) line += c;
    close(ends[0]);
    ASSERT_THAT(line, StartsWith("KITH_RENDEZVOUS=127.0.0.1:"));
    rendezvous_ = line.substr(line.find('=') + 1);
  }

  void attend(int process) { enter(process, settings(process)); }

  /// Until process 0 knows it.
  void wait_for(int process) {
    while ((*this)[0].link->address(process).empty()) std::this_thread::yield();
  }

  /// All of a run, and that they are there.
  void gather(int processes) {
    preside(processes);
    for (int p = 1; p < processes; ++p) attend(p);
    for (int p = 0; p < processes; ++p) ASSERT_EQ(joined(p), kWelcome);
  }

  ZmqSettings settings(int process) {
    ZmqSettings self;
    self.process = process;
    self.processes = processes_;
    self.token = token_;
    self.rendezvous = rendezvous_;
    if (!keys_.empty()) {
      self.keys.emplace();
      self.keys->secret = keys_[std::size_t(process)].first;
      for (const auto& [secret, shown] : keys_) self.keys->public_keys.push_back(shown);
    }
    return self;
  }

  void enter(int process, ZmqSettings self) {
    Link::Meeting meeting = meeting_;
    meeting.hello = text("hello of " + std::to_string(process));
    meeting.welcome = text(kWelcome);
    auto& place = run_[process];
    place = std::make_unique<Process>(std::move(self));
    place->enter(meeting);
  }

  /// The welcome, or the error: "3: words".
  std::string joined(int process) {
    auto future = run_[process]->joined.get_future();
    if (future.wait_for(kPatience) != std::future_status::ready) return "nothing";
    return future.get();
  }

  Process& operator[](int process) { return *run_[process]; }

  void make_keys(int processes) {
    for (int p = 0; p < processes; ++p) keys_.push_back(new_curve_keys());
  }

  static Header header(Type type, int sender, int receiver, std::uint64_t body_bytes) {
    Header header;
    header.type = type;
    header.sender = sender;
    header.receiver = receiver;
    header.chunk = 1;
    header.body_bytes = body_bytes;
    std::memcpy(header.run.data(), kWelcome, sizeof header.run);
    return header;
  }

  void send(int from, int to, const std::string& words, bool urgent = false) {
    std::vector<Link::Frame> frames;
    frames.push_back(frame_of(header(Type::kGroup, from, to, words.size()), text(words)));
    run_[from]->link->send(to, std::move(frames), urgent);
  }

  static std::vector<std::string> words_of(const std::vector<Ear::Heard>& heard) {
    std::vector<std::string> words;
    for (const auto& h : heard) {
      EXPECT_TRUE(h.intact);
      words.push_back(
          std::to_string(h.from) + ' ' +
          std::string(reinterpret_cast<const char*>(h.payload.data()), h.payload.size()));
    }
    return words;
  }

  int processes_ = 0;
  std::string token_ = "a secret of the run";
  std::string rendezvous_;
  std::vector<std::pair<std::string, std::string>> keys_;  // by process: secret, public
  Link::Meeting meeting_{{}, {}, [](int, ByteView) { return ""; }, "password", 30, {}};
  std::map<int, std::unique_ptr<Process>> run_;
};

// --- a run ---------------------------------------------------------------------------------------

TEST_F(ZmqProcesses, AllGetTheWelcomeAndKnowEachOther) {
  gather(3);
  for (int p = 0; p < 3; ++p) {
    EXPECT_EQ((*this)[p].link->address(0), rendezvous_);
    for (int other = 0; other < 3; ++other) {
      EXPECT_EQ((*this)[p].link->address(other), (*this)[0].link->address(other));
    }
  }
}

TEST_F(ZmqProcesses, MeetWhateverTheOrderTheyStartIn) {
  processes_ = 3;
  const int port = free_port();
  rendezvous_ = "127.0.0.1:" + std::to_string(port);
  attend(2);
  attend(1);
  // They call, and nobody is there: only then process 0 starts.
  ZmqSettings first = settings(0);
  first.port = port;
  enter(0, first);
  for (int p = 0; p < 3; ++p) EXPECT_EQ(joined(p), kWelcome);
}

TEST_F(ZmqProcesses, HearEachOtherInOrder) {
  gather(3);
  for (int i = 0; i < 100; ++i) {
    for (int from = 0; from < 3; ++from) {
      for (int to = 0; to < 3; ++to) {
        if (to != from) send(from, to, std::to_string(i));
      }
    }
  }
  for (int to = 0; to < 3; ++to) {
    std::map<int, int> next;
    for (const auto& heard : (*this)[to].ear.heard(200)) {
      EXPECT_EQ(
          std::string(reinterpret_cast<const char*>(heard.payload.data()), heard.payload.size()),
          std::to_string(next[heard.from]++));
    }
    EXPECT_FALSE(next.contains(to));
  }
}

TEST_F(ZmqProcesses, WakeForEveryFrame) {
  gather(2);
  // Each frame comes when all before it were read, while its reader falls asleep or sleeps. Whoever
  // misses one is not woken by another.
  for (std::size_t i = 1; i <= 1000 && !HasFailure(); ++i) {
    for (const int from : {0, 1}) {
      send(from, 1 - from, std::string(i % 700, 'x'), /*urgent=*/i % 3 == 0);
      (*this)[1 - from].ear.wait_for(i);
    }
  }
}

TEST_F(ZmqProcesses, CarryALargeLetterWithItsBits) {
  gather(2);
  constexpr std::uint64_t kSize = (64 << 20) + 12345;
  const auto body = std::make_shared<Bytes>(kSize);
  std::uint64_t state = 1;
  for (std::size_t i = 0; i + 8 <= kSize; i += 8) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    std::memcpy(body->data() + i, &state, 8);
  }
  Header head = header(Type::kLetter, 0, 1, kSize);
  std::vector<Link::Frame> frames;
  for (head.chunk = 1; head.chunk <= head.chunks(); ++head.chunk) {
    const ByteView part =
        ByteView(*body).subspan((head.chunk - 1) * Header::kChunkBytes, head.payload_bytes());
    frames.push_back({write_header(head, payload_hash(part)), part, body});
  }
  const std::size_t count = frames.size();
  (*this)[0].link->send(1, std::move(frames), false);
  Bytes got;
  for (const auto& heard : (*this)[1].ear.heard(count)) {
    EXPECT_TRUE(heard.intact);
    got.insert(got.end(), heard.payload.begin(), heard.payload.end());
  }
  EXPECT_EQ(got, *body);
}

TEST_F(ZmqProcesses, HearWhatIsUrgentBeforeWhatIsLarge) {
  gather(2);
  (*this)[1].hold();
  constexpr int kFrames = 200;
  const std::string large(Header::kChunkBytes, 'x');
  for (int i = 0; i < kFrames; ++i) send(0, 1, large);
  send(0, 1, "urgent", /*urgent=*/true);
  (*this)[1].held = false;
  (*this)[1].held.notify_all();
  const auto heard = (*this)[1].ear.heard(kFrames + 1);
  const auto urgent =
      std::ranges::find_if(heard, [](const auto& h) { return h.payload.size() == 6; });
  EXPECT_LT(urgent - heard.begin(), kFrames / 2);
}

TEST_F(ZmqProcesses, CountWhatTheyPutOnTheWire) {
  gather(2);
  const std::uint64_t before = (*this)[0].link->wire_bytes();
  send(0, 1, std::string(1000, 'x'));
  (*this)[1].ear.heard(1);
  // ZMTP: flags and a length of 1 byte before the header, of 8 before a payload over 255 bytes.
  EXPECT_EQ((*this)[0].link->wire_bytes() - before, 2 + 64 + 9 + 1000u);
}

TEST_F(ZmqProcesses, NameWhoseConnectionClosed) {
  gather(3);
  (*this)[1].leave();
  EXPECT_EQ((*this)[0].ear.lost_of(1), "its connection was closed");
  EXPECT_EQ((*this)[2].ear.lost_of(1), "its connection was closed");
}

TEST_F(ZmqProcesses, DeliverWhatIsUrgentBeforeTheyLeave) {
  gather(2);
  for (int i = 0; i < 1000; ++i) send(1, 0, "word " + std::to_string(i), /*urgent=*/true);
  (*this)[1].leave();
  EXPECT_EQ((*this)[0].ear.heard(1000).size(), 1000u);
}

// --- a run that does not begin -------------------------------------------------------------------

TEST_F(ZmqProcesses, NameWhoDidNotCome) {
  meeting_.timeout_s = 0.5;
  preside(4);
  meeting_.timeout_s = 30;
  attend(2);
  EXPECT_THAT(joined(0), AllOf(StartsWith("3: process 1, process 3 did not come within "),
                               HasSubstr("; see communication.start_timeout_s")));
  EXPECT_THAT(joined(2), AllOf(StartsWith("3: process 0 (127.0.0.1:"),
                               HasSubstr("ended the run before it began: process 1, process 3")));
}

TEST_F(ZmqProcesses, NameProcess0WhenItDoesNotCome) {
  processes_ = 2;
  rendezvous_ = "127.0.0.1:" + std::to_string(free_port());
  meeting_.timeout_s = 0.5;
  attend(1);
  EXPECT_THAT(joined(1),
              AllOf(StartsWith("3: process 0 (" + rendezvous_ + ") did not answer within "),
                    HasSubstr("see communication.start_timeout_s")));
}

TEST_F(ZmqProcesses, NameAnAddressThatIsNone) {
  processes_ = 2;
  rendezvous_ = "somewhere=127.0.0.1:1";
  attend(1);
  EXPECT_THAT(joined(1), StartsWith("3: cannot call process 0 at somewhere=127.0.0.1:1: "));
}

TEST_F(ZmqProcesses, NameAPortThatIsInUse) {
  preside(2);
  ZmqSettings second = settings(1);
  second.port = std::stoi(rendezvous_.substr(rendezvous_.find(':') + 1));
  enter(1, second);
  EXPECT_EQ(joined(1), "3: port " + std::to_string(second.port) +
                           " is in use on this machine; choose another with communication.port");
  (*this)[0].signal = 2;
}

TEST_F(ZmqProcesses, AllHearAnObjection) {
  meeting_.objection = [](int process, ByteView hello) -> std::string {
    EXPECT_EQ(Bytes(hello.begin(), hello.end()), text("hello of " + std::to_string(process)));
    return process == 1 ? "" : "process 2 has another config";
  };
  preside(3);
  attend(1);
  wait_for(1);
  attend(2);
  EXPECT_EQ(joined(0), "2: process 2 has another config");
  const std::string heard = "3: process 0 (" + rendezvous_ +
                            ") ended the run before it began: process 2 has another config";
  EXPECT_EQ(joined(2), heard);
  EXPECT_EQ(joined(1), heard);
}

TEST_F(ZmqProcesses, AllHearThatProcess0WasStopped) {
  preside(3);
  attend(1);
  wait_for(1);
  (*this)[0].signal = 15;
  EXPECT_EQ(joined(0), "143: stopped by a signal");
  EXPECT_THAT(joined(1), HasSubstr("ended the run before it began: stopped by a signal"));
}

TEST_F(ZmqProcesses, RefuseANumberThatIsTaken) {
  preside(3);
  attend(1);
  wait_for(1);
  enter(10, settings(1));
  EXPECT_THAT(joined(10), HasSubstr("is already here; every process needs a number of its own"));
  attend(2);
  for (int p = 0; p < 3; ++p) EXPECT_EQ(joined(p), kWelcome);
}

TEST_F(ZmqProcesses, RefuseANumberThatThereIsNot) {
  preside(2);
  processes_ = 6;
  attend(5);
  EXPECT_THAT(joined(5), HasSubstr("there is no process 5 in a run of 2"));
  processes_ = 2;
  attend(1);
  EXPECT_EQ(joined(0), kWelcome);
}

TEST_F(ZmqProcesses, RefuseAnotherPassword) {
  preside(2);
  ZmqSettings other = settings(1);
  other.token = "a secret of another run";
  enter(1, other);
  EXPECT_THAT(joined(1), HasSubstr("does not let this process in: it is of another run"));
  EXPECT_GE((*this)[0].ear.rejected_of(-1, "stranger"), 1u);
  attend(1);
  EXPECT_EQ(joined(0), kWelcome);
  EXPECT_EQ((*this)[0].ear.heard(0).size(), 0u);
}

// --- strangers -----------------------------------------------------------------------------------

/// A client that says whatever the test wants, as libzmq says it.
class Stranger {
 public:
  explicit Stranger(const std::string& where, const std::function<void(zmq::socket_t&)>& set = {})
      : socket_(context_, zmq::socket_type::dealer) {
    socket_.set(zmq::sockopt::linger, 0);
    socket_.set(zmq::sockopt::sndhwm, 0);
    socket_.set(zmq::sockopt::reconnect_ivl, -1);
    if (set) set(socket_);
    zmq_socket_monitor(socket_.handle(), "inproc://stranger",
                       ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED |
                           ZMQ_EVENT_HANDSHAKE_FAILED_AUTH | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                           ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL);
    monitor_ = zmq::socket_t(context_, zmq::socket_type::pair);
    monitor_.connect("inproc://stranger");
    socket_.connect("tcp://" + where);
  }
  ~Stranger() { zmq_socket_monitor(socket_.handle(), nullptr, 0); }

  /// With the password, as user `user`.
  static std::function<void(zmq::socket_t&)> who_knows(const std::string& password,
                                                       const std::string& user) {
    return [=](zmq::socket_t& socket) {
      socket.set(zmq::sockopt::plain_username, user);
      socket.set(zmq::sockopt::plain_password, password);
    };
  }

  /// With a CURVE key.
  static std::function<void(zmq::socket_t&)> with_key(const std::string& secret,
                                                      const std::string& of_server) {
    return [=](zmq::socket_t& socket) {
      socket.set(zmq::sockopt::curve_serverkey, of_server);
      socket.set(zmq::sockopt::curve_secretkey, secret);
      socket.set(zmq::sockopt::curve_publickey, public_curve_key(secret));
    };
  }

  void say(const std::vector<Bytes>& parts) {
    for (std::size_t i = 0; i < parts.size(); ++i) {
      zmq::message_t part(parts[i].data(), parts[i].size());
      const auto more = i + 1 < parts.size() ? zmq::send_flags::sndmore : zmq::send_flags::none;
      socket_.send(part, more | zmq::send_flags::dontwait);
    }
  }

  void say(const Header& header, const std::string& words) {
    const Link::Frame frame = frame_of(header, text(words));
    say({Bytes(frame.header.begin(), frame.header.end()), text(words)});
  }

  /// Whether it was let in.
  bool is_inside() {
    monitor_.set(zmq::sockopt::rcvtimeo, 60'000);
    zmq::message_t event, where;
    if (!monitor_.recv(event) || !monitor_.recv(where)) ADD_FAILURE() << "nothing came of it";
    std::uint16_t number = 0;
    std::memcpy(&number, event.data(), sizeof number);
    return number == ZMQ_EVENT_HANDSHAKE_SUCCEEDED;
  }

 private:
  zmq::context_t context_;
  zmq::socket_t socket_;
  zmq::socket_t monitor_;
};

TEST_F(ZmqProcesses, LetNobodyInWithoutThePassword) {
  preside(2);
  EXPECT_FALSE(Stranger(rendezvous_).is_inside());
  EXPECT_FALSE(Stranger(rendezvous_, Stranger::who_knows("guessed", "1")).is_inside());
  EXPECT_FALSE(Stranger(rendezvous_, Stranger::who_knows("x", "0")).is_inside());
  const auto keys = new_curve_keys();
  EXPECT_FALSE(Stranger(rendezvous_, Stranger::with_key(keys.first, keys.second)).is_inside());
  EXPECT_GE((*this)[0].ear.rejected_of(-1, "stranger", 3), 3u);
  attend(1);
  EXPECT_EQ(joined(0), kWelcome);
}

TEST_F(ZmqProcesses, LetNobodyInOnceAllAreHere) {
  gather(2);
  for (int p = 0; p < 2; ++p) {
    EXPECT_FALSE(
        Stranger((*this)[p].link->address(p), Stranger::who_knows(token_, "1")).is_inside());
    EXPECT_GE((*this)[p].ear.rejected_of(-1, "stranger"), 1u);
  }
}

TEST_F(ZmqProcesses, HearNothingOfWhoOnlyKnowsThePassword) {
  preside(3);
  attend(1);
  wait_for(1);
  Stranger stranger(rendezvous_, Stranger::who_knows(token_, "2"));
  ASSERT_TRUE(stranger.is_inside());
  Ear& ear = (*this)[0].ear;
  stranger.say({text("hello")});
  EXPECT_GE(ear.rejected_of(-1, "length"), 1u);
  stranger.say({text(std::string(64, 'x')), {}});
  EXPECT_GE(ear.rejected_of(-1, "magic"), 1u);
  stranger.say({text("one"), text("two"), text("three"), text("four")});
  EXPECT_GE(ear.rejected_of(-1, "length", 2), 2u);
  stranger.say(header(Type::kLetter, 2, 0, 5), "hello");
  EXPECT_GE(ear.rejected_of(-1, "stranger"), 1u);
  stranger.say(header(Type::kJoin, 2, 0, 4), "hello");  // not as long as it says
  EXPECT_GE(ear.rejected_of(-1, "length", 3), 3u);
  stranger.say(header(Type::kJoin, 1, 0, 5), "hello");  // in another's name
  EXPECT_GE(ear.rejected_of(-1, "sender"), 1u);
  const Link::Frame join = frame_of(header(Type::kJoin, 2, 0, 5), text("hello"));
  Bytes damaged(join.header.begin(), join.header.end());
  damaged[60] ^= std::byte{1};
  stranger.say({damaged, text("hello")});
  EXPECT_GE(ear.rejected_of(-1, "checksum"), 1u);
  attend(2);
  for (int p = 0; p < 3; ++p) EXPECT_EQ(joined(p), kWelcome);
  Header letter = header(Type::kLetter, 2, 0, 5);
  stranger.say(letter, "hello");  // it even knows the run
  EXPECT_GE(ear.rejected_of(-1, "stranger", 2), 2u);
  stranger.say(header(Type::kHello, 2, 0, 0), "");
  EXPECT_GE(ear.rejected_of(-1, "sender", 2), 2u);
  EXPECT_EQ(ear.heard(0).size(), 0u);
}

TEST_F(ZmqProcesses, AreNotHeldUpByHellosThatComeBeforeTheWelcome) {
  preside(3);
  attend(1);
  wait_for(1);
  const std::string where = (*this)[0].link->address(1);
  Stranger stranger(where, Stranger::who_knows(token_, "0"));
  ASSERT_TRUE(stranger.is_inside());
  Header hello = header(Type::kHello, 2, 1, 0);  // in the name of another
  for (int i = 0; i < 100; ++i) stranger.say(hello, "");
  hello.kind = 77;  // on a connection that there is not
  hello.sender = 0;
  for (int i = 0; i < 100; ++i) stranger.say(hello, "");
  hello.kind = 0;
  hello.run = {1, 2};
  for (int i = 0; i < 3; ++i) stranger.say(hello, "");
  EXPECT_GE((*this)[1].ear.rejected_of(-1, "run", 200), 200u);
  attend(2);
  for (int p = 0; p < 3; ++p) EXPECT_EQ(joined(p), kWelcome);
}

/// A process that joins and listens, and leaves when process 0 has called it on both connections,
/// `last_words` having been said. Gives what process 0 hears of it.
class ZmqProcessThatLeaves : public ZmqProcesses {
 protected:
  std::string lost_after(const std::function<void(Stranger&)>& last_words) {
    make_keys(2);
    preside(2);
    Stranger caller(rendezvous_, Stranger::with_key(keys_[1].first, keys_[0].second));
    {
      zmq::context_t context;
      zmq::socket_t inbox(context, zmq::socket_type::router);
      inbox.set(zmq::sockopt::linger, 0);
      inbox.set(zmq::sockopt::rcvtimeo, 60'000);
      inbox.set(zmq::sockopt::curve_server, true);
      inbox.set(zmq::sockopt::curve_secretkey, keys_[1].first);
      inbox.bind("tcp://127.0.0.1:*");
      const std::string where = inbox.get(zmq::sockopt::last_endpoint).substr(sizeof "tcp://" - 1);
      const std::string hello = where + std::string(1, '\0') + "hello";
      caller.say(header(Type::kJoin, 1, 0, hello.size()), hello);
      for (int parts = 0; parts < 2 * 3; ++parts) {
        zmq::message_t part;
        EXPECT_TRUE(inbox.recv(part));
      }
      last_words(caller);
    }
    EXPECT_EQ(joined(0), kWelcome);
    return (*this)[0].ear.lost_of(1);
  }
};

TEST_F(ZmqProcessThatLeaves, IsNotWaitedForAndHeardToTheEnd) {
  const auto why = lost_after([](Stranger& caller) {
    caller.say(header(Type::kHello, 1, 0, 0), "");
    caller.say(header(Type::kGroup, 1, 0, 7), "because");
  });
  EXPECT_EQ(why, "its connection was closed");
  EXPECT_THAT(words_of((*this)[0].ear.heard(1)), ElementsAre("1 because"));
}

TEST_F(ZmqProcessThatLeaves, IsNotWaitedForWhenItNeverSaidHello) {
  EXPECT_EQ(lost_after([](Stranger&) {}), "its connection was closed");
}

TEST_F(ZmqProcesses, OfARunThatSendNonsenseAreNamed) {
  gather(2);
  // A process of the run itself, with a damaged heart: no stranger, so the run must end.
  std::vector<Link::Frame> frames;
  frames.push_back(frame_of(header(Type::kGroup, 1, 0, 5), text("hello")));
  frames.back().header[0] = std::byte{'X'};
  (*this)[1].link->send(0, std::move(frames), false);
  EXPECT_EQ((*this)[0].ear.rejected_of(1, "magic"), 1u);
  frames.clear();
  frames.push_back(frame_of(header(Type::kGroup, 1, 0, 6), text("hello")));
  (*this)[1].link->send(0, std::move(frames), false);
  EXPECT_EQ((*this)[0].ear.rejected_of(1, "length"), 1u);
}

// --- with keys -----------------------------------------------------------------------------------

TEST_F(ZmqProcesses, WithTheirKeysHearEachOther) {
  make_keys(3);
  gather(3);
  for (int from = 0; from < 3; ++from) send(from, (from + 1) % 3, "word");
  for (int p = 0; p < 3; ++p) {
    EXPECT_THAT(words_of((*this)[p].ear.heard(1)),
                ElementsAre(std::to_string((p + 2) % 3) + " word"));
  }
}

TEST_F(ZmqProcesses, WithKeysLetNobodyElseIn) {
  make_keys(3);
  const auto revoked = keys_[2];
  keys_[2] = new_curve_keys();
  preside(3);
  attend(1);
  wait_for(1);
  const std::string second = (*this)[0].link->address(1);
  for (const auto& [where, server] :
       {std::pair{rendezvous_, keys_[0].second}, std::pair{second, keys_[1].second}}) {
    EXPECT_FALSE(Stranger(where).is_inside()) << "no key";
    EXPECT_FALSE(Stranger(where, Stranger::who_knows(token_, "2")).is_inside()) << "a password";
    EXPECT_FALSE(Stranger(where, Stranger::with_key(new_curve_keys().first, server)).is_inside())
        << "a random key";
    EXPECT_FALSE(Stranger(where, Stranger::with_key(revoked.first, server)).is_inside())
        << "a revoked key";
    EXPECT_FALSE(Stranger(where, Stranger::with_key(keys_[2].first, revoked.second)).is_inside())
        << "a key for another server";
  }
  EXPECT_GE((*this)[0].ear.rejected_of(-1, "stranger", 4), 4u);
  attend(2);
  for (int p = 0; p < 3; ++p) EXPECT_EQ(joined(p), kWelcome);
  for (int p = 0; p < 3; ++p) EXPECT_EQ((*this)[p].ear.heard(0).size(), 0u);
}

TEST_F(ZmqProcesses, WithKeysAreWhoTheirKeySays) {
  make_keys(3);
  preside(3);
  // The right key of process 2, which says that it is process 1.
  Stranger stranger(rendezvous_, Stranger::with_key(keys_[2].first, keys_[0].second));
  ASSERT_TRUE(stranger.is_inside());
  for (const Type type : {Type::kJoin, Type::kHello, Type::kLetter, Type::kGroup}) {
    stranger.say(header(type, 1, 0, 5), "hello");
  }
  EXPECT_GE((*this)[0].ear.rejected_of(-1, "sender"), 1u);
  EXPECT_GE((*this)[0].ear.rejected_of(-1, "stranger", 2), 2u);
  EXPECT_EQ((*this)[0].link->address(1), "");
  attend(1);
  attend(2);
  for (int p = 0; p < 3; ++p) EXPECT_EQ(joined(p), kWelcome);
  EXPECT_EQ((*this)[0].ear.heard(0).size(), 0u);
}

TEST_F(ZmqProcesses, WithAnotherKeyAreTold) {
  make_keys(2);
  preside(2);
  ZmqSettings other = settings(1);
  other.keys->secret = new_curve_keys().first;
  enter(1, other);
  EXPECT_THAT(joined(1),
              HasSubstr("does not let this process in: it is of another run, or has other "
                        "keys"));
  (*this)[0].signal = 2;
}

// --- a crowd -------------------------------------------------------------------------------------

/// A socket that listens on loopback, and how to knock at it.
class Listening {
 public:
  Listening() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address_;
    EXPECT_EQ(bind(socket_, reinterpret_cast<sockaddr*>(&address_), size), 0);
    EXPECT_EQ(getsockname(socket_, reinterpret_cast<sockaddr*>(&address_), &size), 0);
    EXPECT_EQ(listen(socket_, 16), 0);
  }
  ~Listening() { close(socket_); }

  int socket() const { return socket_; }

  int knock() const {
    const int caller = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    (void)connect(caller, reinterpret_cast<const sockaddr*>(&address_), sizeof address_);
    return caller;
  }

  static bool is_let_in(int caller, int limit_ms) {
    pollfd item{caller, POLLOUT, 0};
    return poll(&item, 1, limit_ms) == 1 && (item.revents & (POLLERR | POLLHUP)) == 0;
  }

 private:
  int socket_;
  sockaddr_in address_{};
};

TEST(ADoor, IsShutToACrowdAndOpensWhenItHasGone) {
  const Listening listening;
  Door door(listening.socket(), 4);
  const int first = listening.knock();
  ASSERT_TRUE(Listening::is_let_in(first, 5000));
  for (int i = 0; i < door.most(); ++i) door.entered();
  const int late = listening.knock();
  EXPECT_FALSE(Listening::is_let_in(late, 100)) << "on loopback an answer takes microseconds";
  EXPECT_EQ(send(first, "x", 1, 0), 1) << "who is inside does not notice";
  for (int i = 0; i < door.most(); ++i) door.left();
  EXPECT_TRUE(Listening::is_let_in(late, 30'000)) << "TCP knocks again";
  close(first);
  close(late);
}

TEST(ADoor, LeavesRoomForAllThatAreExpected) {
  for (const int expected : {2, 100, 100'000}) EXPECT_GE(Door(-1, expected).most(), expected + 16);
}

}  // namespace
}  // namespace kith
