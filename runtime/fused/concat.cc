#include "runtime/fused/concat.h"

#include <cstring>

#include "runtime/fused/tensors.h"

namespace nasc::fused {
namespace {

// The channels of a tensor that lie in those of a wider one, from `offset` bytes of a pixel on.
struct Part {
  char* data;
  int64_t offset;
  int64_t bytes;
};

constexpr int64_t kPixelsAtLeast = 512;  // of a thread

// Calls f(pixel) for every pixel of every image.
template <typename F>
void ForPixels(const at::Tensor& x, const F& f) {
  at::parallel_for(0, x.numel() / x.size(1), kPixelsAtLeast, [&](int64_t begin, int64_t end) {
    for (int64_t pixel = begin; pixel < end; ++pixel) f(pixel);
  });
}

// Calls copy(in the part, in the whole, bytes) for each part of every pixel.
template <typename F>
void ForEachPart(const at::Tensor& whole, const std::vector<Part>& parts, const F& copy) {
  const int64_t bytes = whole.size(1) * whole.element_size();
  auto* data = static_cast<char*>(whole.data_ptr());
  ForPixels(whole, [&](int64_t pixel) {
    for (const Part& part : parts) {
      copy(part.data + pixel * part.bytes, data + pixel * bytes + part.offset, part.bytes);
    }
  });
}

}  // namespace

at::Tensor Concat(const std::vector<at::Tensor>& x) {
  std::vector<Part> parts;
  int64_t offset = 0;
  std::vector<int64_t> sizes = x[0].sizes().vec();
  sizes[1] = 0;
  for (const at::Tensor& tensor : x) {
    const int64_t bytes = tensor.size(1) * tensor.element_size();
    parts.push_back({static_cast<char*>(tensor.data_ptr()), offset, bytes});
    offset += bytes;
    sizes[1] += tensor.size(1);
  }
  const at::Tensor whole = EmptyImages(sizes, x[0]);
  ForEachPart(whole, parts, [](const char* part, char* in_whole, int64_t bytes) {
    std::memcpy(in_whole, part, bytes);
  });
  return whole;
}

std::vector<at::Tensor> Split(const at::Tensor& x, const std::vector<int64_t>& sizes,
                              const std::vector<bool>& wanted) {
  std::vector<at::Tensor> made(sizes.size());
  std::vector<Part> parts;
  int64_t offset = 0;
  std::vector<int64_t> shape = x.sizes().vec();
  for (size_t i = 0; i < sizes.size(); ++i) {
    const int64_t bytes = sizes[i] * x.element_size();
    if (wanted[i]) {
      shape[1] = sizes[i];
      made[i] = EmptyImages(shape, x);
      parts.push_back({static_cast<char*>(made[i].data_ptr()), offset, bytes});
    }
    offset += bytes;
  }
  ForEachPart(x, parts, [](char* part, const char* in_whole, int64_t bytes) {
    std::memcpy(part, in_whole, bytes);
  });
  return made;
}

at::Tensor Shuffle(const at::Tensor& x, int64_t groups) {
  const at::Tensor y = EmptyImages(x.sizes(), x);
  const int64_t channels = x.size(1);
  const int64_t size = channels / groups;
  WithType(x, [&](auto number) {
    using T = decltype(number);
    const T* from = x.data_ptr<T>();
    T* to = y.data_ptr<T>();
    ForPixels(x, [&](int64_t pixel) {
      const T* in = from + pixel * channels;
      T* out = to + pixel * channels;
      for (int64_t i = 0; i < size; ++i) {
        for (int64_t group = 0; group < groups; ++group) *out++ = in[group * size + i];
      }
    });
  });
  return y;
}

void AddToChannels(const at::Tensor& whole, const at::Tensor& part, int64_t first) {
  WithType(whole, [&](auto number) {
    using T = decltype(number);
    T* to = whole.data_ptr<T>();
    const T* from = part.data_ptr<T>();
    ForPixels(whole, [&](int64_t pixel) {
      T* out = to + pixel * whole.size(1) + first;
      const T* in = from + pixel * part.size(1);
      for (int64_t i = 0; i < part.size(1); ++i) out[i] += in[i];
    });
  });
}

}  // namespace nasc::fused
