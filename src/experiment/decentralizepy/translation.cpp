#include "experiment/decentralizepy/translation.h"

#include <algorithm>
#include <cmath>

#include "communication/addresses.h"
#include "core/error.h"
#include "core/json_object.h"
#include "experiment/decentralizepy/ini_values.h"
#include "experiment/run_config.h"
#include "graph/file.h"

namespace kith {
namespace {

namespace fs = std::filesystem;

constexpr char kDataset[] = "DATASET";
constexpr char kOptimizer[] = "OPTIMIZER_PARAMS";
constexpr char kTraining[] = "TRAIN_PARAMS";
constexpr char kCommunication[] = "COMMUNICATION";
constexpr char kSharing[] = "SHARING";
constexpr char kNode[] = "NODE";

bool is_known(const AnyRegistry& registry, const std::string& type) {
  const std::vector<std::string> names = registry.names();
  return std::ranges::find(names, type) != names.end();
}

bool has_option(const AnyRegistry& registry, const std::string& type, const std::string& option) {
  if (!is_known(registry, type)) return true;
  const std::vector<FieldInfo> fields = registry.describe(type).fields;
  return std::ranges::find(fields, option, &FieldInfo::name) != fields.end();
}

// --- [DATASET] -----------------------------------------------------------------------------------

std::string partition_json(IniValues& ini) {
  const std::string kind = lower_case(ini.text(kDataset, "partition_niid", "simple"));
  JsonObject json;
  if (kind == "iid" || kind == "false") {
    json.add("type", "iid");
  } else if (kind == "simple") {
    json.add("type", "contiguous");
  } else if (kind == "dirichlet") {
    json.add("type", "dirichlet").add("alpha", ini.number(kDataset, "alpha", 100));
  } else if (kind == "kshard" || kind == "true") {
    json.add("type", "shards").add("per_node", ini.integer(kDataset, "shards", 1));
  } else {
    ini.fail(kDataset, "partition_niid",
             "must be iid, simple, dirichlet or kshard, got " + in_quotes(kind));
  }
  ini.refuse(kDataset, "alpha", "only partition_niid = dirichlet has it");
  ini.refuse(kDataset, "shards", "only partition_niid = kshard has it");
  ini.refuse(kDataset, "shard", "decentralizepy does not know it either; is shards meant?");
  return json.str();
}

std::string model_json(IniValues& ini, const std::string& dataset) {
  const std::string name = ini.text(kDataset, "model_class");
  if (name.empty()) ini.fail(kDataset, "model_class", "is missing");
  const std::string type = lower_case(name);
  if (dataset == "cifar10" && type == "lenet") return R"({"type": "lenet", "norm": "group"})";
  if (dataset == "cifar10" && type == "cnn") return R"({"type": "lenet"})";
  if (dataset == "femnist" && type == "cnn") return R"({"type": "lenet", "variant": "femnist"})";
  if (type == "logisticregression") return R"({"type": "linear"})";
  if (!is_known(Model::registry(), type)) {
    ini.remark(kDataset, "model_class", name, "Kith has no such model yet");
  }
  return JsonObject().add("type", type).str();
}

/// Where CIFAR-10's binary version stands: beside decentralizepy's pickles.
void add_cifar_files(JsonObject& json, const std::string& train, const std::string& test) {
  const auto file = [](const std::string& folder, const std::string& name) {
    return json_string((fs::path(folder) / "cifar-10-batches-bin" / name).string());
  };
  if (test.empty() || test == train) {
    json.add("path", (fs::path(train) / "cifar-10-batches-bin").string());
    return;
  }
  std::vector<std::string> batches;
  for (const char batch : {'1', '2', '3', '4', '5'}) {
    batches.push_back(file(train, std::string("data_batch_") + batch + ".bin"));
  }
  json.raw("train", '[' + join(batches) + ']')
      .raw("test", '[' + file(test, "test_batch.bin") + ']');
}

void add_validation(JsonObject& json, IniValues& ini, std::vector<std::string>& evaluated) {
  const std::string from = ini.text(kDataset, "validation_source");
  if (lower_case(from) == "train") {
    json.add("validation_fraction", ini.number(kDataset, "validation_size", 0));
    evaluated.emplace_back("validation");
  } else if (!from.empty()) {
    ini.remark(kDataset, "validation_source", from, "Kith takes validation samples from Train");
  }
  ini.refuse(kDataset, "validation_size", "there is no validation_source");
}

/// The section, and which sets are evaluated.
std::string dataset_json(IniValues& ini, std::vector<std::string>& evaluated) {
  ini.text(kDataset, "dataset_package");  // the class says it all
  const std::string name = ini.text(kDataset, "dataset_class");
  if (name.empty()) ini.fail(kDataset, "dataset_class", "is missing");
  const std::string type = lower_case(name);
  const std::string train = ini.path(kDataset, "train_dir"), test = ini.path(kDataset, "test_dir");
  if (!test.empty()) evaluated.emplace_back("test");
  JsonObject json;
  json.add("type", type);
  if (type == "cifar10") {
    add_cifar_files(json, train, test);
    json.raw("normalize", R"({"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]})");
    json.raw("partition", partition_json(ini));
    ini.remark(
        "[DATASET] train_dir: Kith reads CIFAR-10's binary version, from the folder "
        "cifar-10-batches-bin beside decentralizepy's cifar-10-batches-py");
  } else {
    json.add("path", train);
    if (!is_known(Dataset::registry(), type)) {
      ini.remark(kDataset, "dataset_class", name, "Kith has no such dataset yet");
    }
    if (ini.has(kDataset, "partition_niid")) json.raw("partition", partition_json(ini));
  }
  add_validation(json, ini, evaluated);
  ini.expect(kDataset, "only_local", {"", "false", "0"}, "Kith deals samples to all nodes at once");
  ini.expect(kDataset, "sizes", {""}, "Kith's partitions have a rule for their sizes");
  ini.refuse(kDataset, "test_batch_size", "does not change what an evaluation gives");
  ini.refuse(kDataset, "images_dir", "belongs to a dataset that Kith has not yet");
  ini.refuse(kDataset, "tokenizer", "belongs to a dataset that Kith has not yet");
  return json.str();
}

