#define OMPI_SKIP_MPICXX 1
#define MPICH_SKIP_MPICXX 1
#include <mpi.h>

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>
#include <thread>

#include "bench/harness.h"
#include "communication/mpi_link.h"
#include "communication/remote_transport.h"

/// A letter to and fro between two ranks: by bare MPI, and from node to node by the transport, which
/// cuts it into frames, sums and checks each, and hands it over complete. They take turns. Then what
/// a process costs that only waits. Start it with `mpirun -n 2`.
namespace kith::bench {
namespace {

constexpr double kLeastRatio = 0.85;
constexpr int kTurns = 9;

/// Seconds of a letter one way by bare MPI, each round trip alone.
std::vector<double> bare(int rank, std::size_t bytes, int trips) {
  std::vector<std::byte> out(bytes, std::byte{1}), in(bytes);
  std::vector<double> times;
  const int size = static_cast<int>(bytes);
  for (int i = 0; i < trips; ++i) {
    const double start_s = now_s();
    if (rank == 0) MPI_Send(out.data(), size, MPI_BYTE, 1, 0, MPI_COMM_WORLD);
    MPI_Recv(in.data(), size, MPI_BYTE, 1 - rank, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    if (rank == 1) MPI_Send(in.data(), size, MPI_BYTE, 0, 0, MPI_COMM_WORLD);
    times.push_back((now_s() - start_s) / 2);
  }
  return times;
}

/// Node 0 in process 0 and node 1 in process 1: each answers a letter with that very letter.
class Correspondence final : public Transport::Arrivals {
 public:
  Correspondence(int rank, std::size_t bytes)
      : rank_(rank),
        vectors_(bytes / sizeof(float)),
        placement_(placement(2, {{0}, {1}})),
        transport_({common_, placement_, rank, 1, vectors_}, make_mpi_link(rank, 2)) {
    transport_.join({}, "");
    transport_.start(*this, [] { return Transport::Pulse{}; });
    transport_.group().wait_barrier();
  }

  std::vector<double> run(int trips) {
    trips_ = trips;
    if (rank_ == 0) {
      std::shared_ptr<Array> vector = vectors_.take();
      std::fill_n(vector->data(), vector->size(), 1.5f);
      start_s_ = now_s();
      send(Body(Slot(vector)));
    }
    {
      std::unique_lock lock(mutex_);
      constexpr auto kTooLong = std::chrono::seconds(60);
      changed_.wait_for(lock, kTooLong, [this] { return count_ == trips_; });
    }
    if (const auto failure = transport_.failure()) throw *failure;
    return times_;
  }

  void finish() { transport_.finish(); }

  void deliver(Uid, const Message& message) override {
    if (rank_ == 0) times_.push_back((now_s() - start_s_) / 2);
    const int count = count_ + 1;
    start_s_ = now_s();
    if (rank_ == 1 || count < trips_) send(message.body);
    {
      const std::lock_guard lock(mutex_);
      count_ = count;
    }
    if (count == trips_) changed_.notify_all();
  }
  void entered(Uid, Round) override {}

 private:
  void send(const Body& body) {
    Message letter;
    letter.sender = rank_;
    letter.kind = kind_++;
    letter.body = body;
    const Uid receiver = 1 - rank_;
    transport_.send(letter, {&receiver, 1});
  }

  const int rank_;
  Transport::Common common_;
  ArrayPool vectors_;
  const Placement placement_;
  RemoteTransport transport_;
  Kind kind_ = 0;
  int trips_ = 0;
  double start_s_ = 0;
  std::vector<double> times_;
  std::mutex mutex_;
  std::condition_variable changed_;
  int count_ = 0;
};

/// How often the checksum is computed: once where a letter is sent, once where it comes.
double checksum_s(std::size_t bytes) {
  const std::vector<std::byte> data(bytes, std::byte{1});
  std::uint64_t sum = 0;
  const std::function<void()> hash[] = {[&] {
    for (std::size_t at = 0; at < bytes; at += Header::kChunkBytes) {
      sum += payload_hash(ByteView(data).subspan(at, std::min(Header::kChunkBytes, bytes - at)));
    }
  }};
  const double time_s = fastest_s(hash, 0.05).front();
  return sum == 0 ? 0 : time_s;
}

bool measure(int rank, std::size_t bytes) {
  const int trips = static_cast<int>(std::clamp<std::size_t>((64 << 20) / bytes, 20, 300));
  std::vector<double> bare_medians, own_medians, bare_least, own_least;
  for (int turn = 0; turn < kTurns; ++turn) {
    MPI_Barrier(MPI_COMM_WORLD);
    const std::vector<double> raw = bare(rank, bytes, trips);
    Correspondence letters(rank, bytes);
    const std::vector<double> own = letters.run(trips);
    letters.finish();
    if (rank != 0) continue;
    if (getenv("DUMP")) { printf("raw"); for (auto t : raw) printf(" %.0f", 1e6*t); printf("\nown"); for (auto t : own) printf(" %.0f", 1e6*t); printf("\n"); }
    bare_medians.push_back(median(raw));
    own_medians.push_back(median(own));
    bare_least.push_back(std::ranges::min(raw));
    own_least.push_back(std::ranges::min(own));
  }
  if (rank != 0) return true;
  const double bare_s = median(bare_medians), own_s = median(own_medians);
  const double ratio = bare_s / own_s;
  const double least_ratio = std::ranges::min(bare_least) / std::ranges::min(own_least);
  std::printf("%9zu %12.1f %12.1f %8.2f %8.2f %8.2f %12.1f %12.1f %8.2f  >= %.2f  %s\n", bytes,
              1e6 * bare_s, 1e6 * own_s, 1e-9 * double(bytes) / bare_s, 1e-9 * double(bytes) / own_s,
              ratio, 1e6 * std::ranges::min(bare_least), 1e6 * std::ranges::min(own_least),
              least_ratio, kLeastRatio, ratio >= kLeastRatio ? "reached" : "MISSED");
  std::printf("%9s checksums, once at either end: 2 x %.1f us\n", "", 1e6 * checksum_s(bytes));
  std::fflush(stdout);
  return ratio >= kLeastRatio;
}

void measure_waiting(int rank) {
  constexpr double kWait_s = 3;
  Correspondence nobody_writes(rank, 4096);
  const double start_s = cpu_s();
  std::this_thread::sleep_for(std::chrono::duration<double>(kWait_s));
  const double share = (cpu_s() - start_s) / kWait_s;
  if (rank == 0) std::printf("a process that waits takes %.2f %% of a core\n", 100 * share);
  nobody_writes.finish();
}

}  // namespace
}  // namespace kith::bench

int main(int argc, char** argv) {
  using namespace kith::bench;
  int provided = 0, rank = 0, size = 0;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_SERIALIZED, &provided);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  if (size != 2 || provided < MPI_THREAD_SERIALIZED) {
    std::fprintf(stderr, "start it with mpirun -n 2\n");
    MPI_Abort(MPI_COMM_WORLD, 2);
  }
  if (rank == 0) {
    std::printf("one way, median (and least); throughput in GB/s\n%9s %12s %12s %8s %8s %8s %12s %12s %8s\n", "bytes", "bare us",
                "kith us", "bare", "kith", "ratio", "least bare", "least kith", "ratio");
  }
  bool reached = true;
  for (const std::size_t bytes : {std::size_t{360} << 10, std::size_t{4} << 20}) {
    reached &= measure(rank, bytes);
  }
  measure_waiting(rank);
  MPI_Finalize();
  return reached ? 0 : 1;
}
