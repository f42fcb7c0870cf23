#include <cstdio>

#include "commands.h"
#include "core/error.h"
#include "core/text.h"
#include "experiment/decentralizepy/translation.h"

namespace kith::commands {

void import_config(const ImportArguments& arguments) {
  if (arguments.from != "decentralizepy") {
    throw ConfigError("command line: kith import knows decentralizepy, not " +
                      in_quotes(arguments.from));
  }
  const std::filesystem::path file = arguments.config;
  const std::filesystem::path folder = std::filesystem::absolute(file).parent_path();
  const Translation translation =
      Translation::of(Ini::read(file), file.filename().string(), folder, arguments.flags);
  for (const std::string& remark : translation.remarks) {
    std::fprintf(stderr, "note: %s\n", remark.c_str());
  }
  std::fputs(translation.json.c_str(), stdout);
}

}  // namespace kith::commands