// --- [OPTIMIZER_PARAMS], [TRAIN_PARAMS] ----------------------------------------------------------

void add_optimizer(JsonObject& json, IniValues& ini) {
  ini.expect(kOptimizer, "optimizer_package", {"torch.optim", ""},
             "Kith has optimizers of its own");
  const std::string name = ini.text(kOptimizer, "optimizer_class", "SGD");
  const std::string type = lower_case(name);
  json.add("type", type);
  if (!is_known(Optimizer::registry(), type)) {
    ini.remark(kOptimizer, "optimizer_class", name, "Kith has no such optimizer");
  }
  json.add("lr", ini.number(kOptimizer, "lr", 1e-3));  // torch's default
  for (const auto& [key, option] :
       {std::pair("momentum", "momentum"), {"weight_decay", "weight_decay"}, {"eps", "epsilon"}}) {
    if (!ini.has(kOptimizer, key)) continue;
    if (has_option(Optimizer::registry(), type, option)) {
      json.add(option, ini.number(kOptimizer, key, 0));
    } else {
      ini.refuse(kOptimizer, key, "Kith's " + type + " has no such option");
    }
  }
  if (type == "sgd" && ini.yes(kOptimizer, "nesterov", false)) json.add("nesterov", true);
  if (type != "sgd" && ini.has(kOptimizer, "betas")) {
    json.raw("betas", FieldType<std::vector<double>>::json(ini.numbers(kOptimizer, "betas")));
  }
  ini.expect(kOptimizer, "dampening", {"", "0", "0.0"}, "Kith's sgd has no dampening");
  ini.expect(kOptimizer, "amsgrad", {"", "false"}, "Kith's adam has no such variant");
}

void add_loss(JsonObject& json, IniValues& ini) {
  ini.text(kTraining, "loss_package");
  const bool is_class = ini.has(kTraining, "loss_class");
  const char* const key = is_class ? "loss_class" : "loss";
  const std::string name = ini.text(kTraining, key);
  const std::string loss = lower_case(name);
  if (loss == "crossentropyloss" || loss == "cross_entropy")
    json.add("loss", "cross_entropy");
  else if (loss == "mseloss" || loss == "mse_loss")
    json.add("loss", "mse");
  else if (!name.empty())
    ini.remark(kTraining, key, name, "Kith has cross_entropy and mse");
}

