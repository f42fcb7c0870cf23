#define OMPI_SKIP_MPICXX 1
#define MPICH_SKIP_MPICXX 1
#include <mpi.h>

#include <array>
#include <cstdio>
#include <thread>
#include <vector>

#include "bench/harness.h"
#include "bench/letters.h"
#include "communication/mpi_link.h"

/// A model to a neighbor in another rank and one back: through Kith's MPI transport, and beside it
/// by bare MPI_Send and MPI_Recv, in turns. What Kith adds is a header, a checksum at both ends,
/// every check of TRANSPORTS, and a thread that hands letters on. Start it with `mpirun -n 2`.
///
/// Bare MPI is measured twice: on memory as `malloc` gives it, which is what is held against the
/// transport, and on vectors as Kith keeps them, in huge pages, which show what checking costs.
/// Then what a rank costs that only waits.
namespace kith::bench {
namespace {

constexpr double kTarget = 0.85;
constexpr int kTurns = 9;

/// Seconds a message there and back of `bytes` takes by bare MPI.
double bare(int rank, float* out, float* in, std::size_t bytes, int rounds) {
  const int count = static_cast<int>(bytes);
  MPI_Barrier(MPI_COMM_WORLD);
  double start_s = 0;
  for (int i = -1; i < rounds; ++i) {
    if (i == 0) start_s = now_s();
    if (rank == 0) MPI_Send(out, count, MPI_BYTE, 1, 0, MPI_COMM_WORLD);
    MPI_Recv(in, count, MPI_BYTE, 1 - rank, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    if (rank == 1) MPI_Send(in, count, MPI_BYTE, 0, 0, MPI_COMM_WORLD);
  }
  return (now_s() - start_s) / rounds;
}

double bare_malloc(int rank, std::size_t bytes, int rounds) {
  std::vector<float> out(bytes / sizeof(float), 1), in(bytes / sizeof(float), 2);
  return bare(rank, out.data(), in.data(), bytes, rounds);
}

double bare_vectors(int rank, std::size_t bytes, int rounds) {
  ArrayPool vectors(bytes / sizeof(float));
  const std::shared_ptr<Array> out = vectors.take(), in = vectors.take();
  return bare(rank, out->data(), in->data(), bytes, rounds);
}

/// The same through the transport.
double ours(int rank, std::size_t bytes, int rounds) {
  Letters letters(rank, bytes / sizeof(float), [rank] { return make_mpi_link(rank, 2); });
  letters.play(1);
  const double each_s = letters.play(rounds);
  letters.finish();
  return each_s;
}

bool measure(int rank, std::size_t bytes) {
  const int rounds = static_cast<int>(400'000'000 / bytes);
  std::array<std::vector<double>, 3> all;
  for (int turn = 0; turn < kTurns; ++turn) {
    all[0].push_back(bare_malloc(rank, bytes, rounds));
    all[1].push_back(bare_vectors(rank, bytes, rounds));
    all[2].push_back(ours(rank, bytes, rounds));
  }
  if (rank != 0) return true;
  std::printf("%-10zu", bytes);
  std::array<double, 3> best;
  for (std::size_t i = 0; i < best.size(); ++i) {
    best[i] = std::ranges::min(all[i]);
    const double gigabytes = 2 * static_cast<double>(bytes) / 1e9;
    std::printf("%10.2f (%5.2f)", gigabytes / best[i], gigabytes / median(all[i]));
  }
  std::printf("%8.2f %8.2f\n", best[0] / best[2], best[1] / best[2]);
  std::fflush(stdout);
  return best[0] / best[2] >= kTarget || bytes > 10'000'000;
}

void measure_waiting(int rank) {
  constexpr double kWait_s = 3;
  Letters nobody_writes(rank, 1, [rank] { return make_mpi_link(rank, 2); });
  const double start_s = cpu_s();
  std::this_thread::sleep_for(std::chrono::duration<double>(kWait_s));
  const double share = (cpu_s() - start_s) / kWait_s;
  if (rank == 0) std::printf("a rank that waits takes %.1f %% of a core\n", 100 * share);
  nobody_writes.finish();
}

int run() {
  int rank = 0, size = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  if (size != 2) {
    if (rank == 0) std::fprintf(stderr, "start it with mpirun -n 2\n");
    return 2;
  }
  if (rank == 0) {
    std::printf("GB/s at best (and in the middle of %d turns)\n%-10s%18s%18s%18s%8s%8s\n", kTurns,
                "message", "bare, malloc", "bare, vectors", "kith", "ratio", "ratio");
  }
  bool met = true;
  for (const std::size_t bytes : {360'000u, 4'000'000u, 64'000'000u}) met &= measure(rank, bytes);
  measure_waiting(rank);
  if (rank == 0) {
    std::printf("target: %.2f of bare MPI on malloc up to 4 MB: %s\n", kTarget,
                met ? "met" : "MISSED");
  }
  return met ? 0 : 1;
}

}  // namespace
}  // namespace kith::bench

int main(int argc, char** argv) {
  int provided = 0;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_SERIALIZED, &provided);
  const int status = kith::bench::run();
  MPI_Finalize();
  return status;
}
