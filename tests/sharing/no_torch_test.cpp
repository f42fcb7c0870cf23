#include <gtest/gtest.h>

#include "sharing/gossip_network.h"
#include "support/folder.h"

namespace kith {
namespace {

TEST(SharingWithoutTorch, FftSaysWhatWouldHelp) {
  EXPECT_EQ(message_of<ConfigError>(
                [] { GossipNetwork(R"({"type": "fft", "alpha": 0.1})", 3, small_model()); }),
            "/sharing: fft needs LibTorch, and this build of Kith has none; run "
            "tools/install_dependencies.sh and build with -DKITH_TORCH=ON, or use wavelet");
}

}  // namespace
}  // namespace kith
