// Aligned columns for the terminal: widths count terminal columns, so Japanese lines up too.
#pragma once

#include <string>
#include <vector>

namespace yagura::cli {

// Prints rows to stdout, every column but the last padded to its widest cell. Cells are printed as
// they are: what comes from strangers must have been through printable().
void print_table(const std::vector<std::vector<std::string>>& rows);

}  // namespace yagura::cli