std::string training_json(IniValues& ini, const DecentralizepyFlags& flags) {
  JsonObject json;
  add_optimizer(json, ini);
  ini.text(kTraining, "training_package");
  ini.expect(kTraining, "training_class", {"", "training"}, "Kith trains as Training does");
  json.add("batch_size", ini.integer(kTraining, "batch_size", 1));
  const bool full_epochs = ini.yes(kTraining, "full_epochs", false);
  json.add(full_epochs ? "local_epochs" : "local_steps", ini.integer(kTraining, "rounds", 1));
  add_loss(json, ini);
  json.add("reset_optimizer", flags.reset_optimizer);
  json.add("sampling", "round");  // a DataLoader is made anew in every round
  if (!ini.yes(kTraining, "shuffle", false)) {
    ini.remark(
        "[TRAIN_PARAMS] shuffle = False: Kith always draws an order; decentralizepy would "
        "train on the same first batches in every round");
  }
  return json.str();
}

// --- [SHARING] -----------------------------------------------------------------------------------

/// The codec of `compression_class`.
std::string codec_json(IniValues& ini) {
  ini.text(kSharing, "compression_package");
  const std::string name = ini.text(kSharing, "compression_class", "Compression");
  if (!ini.yes(kSharing, "compress", false)) {
    ini.refuse(kSharing, "float_precision", "nothing is compressed: compress is not True");
    return R"({"indices": "none", "values": "none"})";
  }
  const std::string type = lower_case(name);
  const auto precise = [&](const char* values, const char* option, std::int64_t standard) {
    return JsonObject()
        .add("type", values)
        .add(option, ini.integer(kSharing, "float_precision", standard))
        .str();
  };
  std::string indices = "\"none\"", values = "\"none\"";
  if (type.starts_with("elias")) indices = "\"elias_gamma\"";
  if (type == "eliasfpzip") values = "\"fpzip\"";
  if (type == "eliasfpziplossy") values = precise("fpzip", "precision", 16);
  if (type.ends_with("quantization")) values = precise("quantization", "levels", 32767);
  if (type == "lz4wrapper") {
    if (ini.yes(kSharing, "compress_metadata", true)) indices = R"(["gaps", "lz4"])";
    if (ini.yes(kSharing, "compress_data", false)) values = R"({"type": "lz4", "shuffle": false})";
  }
  const bool is_known = type.starts_with("elias") || type == "quantization" ||
                        type == "lz4wrapper" || type == "compression";
  if (!is_known) ini.remark(kSharing, "compression_class", name, "Kith has no such codec");
  ini.refuse(kSharing, "float_precision", name + " does not read it");
  return JsonObject().raw("indices", indices).raw("values", values).str();
}

/// What is counted as a coordinate's change.
const char* accumulation_of(IniValues& ini) {
  const bool accumulates = ini.yes(kSharing, "accumulation", false);
  const bool averaging_too = ini.yes(kSharing, "accumulate_averaging_changes", false);
  return !accumulates ? "none" : averaging_too ? "legacy" : "local";
}

/// partial, wavelet, jwins and fft choose by how much coordinates have changed.
void add_change_options(JsonObject& json, IniValues& ini) {
  json.add("accumulation", accumulation_of(ini));
  json.add("metadata_cap", ini.number(kSharing, "metadata_cap", 1));
  ini.expect(kSharing, "change_based_selection", {"", "true"}, "Kith selects what changed most");
  ini.expect(kSharing, "save_accumulated", {"", "false"}, "Kith does not save accumulators");
  ini.expect(kSharing, "change_transformer", {"", "identity"},
             "the transforms are sharing types of their own: wavelet, fft");
}

void add_wavelet_options(JsonObject& json, IniValues& ini) {
  json.add("wavelet", ini.text(kSharing, "wavelet", "haar"));
  json.add("level", ini.integer(kSharing, "level", 4));
}

void add_subsampling_options(JsonObject& json, IniValues& ini) {
  const double alpha = ini.number(kSharing, "alpha", 1);
  const double cap = ini.number(kSharing, "metadata_cap", 1);
  json.add("alpha", alpha > cap ? 1 : alpha);  // above the cap everything is sent
  if (ini.yes(kSharing, "layerwise", false)) json.add("scope", "layer");
}

