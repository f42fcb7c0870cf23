#include "kernels/cuda/streams.h"

#include "kernels/cuda/runtime.h"

namespace kith::kernels {
namespace {

class CudaStream final : public DeviceStream {
 public:
  explicit CudaStream(int index) : device_{Device::Kind::kCuda, index, nullptr} {
    const CardScope card(index);
    cudaStream_t stream{};
    // It does not wait for the card's default stream: events say who waits for whom.
    check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), index, "has no further stream");
    device_.stream = stream;
  }
  ~CudaStream() override {
    cudaStreamSynchronize(stream_of(device_));
    cudaStreamDestroy(stream_of(device_));
  }

  const Device& device() const override { return device_; }

 private:
  Device device_;
};

class CudaEvent final : public DeviceEvent {
 public:
  explicit CudaEvent(int index) : index_(index) {
    const CardScope card(index);
    // Who waits sleeps: the processor has other nodes to work for.
    check(cudaEventCreateWithFlags(&event_, cudaEventDisableTiming | cudaEventBlockingSync), index,
          "has no further event");
  }
  ~CudaEvent() override { cudaEventDestroy(event_); }

  void record(const Device& device) override {
    const CardScope card(index_);
    check(cudaEventRecord(event_, stream_of(device)), index_, "cannot mark its work");
  }

  void hold(const Device& device) override {
    const CardScope card(device.index);
    check(cudaStreamWaitEvent(stream_of(device), event_, 0), device.index, "cannot wait for a mark");
  }

  bool reached() override {
    const cudaError_t status = cudaEventQuery(event_);
    if (status == cudaErrorNotReady) return false;
    check(status, index_, "its work failed");
    return true;
  }

  void wait() override { check(cudaEventSynchronize(event_), index_, "its work failed"); }

 private:
  int index_;
  cudaEvent_t event_{};
};

class CudaPinned final : public PinnedMemory {
 public:
  CudaPinned(int index, std::size_t size) {
    const CardScope card(index);
    void* place = nullptr;
    check(cudaHostAlloc(&place, size, cudaHostAllocPortable), index,
          "no room for " + mebibytes(size) + " of pinned memory");
    bytes_ = {static_cast<std::byte*>(place), size};
  }
  ~CudaPinned() override { cudaFreeHost(bytes_.data()); }

  std::span<std::byte> bytes() override { return bytes_; }

 private:
  std::span<std::byte> bytes_;
};

class CudaStreams final : public DeviceStreams {
 public:
  std::unique_ptr<DeviceStream> stream(const Device& device) override {
    return std::make_unique<CudaStream>(device.index);
  }
  std::unique_ptr<DeviceEvent> event(const Device& device) override {
    return std::make_unique<CudaEvent>(device.index);
  }
  std::unique_ptr<PinnedMemory> pinned(const Device& device, std::size_t size) override {
    return std::make_unique<CudaPinned>(device.index, size);
  }
};

}  // namespace

DeviceStreams& cuda_streams() {
  static CudaStreams streams;
  return streams;
}

}  // namespace kith::kernels
