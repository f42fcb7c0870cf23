#include "core/memory.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "core/error.h"
#include "core/text.h"

namespace kith {

double memory_limit() {
  const double machine =
      static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGE_SIZE));
  double container = 0;
  std::ifstream file("/sys/fs/cgroup/memory.max");  // "max" where there is no limit
  return file >> container ? std::min(machine, container) : machine;
}

void require_memory(double bytes, const std::string& what) {
  const double limit = memory_limit();
  if (bytes <= limit) return;
  throw ResourceError(what + " would take " + bytes_text(bytes) + " of memory, and there are " +
                      bytes_text(limit) + "; use fewer nodes or a smaller model");
}

}  // namespace kith
