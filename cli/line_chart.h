#pragma once

#include <string>
#include <vector>

namespace nasc {

struct Line {
  std::string label;
  std::vector<double> x;  // above 0
  std::vector<double> y;  // above 0
};

// A picture of lines over logarithmic axes, as an SVG element: no script, no file beside it. Values
// below `least_y` are drawn at it.
std::string LineChart(const std::string& x_label, const std::string& y_label, double least_y,
                      const std::vector<Line>& lines);

}  // namespace nasc
