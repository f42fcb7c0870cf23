#include <cstdlib>

#include "communication/mpi_link.h"
#include "communication/remote_transport.h"

namespace kith {
namespace {

/// MPI point to point, for clusters with mpirun or srun: shared memory within a machine, whatever
/// network MPI knows between them. There is no protection from other users of that network.
class Mpi final : public RemoteTransport {
 public:
  using Params = NoParams;

  Mpi(Params, const Context& context)
      : RemoteTransport(
            context,
            make_mpi_link(context.process, static_cast<int>(context.placement.nodes_of.size()))) {}

  // Not in the constructor: a config can be checked anywhere.
  std::string join(const Facts& about, const std::string& words) override {
    constexpr const char* kStarters[] = {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK"};
    for (const char* variable : kStarters) {
      if (std::getenv(variable)) return RemoteTransport::join(about, words);
    }
    throw ConfigError(
        "/communication/type: \"mpi\" is for processes that MPI starts; start it with "
        "mpirun -n N kith run …");
  }
};

const Register<Transport, Mpi> registered{"mpi", "MPI, across the processes of mpirun or srun"};

}  // namespace
}  // namespace kith
