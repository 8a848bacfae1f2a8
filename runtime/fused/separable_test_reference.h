#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

#include "runtime/fused/separable_kernel.h"

// What tests give to separable units, and what these compute by the definition.
namespace nasc::fused {

// Multiples of 1/64 from -1 to 1: u is exact in either type, and sometimes 0.
template <typename T>
std::vector<T> Numbers(int64_t count, int seed) {
  std::mt19937 random(seed);
  std::uniform_int_distribution<int> number(-64, 64);
  std::vector<T> numbers(count);
  for (T& n : numbers) n = static_cast<T>(number(random)) / 64;
  return numbers;
}

inline SeparableShape Shape(int64_t height, int64_t width, int64_t in, int64_t out, int64_t kernel,
                            int64_t stride, int64_t padding, int64_t dilation, bool relu) {
  SeparableShape s;
  s.height = height;
  s.width = width;
  s.in_channels = in;
  s.out_channels = out;
  s.kernel = kernel;
  s.stride = stride;
  s.padding = padding;
  s.dilation = dilation;
  s.relu = relu;
  const int64_t window = kernel == 0 ? 1 : (kernel - 1) * dilation + 1;
  s.out_height = (height + 2 * padding - window) / stride + 1;
  s.out_width = (width + 2 * padding - window) / stride + 1;
  return s;
}

template <typename T>
struct Inputs {
  Inputs(const SeparableShape& s, int64_t batch)
      : x(Numbers<T>(batch * s.height * s.width * s.in_channels, 1)),
        scale(Numbers<T>(s.in_channels, 2)),
        shift(Numbers<T>(s.in_channels, 3)),
        filter(Numbers<T>(s.kernel * s.kernel * s.in_channels, 4)),
        point(Numbers<T>(s.in_channels * s.out_channels, 5)),
        dy(Numbers<T>(batch * s.out_height * s.out_width * s.out_channels, 6)),
        dy_scale(Numbers<T>(batch * s.out_channels, 7)),
        z(Numbers<T>(dy.size(), 8)),
        z_scale(Numbers<T>(s.out_channels, 9)),
        offset(Numbers<T>(s.out_channels, 10)) {}

  std::vector<T> x, scale, shift, filter, point, dy, dy_scale, z, z_scale, offset;
};

// Which of the inputs that may be null are there.
struct Given {
  bool scale = true;
  bool dy_scale = true;
  bool z = true;
  bool by_image = false;  // dy_scale
};

// Everything that there is to compute, by the definition.
struct Expected {
  std::vector<double> z, sums, dx, dx_sums, dfilter, dpoint;
};

template <typename T>
Expected Compute(const SeparableShape& s, const Inputs<T>& in, const Given& given, int64_t batch) {
  const int64_t kernel = std::max<int64_t>(s.kernel, 1);
  const int64_t image = s.height * s.width;
  const int64_t out_image = s.out_height * s.out_width;
  const int64_t ci = s.in_channels;
  const int64_t co = s.out_channels;
  Expected e;
  e.z.resize(batch * out_image * co);
  e.sums.resize(batch * 2 * co);
  e.dx.resize(in.x.size());
  e.dx_sums.resize(batch * 2 * ci);
  e.dfilter.resize(in.filter.size());
  e.dpoint.resize(in.point.size());
  const auto filter = [&](int64_t i) {
    return s.kernel == 0 ? 1.0 : static_cast<double>(in.filter[i]);
  };
  std::vector<double> u(in.x.size());
  for (size_t i = 0; i < u.size(); ++i) {
    u[i] = in.x[i];
    if (given.scale) u[i] = u[i] * in.scale[i % ci] + in.shift[i % ci];
  }
  const auto masked = [&](double value, double of) { return s.relu && of <= 0 ? 0 : value; };
  for (int64_t pixel = 0; pixel < batch * out_image; ++pixel) {
    const int64_t n = pixel / out_image;
    const int64_t top = pixel % out_image / s.out_width * s.stride + s.offset - s.padding;
    const int64_t left = pixel % s.out_width * s.stride + s.offset - s.padding;
    // Calls f(place in the filter, place in x) for what the window has of the image.
    const auto window = [&](int64_t c, const auto& f) {
      for (int64_t i = 0; i < kernel; ++i) {
        for (int64_t k = 0; k < kernel; ++k) {
          const int64_t row = top + i * s.dilation;
          const int64_t column = left + k * s.dilation;
          if (row < 0 || row >= s.height || column < 0 || column >= s.width) continue;
          f((i * kernel + k) * ci + c, (n * image + row * s.width + column) * ci + c);
        }
      }
    };
    std::vector<double> d(ci), g(co), z(co);
    for (int64_t c = 0; c < ci; ++c) {
      window(c, [&](int64_t at, int64_t from) { d[c] += filter(at) * masked(u[from], u[from]); });
    }
    for (int64_t o = 0; o < co; ++o) {
      for (int64_t c = 0; c < ci; ++c) z[o] += d[c] * in.point[c * co + o];
      e.z[pixel * co + o] = z[o];
      e.sums[n * 2 * co + o] += z[o];
      e.sums[(n * 2 + 1) * co + o] += z[o] * z[o];
      g[o] = in.dy[pixel * co + o];
      if (given.dy_scale) g[o] *= in.dy_scale[(given.by_image ? n * co : 0) + o];
      if (given.z) {
        g[o] += static_cast<double>(in.z[pixel * co + o]) * in.z_scale[o] + in.offset[o];
      }
    }
    for (int64_t c = 0; c < ci; ++c) {
      double gradient = 0;
      for (int64_t o = 0; o < co; ++o) {
        gradient += g[o] * in.point[c * co + o];
        e.dpoint[c * co + o] += g[o] * d[c];
      }
      window(c, [&](int64_t at, int64_t from) {
        e.dx[from] += masked(gradient * filter(at), u[from]);
        if (s.kernel > 0) e.dfilter[at] += gradient * masked(u[from], u[from]);
      });
    }
  }
  for (int64_t i = 0; i < static_cast<int64_t>(e.dx.size()); ++i) {
    double* sums = e.dx_sums.data() + i / (image * ci) * 2 * ci;
    sums[i % ci] += e.dx[i];
    sums[ci + i % ci] += e.dx[i] * in.x[i];
  }
  return e;
}

}  // namespace nasc::fused
