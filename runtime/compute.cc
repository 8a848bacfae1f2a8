#include "runtime/compute.h"

#include <ATen/detail/CUDAHooksInterface.h>

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "runtime/torch_status.h"

namespace nasc {
namespace {

Compute& Current() {
  static Compute current;
  return current;
}

std::optional<c10::Device> Parse(const std::string& name) {
  try {
    const c10::Device device(name);
    if (device.is_cpu() || device.is_cuda()) return device;
  } catch (const c10::Error&) {
    // Not a name of LibTorch's either.
  }
  return std::nullopt;
}

}  // namespace

const Compute& CurrentCompute() { return Current(); }

absl::Status SetCompute(const std::string& device, const std::string& precision) {
  Compute compute;
  const std::optional<c10::Device> parsed = Parse(device);
  if (!parsed.has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat("no device is called '", device, "': cpu, cuda, or cuda:1 and so on"));
  }
  compute.device = *parsed;
  if (precision != "float32" && precision != "bf16") {
    return absl::InvalidArgumentError(
        absl::StrCat("no precision is called '", precision, "': float32 or bf16"));
  }
  compute.bf16 = precision == "bf16";
  const int devices = static_cast<int>(at::detail::getCUDAHooks().getNumGPUs());
  if (compute.device.is_cuda() && std::max<int>(compute.device.index(), 0) >= devices) {
    return absl::InvalidArgumentError(absl::StrCat(
        "this LibTorch sees ", devices, " CUDA devices, not '", device, "': try --device=cpu"));
  }
  Current() = compute;
  return absl::OkStatus();
}

}  // namespace nasc
