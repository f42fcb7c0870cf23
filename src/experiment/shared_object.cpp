#include "experiment/shared_object.h"

#include <cxxabi.h>
#include <dlfcn.h>
#include <elf.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>

#include "core/abi.h"
#include "core/error.h"
#include "core/file_check.h"

namespace kith {
namespace {

namespace fs = std::filesystem;

std::string read_bytes(const fs::path& file) {
  if (const auto reason = why_unreadable(file, "plug-in")) {
    throw InputError(file.string() + ": " + *reason);
  }
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream bytes;
  bytes << stream.rdbuf();
  return bytes.str();
}

/// What the plug-in was built for, as KITH_ABI; nothing where it is none. It is looked for in the
/// file, because to ask a loaded object would be to have run its code.
std::optional<std::string> abi_of(const std::string& bytes) {
  if (!bytes.starts_with(ELFMAG)) return std::nullopt;
  // Put together here, so that the program itself does not look like a plug-in.
  const auto mark = bytes.find(std::string(KITH_PLUGIN_MARK) + "Kith ");
  if (mark == std::string::npos) return std::nullopt;
  return bytes.c_str() + mark + std::strlen(KITH_PLUGIN_MARK);
}

void check_abi(const fs::path& file, const std::string& bytes) {
  const auto abi = abi_of(bytes);
  if (!abi) {
    throw InputError(file.string() +
                     ": is no plug-in of Kith; build one with kith_add_plugin (CONTRIBUTING.md)");
  }
  if (*abi == KITH_ABI) return;
  throw InputError(file.string() + ": was built for " + *abi +
                   ", but this is " KITH_ABI "; build it again, against this installation");
}

/// dlopen's complaint without the file's name, and with a symbol as its programmer wrote it.
std::string complaint(const fs::path& file) {
  std::string text = dlerror();
  if (const std::string name = file.string() + ": "; text.starts_with(name))
    text.erase(0, name.size());
  constexpr std::string_view kUndefined = "undefined symbol: ";
  if (!text.starts_with(kUndefined)) return text;
  int failed = 0;
  const std::unique_ptr<char, void (*)(void*)> plain(
      abi::__cxa_demangle(text.c_str() + kUndefined.size(), nullptr, nullptr, &failed), std::free);
  return "it needs " + (plain ? plain.get() : text.substr(kUndefined.size())) +
         ", which Kith has not; is it linked with all that it uses?";
}

}  // namespace

std::string read_shared_object(const fs::path& file) {
  std::string bytes = read_bytes(file);
  check_abi(file, bytes);
  return bytes;
}

void* load_shared_object(const fs::path& file) {
  if (void* const handle = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL)) return handle;
  throw InputError(file.string() + ": cannot be loaded: " + complaint(file));
}

}  // namespace kith