void add_choco_options(JsonObject& json, IniValues& ini) {
  if (!ini.has(kSharing, "step_size")) ini.fail(kSharing, "step_size", "is missing");
  json.add("gamma", ini.number(kSharing, "step_size", 1));
  json.raw(
      "compressor",
      JsonObject().add("type", "top_k").add("fraction", ini.number(kSharing, "alpha", 1)).str());
}

/// What decentralizepy calls a method, and we.
std::string sharing_type(const std::string& name) {
  const std::string type = lower_case(name);
  if (type == "sharing") return "full";
  if (type == "plainaveragesharing") return "plain_average";
  return type == "partialmodel" ? "partial" : type;
}

void add_stc_options(JsonObject& json, IniValues& ini) {
  json.add("alpha", ini.number(kSharing, "alpha", 1)).add("gamma", 1.0).add("ternary", false);
  ini.remark(
      "[SHARING] STC: decentralizepy runs it with a server; here each node is the server of "
      "its neighborhood, with gamma = 1");
}

std::string sharing_json(IniValues& ini) {
  ini.text(kSharing, "sharing_package");
  const std::string name = ini.text(kSharing, "sharing_class", "Sharing");
  const std::string type = sharing_type(name);
  JsonObject json;
  json.add("type", type);
  if (type == "subsampling") add_subsampling_options(json, ini);
  if (type == "choco") add_choco_options(json, ini);
  if (type == "stc") add_stc_options(json, ini);
  if (type == "partial" || type == "wavelet" || type == "fft") {
    json.add("alpha", ini.number(kSharing, "alpha", 1));
  }
  if (type == "jwins") {
    std::vector<double> alphas = ini.numbers(kSharing, "alpha_list");
    if (alphas.empty()) alphas = {0.1, 0.2, 0.3, 0.4, 1.0};
    json.raw("alphas", FieldType<std::vector<double>>::json(alphas));
    ini.refuse(kSharing, "alpha", "JWINS draws from alpha_list");
  }
  if (type == "wavelet" || type == "jwins") add_wavelet_options(json, ini);
  if (type == "partial" || type == "wavelet" || type == "jwins" || type == "fft") {
    add_change_options(json, ini);
  }
  const std::string codec = codec_json(ini);
  if (has_option(Sharing::registry(), type, "codec")) {
    json.raw("codec", codec);
  } else if (codec.find("\"values\": \"none\"") == std::string::npos) {
    ini.remark("[SHARING] compression_class: Kith's " + type + " has no codec");
  }
  if (!is_known(Sharing::registry(), type)) {
    ini.remark(kSharing, "sharing_class", name, "this Kith has no such sharing");
  }
  ini.expect(kSharing, "dict_ordered", {"", "true"}, "Kith's vector always has one order");
  ini.expect(kSharing, "save_shared", {"", "false"}, "Kith does not count what is shared");
  ini.expect(kSharing, "pickle", {"", "true", "false"}, "Kith has a wire format of its own");
  return json.str();
}

// --- who talks to whom, and where ----------------------------------------------------------------

