#pragma once

#include <memory>

#include "communication/link.h"

namespace kith {

/// Frames over MPI, for process `process` of `processes`: ranks of MPI_COMM_WORLD, in which nobody
/// else talks meanwhile. Does nothing before `join`.
std::unique_ptr<Link> make_mpi_link(int process, int processes);

}  // namespace kith
