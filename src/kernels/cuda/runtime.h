#pragma once

#include <cuda_runtime.h>

#include <string>
#include <type_traits>
#include <utility>

#include "core/array.h"
#include "core/error.h"
#include "kernels/grid/program.h"

/// The CUDA runtime with owners and exceptions: the only header that knows it.
namespace kith::kernels {

/// Throws DeviceError where a call failed: "CUDA device 0: <what>: <why>".
inline void check(cudaError_t status, int index, const std::string& what) {
  if (status == cudaSuccess) return;
  cudaGetLastError();  // one that is not sticky is over
  throw DeviceError("CUDA device " + std::to_string(index) + ": " + what + ": " +
                    cudaGetErrorString(status));
}

inline std::string mebibytes(std::size_t bytes) { return std::to_string(bytes >> 20) + " MiB"; }

/// Makes a card this thread's current one while it lives.
class CardScope {
 public:
  explicit CardScope(int index) : index_(index) {
    check(cudaGetDevice(&before_), index, "cannot be asked for");
    if (before_ != index) check(cudaSetDevice(index), index, "cannot be used");
  }
  ~CardScope() {
    if (before_ != index_) cudaSetDevice(before_);
  }
  CardScope(const CardScope&) = delete;
  CardScope& operator=(const CardScope&) = delete;

 private:
  int index_;
  int before_ = 0;
};

inline cudaStream_t stream_of(const Device& device) {
  return static_cast<cudaStream_t>(device.stream);
}

template <class Program, int... step>
__device__ __forceinline__ void run_steps(const Program& program, Place place,
                                          typename Program::Shared& shared,
                                          std::integer_sequence<int, step...>) {
  // Behind the last step nobody waits.
  ((program.template run<step>(place, shared),
    step + 1 < Program::kSteps ? __syncthreads() : void()),
   ...);
}

template <class Program>
__global__ void __launch_bounds__(Program::kThreads)
    run_program(const __grid_constant__ Program program) {
  __shared__ typename Program::Shared shared;
  run_steps(program, Place{blockIdx.x, gridDim.x, threadIdx.x}, shared,
            std::make_integer_sequence<int, Program::kSteps>{});
}

/// Launches programs on a device's stream: the Queue of grid/program.h.
class CudaQueue {
 public:
  explicit CudaQueue(const Device& device) : device_(device), card_(device.index) {}

  /// Memory in the order of the stream: whoever gets it next waits for the work given so far.
  template <class T>
  class Room {
   public:
    Room(const Device& device, std::size_t count) : device_(device) {
      if (count == 0) return;
      check(cudaMallocAsync(&data_, count * sizeof(T), stream_of(device)), device.index,
            "no room for " + std::to_string(count * sizeof(T)) + " bytes in between");
    }
    ~Room() {
      if (data_) cudaFreeAsync(data_, stream_of(device_));
    }
    Room(const Room&) = delete;
    Room& operator=(const Room&) = delete;

    T* place() const { return static_cast<T*>(data_); }

   private:
    Device device_;
    void* data_ = nullptr;
  };

  template <class T>
  Room<T> room(std::size_t count) {
    return Room<T>(device_, count);
  }

  void zero(void* place, std::size_t bytes) {
    check(cudaMemsetAsync(place, 0, bytes, stream_of(device_)), device_.index, "cannot be cleared");
  }

  template <class T>
  void read(const T* place, std::size_t count, T* to) {
    check(cudaMemcpyAsync(to, place, count * sizeof(T), cudaMemcpyDeviceToHost, stream_of(device_)),
          device_.index, "cannot be read");
    check(cudaStreamSynchronize(stream_of(device_)), device_.index, "a kernel failed");
  }

  template <class Program>
  void launch(std::size_t blocks, const Program& program) {
    if (blocks == 0) return;
    run_program<<<static_cast<unsigned>(blocks), Program::kThreads, 0, stream_of(device_)>>>(
        program);
    check(cudaGetLastError(), device_.index, "a kernel cannot be started");
  }

 private:
  Device device_;
  CardScope card_;
};

}  // namespace kith::kernels
