#include "cli/line_chart.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/log_axis.h"

namespace nasc {
namespace {

constexpr double kWidth = 860;
constexpr double kHeight = 480;
constexpr double kLeft = 70;
constexpr double kRight = 190;  // the legend
constexpr double kTop = 16;
constexpr double kBottom = 52;

// Told apart by people who see colours differently: those of Okabe and Ito, and dashes after them.
constexpr const char* kColours[] = {"#000000", "#E69F00", "#56B4E9", "#009E73",
                                    "#0072B2", "#D55E00", "#CC79A7", "#999999"};
constexpr const char* kDashes[] = {"", "6 3", "2 3"};

}  // namespace

std::string LineChart(const std::string& x_label, const std::string& y_label, double least_y,
                      const std::vector<Line>& lines) {
  double most_x = 1;
  double least_x = 1e300;
  double most_y = least_y;
  for (const Line& line : lines) {
    for (double x : line.x) most_x = std::max(most_x, x);
    for (double x : line.x) least_x = std::min(least_x, x);
    for (double y : line.y) most_y = std::max(most_y, y);
  }
  const LogAxis x(least_x, most_x, kLeft, kWidth - kRight);
  const LogAxis y(least_y, most_y * 1.1, kHeight - kBottom, kTop);
  std::string svg = absl::StrFormat(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %g %g\" role=\"img\" "
      "font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%%\" height=\"100%%\" "
      "fill=\"#fff\"/>\n",
      kWidth, kHeight);
  for (double tick : x.Ticks()) {
    absl::StrAppendFormat(&svg,
                          "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%g\" y2=\"%g\" stroke=\"#e5e5e5\"/>"
                          "<text x=\"%.1f\" y=\"%g\" text-anchor=\"middle\">%g</text>\n",
                          x.At(tick), x.At(tick), kTop, kHeight - kBottom, x.At(tick),
                          kHeight - kBottom + 18, tick);
  }
  for (double tick : y.Ticks()) {
    absl::StrAppendFormat(&svg,
                          "<line x1=\"%g\" x2=\"%g\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#e5e5e5\"/>"
                          "<text x=\"%g\" y=\"%.1f\" text-anchor=\"end\">%g</text>\n",
                          kLeft, kWidth - kRight, y.At(tick), y.At(tick), kLeft - 6, y.At(tick) + 4,
                          tick);
  }
  for (size_t i = 0; i < lines.size(); ++i) {
    const char* colour = kColours[i % std::size(kColours)];
    const char* dash = kDashes[i / std::size(kColours) % std::size(kDashes)];
    std::string points;
    for (size_t p = 0; p < lines[i].x.size(); ++p) {
      absl::StrAppendFormat(&points, "%.1f,%.1f ", x.At(lines[i].x[p]),
                            y.At(std::max(least_y, lines[i].y[p])));
    }
    const double legend = kTop + 12 + 18 * static_cast<double>(i);
    absl::StrAppendFormat(
        &svg,
        "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"1.8\" stroke-dasharray=\"%s\" "
        "points=\"%s\"/>\n<line x1=\"%g\" x2=\"%g\" y1=\"%g\" y2=\"%g\" stroke=\"%s\" "
        "stroke-width=\"1.8\" stroke-dasharray=\"%s\"/><text x=\"%g\" y=\"%g\">%s</text>\n",
        colour, dash, points, kWidth - kRight + 16, kWidth - kRight + 44, legend, legend, colour,
        dash, kWidth - kRight + 50, legend + 4, Escaped(lines[i].label));
  }
  absl::StrAppendFormat(
      &svg,
      "<text x=\"%g\" y=\"%g\" text-anchor=\"middle\">%s</text>\n<text transform=\"rotate(-90)\" "
      "x=\"%g\" y=\"16\" text-anchor=\"middle\">%s</text>\n</svg>\n",
      (kLeft + kWidth - kRight) / 2, kHeight - 14, Escaped(x_label),
      -(kTop + kHeight - kBottom) / 2, Escaped(y_label));
  return svg;
}

}  // namespace nasc
