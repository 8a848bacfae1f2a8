// The only code that depends on the version of LibTorch.
#pragma once

#include <ATen/autocast_mode.h>
#include <c10/core/Device.h>
#include <torch/version.h>

namespace nasc {

// While it lives, LibTorch computes in bfloat16 what gains by it and loses little: convolutions and
// products of matrices.
class Autocast {
 public:
  explicit Autocast(c10::Device device) : device_(device) { Set(true); }
  ~Autocast() {
    at::autocast::clear_cache();
    Set(false);
  }
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;

 private:
  void Set(bool enabled) const {
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)
    at::autocast::set_autocast_dtype(device_.type(), at::kBFloat16);
    at::autocast::set_autocast_enabled(device_.type(), enabled);
#else
    if (device_.is_cuda()) {
      at::autocast::set_autocast_gpu_dtype(at::kBFloat16);
      at::autocast::set_enabled(enabled);
    } else {
      at::autocast::set_autocast_cpu_dtype(at::kBFloat16);
      at::autocast::set_cpu_enabled(enabled);
    }
#endif
  }

  c10::Device device_;
};

}  // namespace nasc
