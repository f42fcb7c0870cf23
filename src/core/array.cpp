#include "core/array.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <mutex>
#include <new>
#include <string>

#include "core/device_memory.h"
#include "core/error.h"

namespace kith {

namespace {

constexpr std::size_t kAlignment = 64;

// Where Linux gives huge pages to those who ask, MPI copies a vector from process to process twice
// as fast: half of that work is finding pages.
constexpr std::size_t kHugePage = std::size_t{2} << 20;

std::size_t alignment_of(std::size_t bytes) { return bytes < kHugePage ? kAlignment : kHugePage; }

/// All but what is left over at the end, where that would leave much of a page unused.
std::size_t bytes_in_huge_pages(std::size_t bytes) {
  constexpr std::size_t kUnusedAtMost = kHugePage / 8;
  return (bytes + kUnusedAtMost) / kHugePage * kHugePage;
}

/// Zeros.
void* allocate(std::size_t bytes) {
  const std::size_t alignment = alignment_of(bytes);
  const std::size_t huge = alignment == kHugePage ? bytes_in_huge_pages(bytes) : 0;
  auto* const place =
      static_cast<std::byte*>(::operator new (std::max(bytes, huge), std::align_val_t{alignment}));
  std::size_t zeros = 0;
  // Small pages that the heap had there go first. Those that come are zeros, and come when they are
  // written to: an array of gigabytes is there at once.
  if (huge > 0 && madvise(place, huge, MADV_DONTNEED) == 0) {
    madvise(place, huge, MADV_HUGEPAGE);
    zeros = huge;
  }
  if (zeros < bytes) std::memset(place + zeros, 0, bytes - zeros);
  return place;
}

}  // namespace

Array::Array(std::size_t size, const Device& device, const Device& first)
    : data_(nullptr, Free{size * sizeof(float), device}), size_(size) {
  if (size == 0) return;
  const std::size_t bytes = size * sizeof(float);
  if (!device.is_cpu()) {
    data_.reset(static_cast<float*>(device_memory().allocate(first, bytes)));
    return;
  }
  try {
    data_.reset(static_cast<float*>(allocate(bytes)));
  } catch (const std::bad_alloc&) {
    throw ResourceError("not enough memory for a vector of " + std::to_string(size) +
                        " numbers; use fewer nodes or a smaller model");
  }
}

Array::Array(ArrayView part) : data_(part.data, Free{0, part.device}), size_(part.size) {}

void Array::Free::operator()(float* data) const {
  if (bytes == 0) return;
  if (!device.is_cpu()) return device_memory().release(device, data);
  ::operator delete (data, std::align_val_t{alignment_of(bytes)});
}

struct ArrayPool::Shelf {
  static constexpr std::size_t kFirstCount = 16;

  std::mutex mutex;
  // Where small arrays lie, each slab twice as large as the last, up to a huge page.
  std::vector<Array> slabs;
  std::size_t next_count = kFirstCount;
  std::vector<std::unique_ptr<Array>> free;

  void add_slab(std::size_t size, const Device& device);
};

void ArrayPool::Shelf::add_slab(std::size_t size, const Device& device) {
#ifdef __SANITIZE_ADDRESS__
  constexpr bool kSlabs = false;  // the end of every vector shall be seen
#else
  constexpr bool kSlabs = true;
#endif
  constexpr std::size_t kPage = kHugePage / sizeof(float);
  constexpr std::size_t kLine = kAlignment / sizeof(float);
  const std::size_t stride = (size + kLine - 1) / kLine * kLine;
  const std::size_t most = stride == 0 ? 0 : (kPage + stride - 1) / stride;
  if (!kSlabs || most < 2) return;
  const std::size_t count = std::min(next_count, most);
  next_count = 2 * count;
  const ArrayView slab = slabs.emplace_back(count * stride, device).view();
  for (std::size_t i = count; i > 0; --i) {
    free.push_back(std::unique_ptr<Array>(new Array(slab.part((i - 1) * stride, size))));
  }
}

ArrayPool::ArrayPool(std::size_t size, const Device& device)
    : size_(size), device_(device), shelf_(std::make_shared<Shelf>()) {}

std::shared_ptr<Array> ArrayPool::take() {
  std::unique_ptr<Array> array;
  {
    const std::lock_guard lock(shelf_->mutex);
    if (shelf_->free.empty()) shelf_->add_slab(size_, device_);
    if (!shelf_->free.empty()) {
      array = std::move(shelf_->free.back());
      shelf_->free.pop_back();
    }
  }
  if (!array) array = std::make_unique<Array>(size_, device_);
  // The shelf goes as soon as the pool and all its arrays are gone.
  return {array.release(), [shelf = shelf_](Array* used) {
            std::unique_ptr<Array> back(used);
            const std::lock_guard lock(shelf->mutex);
            shelf->free.push_back(std::move(back));
          }};
}

}  // namespace kith
