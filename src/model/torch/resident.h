#pragma once

namespace kith {

/// Lets go of the code that LibTorch ran when it was loaded: its thousands of operators register
/// themselves then, which touches 27 MB that no model needs again.
void forget_start_of_torch();

}  // namespace kith
