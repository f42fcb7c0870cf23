#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace kith {

/// Where numbers lie. Work on a device is ordered by its stream, which only kernels look into.
struct Device {
  enum class Kind : std::uint8_t { kCpu, kCuda };

  Kind kind = Kind::kCpu;
  int index = 0;
  void* stream = nullptr;

  bool is_cpu() const { return kind == Kind::kCpu; }
  bool operator==(const Device&) const = default;
};

/// A run of floats that knows which memory it is in. It does not own them.
template <class Float>
struct BasicArrayView {
  Float* data = nullptr;
  std::size_t size = 0;
  Device device = {};

  operator BasicArrayView<const Float>() const { return {data, size, device}; }

  BasicArrayView part(std::size_t offset, std::size_t length) const {
    return {data + offset, length, device};
  }

  Float* begin() const { return data; }
  Float* end() const { return data + size; }
};

using ArrayView = BasicArrayView<float>;
using ConstArrayView = BasicArrayView<const float>;

using ByteView = std::span<const std::byte>;

/// An owned run of floats, aligned to 64 bytes, zero at first: in host memory, or in that of a
/// device (core/device_memory.h), where its elements are reached through kernels and copies only.
/// Throws ResourceError when there is not enough host memory, DeviceError for a device's.
class Array {
 public:
  Array() = default;
  explicit Array(std::size_t size, const Device& device = {}) : Array(size, device, device) {}

  /// On a device: zero for work of `first`, which may be another stream of it. The array is for
  /// work of device.stream all the same.
  Array(std::size_t size, const Device& device, const Device& first);

  std::size_t size() const { return size_; }
  const Device& device() const { return data_.get_deleter().device; }
  float* data() { return data_.get(); }
  const float* data() const { return data_.get(); }
  float& operator[](std::size_t i) { return data_[i]; }
  float operator[](std::size_t i) const { return data_[i]; }

  ArrayView view() { return {data_.get(), size_, device()}; }
  ConstArrayView view() const { return {data_.get(), size_, device()}; }

 private:
  friend class ArrayPool;

  struct Free {
    std::size_t bytes = 0;  // 0: they are somebody else's
    Device device = {};
    void operator()(float* data) const;
  };

  /// A part of another array, which lives longer.
  explicit Array(ArrayView part);

  std::unique_ptr<float[], Free> data_{nullptr, Free{}};
  std::size_t size_ = 0;
};

/// A vector that nobody changes any more: what a node published. Whoever holds it may read it.
using Slot = std::shared_ptr<const Array>;

/// Arrays of one size, used again when their last holder lets go: a round allocates nothing.
/// Thread-safe; the arrays it gave out may outlive it.
class ArrayPool {
 public:
  explicit ArrayPool(std::size_t size, const Device& device = {});

  /// An array whose content is whatever its last user left.
  std::shared_ptr<Array> take();

  std::size_t size() const { return size_; }
  const Device& device() const { return device_; }

 private:
  struct Shelf;

  std::size_t size_;
  Device device_;
  std::shared_ptr<Shelf> shelf_;
};

}  // namespace kith
