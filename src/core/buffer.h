#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <type_traits>
#include <vector>

#include "core/array.h"
#include "core/carrier.h"
#include "core/device_memory.h"

namespace kith {

/// A run of numbers of one kind that changes its length, in host memory or in that of a device,
/// where they are reached through kernels and copies only.
template <class T>
class Buffer {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  using value_type = T;
  using const_iterator = const T*;

  Buffer() = default;
  explicit Buffer(const Device& device) : device_(device) {}
  Buffer(Buffer&&) = default;
  Buffer& operator=(Buffer&&) = default;

  const Device& device() const { return device_; }
  std::size_t size() const { return is_here() ? here_.size() : size_; }
  bool empty() const { return size() == 0; }
  T* data() {
    if (is_here()) return here_.data();
    return there_ ? reinterpret_cast<T*>(there_->data()) : nullptr;
  }
  const T* data() const { return const_cast<Buffer*>(this)->data(); }

  std::span<T> span() { return {data(), size()}; }
  std::span<const T> span() const { return {data(), size()}; }
  operator std::span<const T>() const { return span(); }

  ArrayView view() requires std::is_same_v<T, float> { return {data(), size(), device_}; }
  ConstArrayView view() const requires std::is_same_v<T, float> {
    return {data(), size(), device_};
  }

  // In host memory only.
  T& operator[](std::size_t i) { return here_[i]; }
  const T& operator[](std::size_t i) const { return here_[i]; }
  const T* begin() const { return here_.data(); }
  const T* end() const { return here_.data() + here_.size(); }

  /// What it then holds is not said.
  void resize(std::size_t size) {
    if (is_here()) return here_.resize(size);
    size_ = size;
    const std::size_t floats = (size * sizeof(T) + sizeof(float) - 1) / sizeof(float);
    if (floats > 0 && (!there_ || there_->size() < floats)) {
      there_ = std::make_shared<Array>(floats, device_);
    }
  }

  /// Becomes what `make` leaves in a vector of the host.
  template <class Make>
  void fill(Make make) {
    if (is_here()) return make(here_);
    thread_local std::vector<T> made;
    make(made);
    resize(made.size());
    copy_bytes(device_, made.data(), data(), std::span(made).size_bytes());
  }

  /// Becomes a copy of numbers that lie where this does.
  void assign(std::span<const T> numbers) {
    if (is_here()) return here_.assign(numbers.begin(), numbers.end());
    resize(numbers.size());
    copy_bytes(device_, numbers.data(), data(), numbers.size_bytes());
  }

  /// A copy of what lies on a device on another one. It stays as long as it is.
  Buffer carried(Carrier& carrier) const {
    Buffer copy(carrier.to());
    copy.size_ = size_;
    if (size_ > 0) copy.there_ = carrier.carry(data(), size_ * sizeof(T));
    return copy;
  }

  /// The numbers where the host can read them: these, or a copy in `room`.
  std::span<const T> on_host(std::vector<T>& room) const {
    if (is_here()) return here_;
    room.resize(size_);
    copy_bytes(device_, data(), room.data(), std::span(room).size_bytes());
    device_memory().wait(device_);
    return room;
  }

 private:
  bool is_here() const { return device_.is_cpu(); }

  static void copy_bytes(const Device& device, const void* from, void* to, std::size_t bytes) {
    if (bytes > 0) device_memory().copy(device, from, to, bytes);
  }

  Device device_;
  std::vector<T> here_;
  std::shared_ptr<Array> there_;  // a carrier's too
  std::size_t size_ = 0;          // of what is there
};

}  // namespace kith
