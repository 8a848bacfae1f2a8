#pragma once

#include <vector>

#include "dsl/ast.h"

namespace nasc {

// Numbers the steps of a definition that call the same thing: conv1, conv2. A callee that is called
// once keeps its name. Order is that of the text, so a label is stable against edits elsewhere.
void LabelSteps(std::vector<ast::Chain*> chains);

}  // namespace nasc
