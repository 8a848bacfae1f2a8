#include "cli/dot_chart.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/log_axis.h"

namespace nasc {
namespace {

constexpr double kWidth = 860;
constexpr double kLeft = 240;  // the labels
constexpr double kRight = 30;
constexpr double kTop = 10;
constexpr double kRow = 34;
constexpr double kBottom = 52;
constexpr double kRadius = 5;
constexpr char kReached[] = "#0072B2";
constexpr char kMissed[] = "#D55E00";

std::string DotAt(double x, double y, bool reached) {
  if (reached) {
    return absl::StrFormat(
        "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%g\" fill=\"%s\" "
        "fill-opacity=\"0.75\"/>\n",
        x, y, kRadius, kReached);
  }
  return absl::StrFormat(
      "<path d=\"M%.1f %.1f l12 0 m-5 -4 l5 4 l-5 4\" fill=\"none\" stroke=\"%s\" "
      "stroke-width=\"2\"/><circle cx=\"%.1f\" cy=\"%.1f\" r=\"%g\" fill=\"#fff\" stroke=\"%s\" "
      "stroke-width=\"2\"/>\n",
      x + kRadius, y, kMissed, x, y, kRadius, kMissed);
}

}  // namespace

std::string DotChart(const std::string& x_label, const std::vector<DotRow>& rows) {
  double least = 1e300;
  double most = 1e-300;
  for (const DotRow& row : rows) {
    for (const Dot& dot : row.dots) {
      least = std::min(least, dot.x);
      most = std::max(most, dot.x);
    }
  }
  const double height = kTop + kRow * static_cast<double>(rows.size()) + kBottom;
  const double floor = height - kBottom;
  const LogAxis x(least / 1.5, most * 1.5, kLeft, kWidth - kRight);
  std::string svg = absl::StrFormat(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %g %g\" role=\"img\" "
      "font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%%\" height=\"100%%\" "
      "fill=\"#fff\"/>\n",
      kWidth, height);
  for (const double tick : x.Ticks()) {
    absl::StrAppendFormat(&svg,
                          "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%g\" y2=\"%g\" stroke=\"#e5e5e5\"/>"
                          "<text x=\"%.1f\" y=\"%g\" text-anchor=\"middle\">%g</text>\n",
                          x.At(tick), x.At(tick), kTop, floor, x.At(tick), floor + 18, tick);
  }
  for (size_t i = 0; i < rows.size(); ++i) {
    const double y = kTop + kRow * (static_cast<double>(i) + 0.5);
    absl::StrAppendFormat(&svg, "<text x=\"%g\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n",
                          kLeft - 12, y + 4, Escaped(rows[i].label));
    std::vector<double> values;
    for (const Dot& dot : rows[i].dots) values.push_back(dot.x);
    if (values.empty()) continue;
    std::sort(values.begin(), values.end());
    const double middle = x.At(values[values.size() / 2]);
    absl::StrAppendFormat(&svg,
                          "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#000\" "
                          "stroke-width=\"2\"/>\n",
                          middle, middle, y - 11, y + 11);
    for (const Dot& dot : rows[i].dots) absl::StrAppend(&svg, DotAt(x.At(dot.x), y, dot.reached));
  }
  absl::StrAppendFormat(&svg, "<text x=\"%g\" y=\"%g\" text-anchor=\"middle\">%s</text>\n</svg>\n",
                        (kLeft + kWidth - kRight) / 2, height - 14, Escaped(x_label));
  return svg;
}

}  // namespace nasc
