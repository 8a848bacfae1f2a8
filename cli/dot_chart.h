#pragma once

#include <string>
#include <vector>

namespace nasc {

struct Dot {
  double x = 1;         // above 0
  bool reached = true;  // else an arrow to the right: more would be needed
};

struct DotRow {
  std::string label;
  std::vector<Dot> dots;
};

// A picture of rows of dots over a logarithmic axis, with a line at the middle one of each row, as
// an SVG element: no script, no file beside it.
std::string DotChart(const std::string& x_label, const std::vector<DotRow>& rows);

}  // namespace nasc
