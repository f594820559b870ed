#include "cli/table.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"

namespace yagura::cli {

void print_table(const std::vector<std::vector<std::string>>& rows) {
    std::vector<size_t> widths;
    for (const auto& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], display_width(row[i]));
    }
    for (const auto& row : rows) {
        std::string line;
        for (size_t i = 0; i < row.size(); ++i) {
            line += row[i];
            if (i + 1 < row.size()) line.append(widths[i] + 2 - display_width(row[i]), ' ');
        }
        fmt::print("{}\n", line);
    }
}

}  // namespace yagura::cli
