// Prints rows of the series of Mackey and Glass (Science 197, 1977) as CSV:
//
//   dx/dt = 0.2 x(t - 17) / (1 + x(t - 17)^10) - 0.1 x(t),  x(0) = 1.2,  x(t) = 0 for t < 0
//
// by Runge and Kutta's method of fourth order with steps of 0.1; half a step before a sample of the
// past counts the mean of its neighbours. A row is x(t - 18), x(t - 12), x(t - 6), x(t) and
// x(t + 6), for one t after the other.
//
//   mackey_glass_series FIRST COUNT
//
// FIRST is the t of the first row, at least 18.
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace {

constexpr int kStepsPerUnit = 10;
constexpr double kStep = 1.0 / kStepsPerUnit;
constexpr int kDelay = 17 * kStepsPerUnit;
constexpr int kLags[] = {-18, -12, -6, 0, 6};

double Slope(double x, double delayed) {
  const double square = delayed * delayed;
  const double fourth = square * square;
  return 0.2 * delayed / (1 + fourth * fourth * square) - 0.1 * x;
}

// x(0), x(1), ..., x(last).
std::vector<double> Series(int last) {
  std::vector<double> x(kDelay + 1);  // from -17 to 0, a step each
  x.back() = 1.2;
  while (static_cast<int>(x.size()) <= kDelay + last * kStepsPerUnit) {
    const double now = x.back();
    const double from = x[x.size() - 1 - kDelay];
    const double to = x[x.size() - kDelay];
    const double middle = (from + to) / 2;
    const double k1 = Slope(now, from);
    const double k2 = Slope(now + kStep / 2 * k1, middle);
    const double k3 = Slope(now + kStep / 2 * k2, middle);
    const double k4 = Slope(now + kStep * k3, to);
    x.push_back(now + kStep / 6 * (k1 + 2 * k2 + 2 * k3 + k4));
  }
  std::vector<double> series;
  for (size_t i = kDelay; i < x.size(); i += kStepsPerUnit) series.push_back(x[i]);
  return series;
}

}  // namespace

int main(int argc, char** argv) {
  const int first = argc == 3 ? std::atoi(argv[1]) : 0;
  const int count = argc == 3 ? std::atoi(argv[2]) : 0;
  if (first < 18 || count < 1) {
    std::fprintf(stderr, "usage: mackey_glass_series FIRST COUNT, with FIRST at least 18\n");
    return 2;
  }
  const std::vector<double> x = Series(first + count + 6);
  std::printf("before_18,before_12,before_6,now,after_6\n");
  for (int t = first; t < first + count; ++t) {
    for (const int lag : kLags) std::printf("%.6f%c", x[t + lag], lag == 6 ? '\n' : ',');
  }
  return 0;
}
