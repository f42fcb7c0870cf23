#include "support/source_folder.h"

namespace kith {

std::filesystem::path source_folder() { return KITH_SOURCE_DIR; }

}  // namespace kith
