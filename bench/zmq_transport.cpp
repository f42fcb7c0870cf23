#include <sys/wait.h>
#include <unistd.h>
#include <zmq.h>

#include <cstdio>
#include <string>
#include <vector>

#include "bench/letters.h"
#include "communication/zmq_link.h"

/// A model to a neighbor in another process and one back, over TCP on the loopback: through Kith's
/// ZeroMQ transport, and beside it through two bare libzmq sockets, in turns. What Kith adds is a
/// header, a checksum at both ends, every check of TRANSPORTS, and a thread that hands letters on.
namespace kith::bench {
namespace {

constexpr double kTarget = 0.85;
constexpr int kTurns = 5;

/// Forks; the child plays node 1 and ends.
template <class F>
pid_t in_child(const F& f) {
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child != 0) return child;
  f();
  _exit(0);
}

/// Seconds a message there and back of `bytes` takes over bare sockets.
double bare(std::size_t bytes, int rounds) {
  int pipe_ends[2];
  if (pipe(pipe_ends) != 0) return 0;
  std::vector<char> payload(bytes, 'x');
  const auto send = [&](void* socket) {
    zmq_msg_t message;
    zmq_msg_init_data(
        &message, payload.data(), bytes, [](void*, void*) {}, nullptr);
    zmq_msg_send(&message, socket, 0);
  };
  const auto receive = [](void* socket) {
    zmq_msg_t message;
    zmq_msg_init(&message);
    zmq_msg_recv(&message, socket, 0);
    zmq_msg_close(&message);
  };
  const pid_t child = in_child([&] {
    void* context = zmq_ctx_new();
    void* socket = zmq_socket(context, ZMQ_PAIR);
    zmq_bind(socket, "tcp://127.0.0.1:*");
    char where[64] = {};
    std::size_t length = sizeof where;
    zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, where, &length);
    if (write(pipe_ends[1], where, sizeof where) < 0) return;
    for (int i = 0; i < rounds + 1; ++i) {
      receive(socket);
      send(socket);
    }
    zmq_close(socket);
    zmq_ctx_term(context);
  });
  char where[64] = {};
  if (read(pipe_ends[0], where, sizeof where) < 0) return 0;
  void* context = zmq_ctx_new();
  void* socket = zmq_socket(context, ZMQ_PAIR);
  zmq_connect(socket, where);
  send(socket);
  receive(socket);
  const double start_s = now_s();
  for (int i = 0; i < rounds; ++i) {
    send(socket);
    receive(socket);
  }
  const double each_s = (now_s() - start_s) / rounds;
  waitpid(child, nullptr, 0);
  zmq_close(socket);
  zmq_ctx_term(context);
  close(pipe_ends[0]);
  close(pipe_ends[1]);
  return each_s;
}

/// The same through the transport.
double ours(std::size_t bytes, int rounds) {
  int pipe_ends[2];
  if (pipe(pipe_ends) != 0) return 0;
  const std::size_t floats = bytes / sizeof(float);
  const pid_t child = in_child([&] {
    Letters letters(0, floats, [&] {
      ZmqSettings settings;
      settings.processes = 2;
      settings.publish_to = pipe_ends[1];
      return make_zmq_link(settings);
    });
    letters.play(1);
    letters.play(rounds);
    letters.finish();
  });
  close(pipe_ends[1]);
  char where[64] = {};
  if (read(pipe_ends[0], where, sizeof where) <= 0) return 0;
  close(pipe_ends[0]);
  Letters letters(1, floats, [&] {
    ZmqSettings settings;
    settings.process = 1;
    settings.processes = 2;
    const std::string line(where);  // KITH_RENDEZVOUS=…
    const std::size_t begin = line.find('=') + 1;
    settings.rendezvous = line.substr(begin, line.find('\n') - begin);
    return make_zmq_link(settings);
  });
  letters.play(1);
  const double each_s = letters.play(rounds);
  letters.finish();
  waitpid(child, nullptr, 0);
  return each_s;
}

int run() {
  bool met = true;
  std::printf("%-10s %14s %14s %8s\n", "message", "bare, GB/s", "kith, GB/s", "ratio");
  for (const std::size_t bytes : {360'000u, 1'000'000u, 4'000'000u, 64'000'000u}) {
    const int rounds = static_cast<int>(400'000'000 / bytes);
    double best_bare = 1e9, best_ours = 1e9;
    for (int turn = 0; turn < kTurns; ++turn) {
      best_bare = std::min(best_bare, bare(bytes, rounds));
      best_ours = std::min(best_ours, ours(bytes, rounds));
    }
    const double gigabytes = 2 * static_cast<double>(bytes) / 1e9;
    const double ratio = best_bare / best_ours;
    met = met && (ratio >= kTarget || bytes > 10'000'000);
    std::printf("%-10zu %14.2f %14.2f %8.2f\n", bytes, gigabytes / best_bare, gigabytes / best_ours,
                ratio);
  }
  std::printf("target: %.2f up to 4 MB: %s\n", kTarget, met ? "met" : "MISSED");
  return met ? 0 : 1;
}

}  // namespace
}  // namespace kith::bench

int main() { return kith::bench::run(); }
