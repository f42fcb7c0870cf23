#include <algorithm>

#include "communication/addresses.h"
#include "communication/keys.h"
#include "communication/launched.h"
#include "communication/remote_transport.h"
#include "communication/zmq_link.h"

namespace kith {
namespace {

constexpr char kThisMachine[] = "127.0.0.1";
constexpr std::int64_t kFirstPort = 21100;

bool is_loopback(const std::string& host) { return host == kThisMachine || host == "localhost"; }

/// ZeroMQ over TCP: processes of one machine or of many, each connected to each. Without keys only
/// where nobody else listens, or where the config says that this is accepted.
class Zmq final : public RemoteTransport {
 public:
  struct Params {
    Path addresses;
    std::optional<std::int64_t> port;
    Path keys;
    bool insecure = false;

    void fields(Fields& f) {
      f.optional(
          "addresses", addresses,
          "where the machines are: {\"0\": \"10.0.0.1\", …} or a hostfile; default: all here");
      f.optional("port", port, "process p listens on port + p; default: 21100, or what is free",
                 Range{.at_least = 1, .at_most = 65535});
      f.optional("keys", keys, "a folder of `kith keygen`: only its processes may connect");
      f.optional("insecure", insecure, "whether to listen to other machines without keys");
    }
  };

  Zmq(const Params& params, const Context& context)
      : RemoteTransport(context, make_zmq_link(settings(params, context))) {}

 private:
  static ZmqSettings settings(const Params& params, const Context& context) {
    const std::optional<Launched> launched = Launched::from_environment();
    ZmqSettings self;
    self.process = context.process;
    self.processes = static_cast<int>(context.placement.nodes_of.size());
    const bool is_told = launched && (launched->publish_to >= 0 || !launched->rendezvous.empty());
    self.hosts = is_told ? launched->hosts : hosts(params, context, self.processes);
    if (std::ssize(self.hosts) == self.processes) {
      self.host = self.hosts[static_cast<std::size_t>(self.process)];
    }
    if (launched) self.token = launched->token;

    const std::int64_t first_port = params.port.value_or(kFirstPort);
    if (params.port || !is_told) self.port = static_cast<int>(first_port) + self.process;
    if (self.port > 65535) {
      throw ConfigError("/communication/port: " + std::to_string(first_port) + " + process " +
                        std::to_string(self.process) + " is no port");
    }
    self.rendezvous =
        is_told ? launched->rendezvous : self.hosts.front() + ':' + std::to_string(first_port);
    if (is_told) self.publish_to = launched->publish_to;

    if (!params.keys.value.empty()) {
      self.keys = read_keys(params.keys.value, self.process, self.processes);
    } else if (launched && !launched->secret_key.empty() && !params.insecure) {
      self.keys = ZmqSettings::Keys{launched->secret_key, launched->public_keys};
    } else if (!is_loopback(self.host) && !params.insecure) {
      throw ConfigError(
          "/communication: listening to other machines without keys lets anybody in; make keys "
          "with "
          "`kith keygen` and set communication.keys, or set communication.insecure to true");
    }
    return self;
  }

  /// By process.
  static std::vector<std::string> hosts(const Params& params, const Context& context,
                                        int processes) {
    std::vector<std::string> hosts(static_cast<std::size_t>(processes), kThisMachine);
    if (params.addresses.value.empty()) return hosts;
    const std::vector<std::string> machines = read_addresses(params.addresses.value);
    for (std::size_t process = 0; process < hosts.size(); ++process) {
      const std::size_t machine = process / static_cast<std::size_t>(context.processes_per_machine);
      if (machine >= machines.size()) {
        throw InputError(params.addresses.value.string() + ": has " +
                         std::to_string(machines.size()) + " machines, and process " +
                         std::to_string(process) + " runs on machine " + std::to_string(machine));
      }
      hosts[process] = machines[machine];
    }
    return hosts;
  }
};

const Register<Transport, Zmq> registered{"zmq", "ZeroMQ over TCP, across processes and machines"};

}  // namespace
}  // namespace kith
