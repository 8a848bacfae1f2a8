#pragma once

#include <vector>

namespace nasc {

struct LeastSquaresFit {
  std::vector<double> coefficients;  // one a column; 0 for a column that tells nothing new
  int rank = 0;                      // how many columns count
};

// The coefficients c for which |sum of c_j column_j - target| is least, by Householder's QR with
// column pivoting (Golub and Van Loan, Matrix Computations, algorithm 5.4.1). All are equally long,
// and not shorter than there are columns.
//
// A column of which less than a millionth is no combination of those before it does not count: its
// coefficient would be so great that a network in float32 could not compute with it.
LeastSquaresFit FitLeastSquares(std::vector<std::vector<double>> columns,
                                std::vector<double> target);

}  // namespace nasc
