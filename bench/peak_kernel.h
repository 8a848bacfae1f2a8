#pragma once

#include <cstdint>

// What a processor can multiply and add at most.
namespace nasc::bench {

namespace avx2 {
int64_t MultiplyAdd(int64_t rounds, float* sink);
}
namespace avx512 {
int64_t MultiplyAdd(int64_t rounds, float* sink);
}

}  // namespace nasc::bench
