#include "communication/transport.h"

namespace kith {
namespace {

/// All nodes in one process. A message is delivered by handing over the reference: the neighbor
/// reads the very vector that its sender published.
class InProcess final : public Transport {
 public:
  using Params = NoParams;

  InProcess(Params, const Context& context) {
    const std::size_t processes = context.placement.nodes_of.size();
    if (processes <= 1) return;
    throw ConfigError("/communication/type: \"inproc\" is for one process, and this run has " +
                      std::to_string(processes) + "; use zmq or mpi");
  }

  Group& group() override { return alone_; }
  std::string join(const Facts&, const std::string& words) override { return words; }
  void start(Arrivals& arrivals, std::function<Pulse()>) override { arrivals_ = &arrivals; }
  void finish() override {}
  void fail(const std::string&) override {}

  void send(const Message& message, std::span<const Uid> receivers) override {
    for (const Uid receiver : receivers) arrivals_->deliver(receiver, message);
  }

  void announce(Uid node, Round round) override { arrivals_->entered(node, round); }

  std::uint64_t wire_bytes() const override { return 0; }

 private:
  Arrivals* arrivals_ = nullptr;
  Alone alone_;
};

const Register<Transport, InProcess> registered{"inproc", "all nodes in one process, no copies"};

}  // namespace
}  // namespace kith