/// Nodes, graph, mapping and communication.
void add_network(JsonObject& json, IniValues& ini, const DecentralizepyFlags& flags,
                 bool times_out) {
  const std::string addresses_path = ini.path(kCommunication, "addresses_filepath");
  const fs::path addresses = !flags.addresses.empty()     ? flags.addresses
                             : fs::exists(addresses_path) ? fs::path(addresses_path)
                                                          : fs::path();
  std::int64_t machines = flags.machines.value_or(1);
  if (!addresses.empty()) {
    machines = flags.machines.value_or(std::ssize(read_addresses(addresses)));
  } else if (!addresses_path.empty()) {
    ini.remark(kCommunication, "addresses_filepath", addresses_path,
               "not here; give --addresses FILE, or run all nodes on this machine");
  }

  const bool has_degree = ini.has(kNode, "graph_degree");
  std::int64_t nodes = machines * flags.procs_per_machine.value_or(1);
  std::string graph;
  if (!flags.graph.empty()) {
    nodes = read_graph(flags.graph).nodes();
    graph = JsonObject().add("type", "file").add("path", fs::absolute(flags.graph).string()).str();
    ini.refuse(kNode, "graph_degree",
               "read by its peer samplers and epidemic learning only, which draw a graph every "
               "round: leave out --graph for that");
  } else if (has_degree && times_out) {
    graph = R"("fully_connected")";
  } else if (has_degree) {
    graph = JsonObject()
                .add("type", "random_regular")
                .add("degree", ini.integer(kNode, "graph_degree", 0))
                .str();
    ini.remark(
        "[NODE] graph_degree: a new regular graph every round, as PeerSamplerDynamic and "
        "EL-Oracle draw it; for EL-Local set graph.type to epidemic");
  } else {
    nodes = flags.machines || flags.procs_per_machine ? nodes : 36;
    graph = R"({"type": "file", "path": "36_nodes.edges"})";
    ini.remark(
        "--graph_file is not in the INI file: decentralizepy's default, 36_nodes.edges, "
        "stands here; give --graph FILE");
  }
  json.add("nodes", nodes).raw("graph", graph);

  ini.text(kCommunication, "comm_package");
  ini.expect(kCommunication, "comm_class", {"", "tcp", "tcp_ack"}, "Kith's transport is ZeroMQ");
  ini.refuse(kCommunication, "recv_timeout",
             "Kith finds out by heartbeats who is gone: communication.heartbeat_timeout_s");
  const std::int64_t port = ini.integer(kCommunication, "offset", 0);
  if (addresses.empty()) return;
  const std::int64_t share = (nodes + machines - 1) / std::max<std::int64_t>(1, machines);
  json.raw("mapping", JsonObject()
                          .add("type", "linear")
                          .add("machines", machines)
                          .add("processes_per_machine", flags.procs_per_machine.value_or(share))
                          .str());
  JsonObject communication;
  communication.add("type", "zmq").add("addresses", fs::absolute(addresses).string());
  if (port > 0) communication.add("port", port);
  communication.add("insecure", true);
  ini.remark(
      "communication.insecure: as in decentralizepy anybody may connect; `kith keygen` makes "
      "keys, for communication.keys instead");
  json.raw("communication", communication.str());
}

/// A timeout is that of EL-Local's variant; all others average in rounds.
std::string node_json(IniValues& ini) {
  if (!ini.has(kNode, "timeout")) return R"({"type": "dpsgd", "order": "adapt_then_combine"})";
  ini.remark("[NODE] timeout: EL_Local_Timeout's; leave it out for any other class");
  JsonObject json;
  json.add("type", "epidemic_timeout").add("timeout_s", ini.number(kNode, "timeout", 1));
  if (ini.has(kNode, "graph_degree")) json.add("degree", ini.integer(kNode, "graph_degree", 0));
  return json.str();
}

/// Remarks before the config that they are about.
std::string with_comments(const std::string& json, const std::string& name,
                          const std::vector<std::string>& remarks) {
  std::string text = "// " + one_line(name) + " of decentralizepy, translated.\n";
  if (!remarks.empty()) text += "// What has no place here, or should be known:\n";
  for (const std::string& remark : remarks) text += "//   " + remark + '\n';
  return text + json_pretty(json);
}

}  // namespace

Translation Translation::of(Ini ini, const std::string& name, const fs::path& folder,
                            const DecentralizepyFlags& flags) {
  IniValues values(std::move(ini), folder);
  JsonObject json;
  json.add("name", fs::path(name).stem().string());
  if (values.has(kDataset, "random_seed")) {
    json.add("seed", values.integer(kDataset, "random_seed", 1));
  }
  json.add("rounds", flags.iterations.value_or(1));
  if (!flags.iterations) {
    values.remark("--iterations is not in the INI file: rounds is its default, 1");
  }
  add_network(json, values, flags, values.has(kNode, "timeout"));
  std::vector<std::string> evaluated;
  const std::string dataset = dataset_json(values, evaluated);
  json.raw("dataset", dataset);
  json.raw("model", model_json(values, Config::parse(dataset, "dataset").at("type").to_string()));
  json.raw("training", training_json(values, flags));
  json.raw("sharing", sharing_json(values));
  json.raw("node", node_json(values));
  json.raw("evaluation",
           JsonObject()
               .add("every", flags.test_after)
               .raw("on", json_array(evaluated, [](const auto& set) { return json_string(set); }))
               .str());
  Translation translation{"", values.remarks()};
  try {
    RunConfig::read(Config::parse(json.str(), "config"));
  } catch (const Error& error) {
    translation.remarks.push_back("kith check will say: " + one_line(error.what()));
  }
  translation.json = with_comments(json.str(), name, translation.remarks);
  return translation;
}

}  // namespace kith
