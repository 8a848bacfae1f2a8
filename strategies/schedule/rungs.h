#pragma once

#include <cstdint>
#include <vector>

#include "dsl/options.h"

namespace nasc {

// The settings of every scheduler: `reduction`, eta of the papers, and `least`, r over R.
std::vector<OptionSpec> RungOptionSpecs();

// The fidelities of rungs: 1 and its parts by the reduction again and again, none below `least`;
// ascending.
std::vector<double> Fidelities(double least, int64_t reduction);

// Those of a search: the ones that it declares and 1, or where it declares none, the ones that the
// settings of a scheduler give.
std::vector<double> Fidelities(const std::vector<double>& declared, const Options& options);

// How many architectures each rung of a bracket holds whose first holds `width`: the part of the
// one before by the reduction, rounded down, and one at least.
std::vector<int64_t> RungSizes(int64_t width, size_t rungs, int64_t reduction);

// The widest bracket over these fidelities that costs no more than a budget, 0 where none does.
int64_t WidestBracket(double budget, const std::vector<double>& fidelities, int64_t reduction);

}  // namespace nasc
