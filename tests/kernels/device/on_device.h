#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "core/device_memory.h"
#include "kernels/device.h"
#include "kernels/device/device_under_test.h"
#include "kernels/every_level.h"

namespace kith::kernels {

/// Tests of a device against the processor, bit for bit. They are part of two programs: in the fast
/// one a processor plays the device, thread by thread; in the other it is a card.
class OnDevice : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!device_under_test().missing.empty()) {
      GTEST_SKIP() << "NOT CHECKED: " << device_under_test().missing;
    }
  }

  const Device& device() const { return device_under_test().device; }
};

/// Elements in a device's memory, from `offset` elements behind an aligned place on.
template <class T>
class Held {
 public:
  explicit Held(std::size_t size, std::size_t offset = 0)
      : room_(((size + offset) * sizeof(T) + 3) / 4 + 1, device_under_test().device),
        size_(size),
        offset_(offset) {}

  Held(std::span<const T> elements, std::size_t offset = 0) : Held(elements.size(), offset) {
    if (elements.empty()) return;
    device_memory().copy(room_.device(), elements.data(), data(), elements.size_bytes());
  }

  T* data() { return reinterpret_cast<T*>(room_.data()) + offset_; }
  std::span<T> span() { return {data(), size_}; }
  ArrayView view() { return {data(), size_, room_.device()}; }

  std::vector<T> back() {
    std::vector<T> elements(size_);
    if (size_ == 0) return elements;
    device_memory().copy(room_.device(), data(), elements.data(), size_ * sizeof(T));
    device_memory().wait(room_.device());
    return elements;
  }

 private:
  Array room_;
  std::size_t size_;
  std::size_t offset_;
};

using Floats = Held<float>;
using Codes = Held<std::uint8_t>;

inline Floats held(ConstArrayView x, std::size_t offset = 0) {
  return {std::span(x.data, x.size), offset};
}

template <class T>
bool same(const std::vector<T>& a, const std::vector<T>& b) {
  return a.size() == b.size() &&
         (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0);
}

inline std::vector<float> floats(ConstArrayView x) { return {x.begin(), x.end()}; }

/// Calls body(size, offset) for all of them.
template <class Body>
void for_sizes_and_offsets(Body body) {
  for (const std::size_t size : kSizes) {
    for (const std::size_t offset : kOffsets) {
      SCOPED_TRACE(std::to_string(size) + " coordinates at " + std::to_string(offset));
      body(size, offset);
    }
  }
}

}  // namespace kith::kernels
