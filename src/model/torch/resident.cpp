#include "model/torch/resident.h"

#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>

namespace kith {
namespace {

/// The code of the library, if it is LibTorch's: unchanged pages of a file, which come back when
/// they are used.
int let_go(dl_phdr_info* library, std::size_t, void*) {
  if (!std::strstr(library->dlpi_name, "libtorch_cpu")) return 0;
  const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  for (int i = 0; i < library->dlpi_phnum; ++i) {
    const auto& segment = library->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_X) == 0) continue;
    const std::uintptr_t start = (library->dlpi_addr + segment.p_vaddr) & ~(page - 1);
    const std::uintptr_t end = library->dlpi_addr + segment.p_vaddr + segment.p_memsz;
    madvise(reinterpret_cast<void*>(start), end - start, MADV_DONTNEED);
  }
  return 1;
}

}  // namespace

void forget_start_of_torch() { dl_iterate_phdr(let_go, nullptr); }

}  // namespace kith
