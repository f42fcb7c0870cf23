#include "kernels/cuda/backend.h"

#include "kernels/cuda/runtime.h"
#include "kernels/cuda/streams.h"
#include "kernels/cuda/tables.h"

namespace kith::kernels {
namespace {

class CudaMemory final : public DeviceMemory {
 public:
  void* allocate(const Device& device, std::size_t bytes) override {
    const CardScope card(device.index);
    void* place = nullptr;
    if (const cudaError_t status = cudaMalloc(&place, bytes); status != cudaSuccess) {
      std::size_t free = 0, total = 0;
      cudaMemGetInfo(&free, &total);
      check(status, device.index,
            "no room for a vector of " + mebibytes(bytes) + " (" + mebibytes(free) + " of " +
                mebibytes(total) + " are free)");
    }
    if (const cudaError_t status = cudaMemsetAsync(place, 0, bytes, stream_of(device));
        status != cudaSuccess) {
      cudaFree(place);
      check(status, device.index, "cannot be cleared");
    }
    return place;
  }

  void release(const Device& device, void* place) noexcept override {
    int before = 0;
    cudaGetDevice(&before);
    cudaSetDevice(device.index);
    cudaFree(place);  // waits for all work
    cudaSetDevice(before);
  }

  void copy(const Device& device, const void* from, void* to, std::size_t bytes) override {
    const CardScope card(device.index);
    check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDefault, stream_of(device)), device.index,
          "cannot copy " + mebibytes(bytes));
  }

  void wait(const Device& device) override {
    const CardScope card(device.index);
    check(cudaStreamSynchronize(stream_of(device)), device.index, "its work failed");
  }
};

/// Does nothing: a card that cannot run it has none of the code that was built.
struct Nothing {
  static constexpr unsigned kThreads = 1;
  static constexpr int kSteps = 1;
  struct Shared {};

  template <int step>
  KITH_INLINE void run(Place, Shared&) const {}
};

class Backend final : public CudaBackend {
 public:
  Backend() {
    set_cuda_mixing(kernels_);
    set_cuda_elementwise(kernels_);
    set_cuda_sparse(kernels_);
    set_cuda_integers(kernels_);
  }

  int count() override {
    int count = 0;
    const cudaError_t status = cudaGetDeviceCount(&count);
    if (status == cudaSuccess && count > 0) return count;
    throw DeviceError(std::string("there is no CUDA device here (") +
                      (status == cudaSuccess ? "none is visible" : cudaGetErrorString(status)) +
                      ")");
  }

  CardInfo info(int index) override {
    const CardScope card(index);
    cudaDeviceProp properties{};
    check(cudaGetDeviceProperties(&properties, index), index, "says nothing of itself");
    CardInfo info{properties.name, 0, 0, properties.major, properties.minor};
    check(cudaMemGetInfo(&info.free_bytes, &info.memory_bytes), index, "does not tell its memory");
    return info;
  }

  Device open(int index) override {
    const Device device{Device::Kind::kCuda, index, nullptr};
    const CardScope card(index);
    // What kernels need in between stays with the process: to ask the driver for it takes longer
    // than they do.
    cudaMemPool_t pool{};
    check(cudaDeviceGetDefaultMemPool(&pool, index), index, "has no memory pool");
    std::uint64_t keep = UINT64_MAX;
    check(cudaMemPoolSetAttribute(pool, cudaMemPoolAttrReleaseThreshold, &keep), index,
          "has no memory pool");
    CudaQueue(device).launch(1, Nothing{});
    memory_.wait(device);
    return device;
  }

  void let_read(int reader, int other) override {
    int can = 0;
    check(cudaDeviceCanAccessPeer(&can, reader, other), reader, "cannot be asked about another");
    if (can == 0) return;
    const CardScope card(reader);
    const cudaError_t status = cudaDeviceEnablePeerAccess(other, 0);
    if (status == cudaErrorPeerAccessAlreadyEnabled || status == cudaErrorTooManyPeers) {
      cudaGetLastError();
    } else {
      check(status, reader, "cannot read the memory of another");
    }
  }

  DeviceMemory& memory() override { return memory_; }
  DeviceStreams& streams() override { return cuda_streams(); }
  const DeviceKernels& kernels() override { return kernels_; }

 private:
  CudaMemory memory_;
  DeviceKernels kernels_;
};

}  // namespace
}  // namespace kith::kernels

extern "C" [[gnu::visibility("default")]] kith::kernels::CudaBackend* kith_cuda() {
  static kith::kernels::Backend backend;
  return &backend;
}
