#include "base/diagnostic.h"

#include <algorithm>
#include <vector>

#include "base/language.h"
#include "base/messages/base.h"
#include "base/text.h"

namespace yagura {
namespace {

// Optimal string alignment distance, case-insensitive for ASCII. O(|a|·|b|); names are short.
size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::vector<size_t>> cost(a.size() + 1, std::vector<size_t>(b.size() + 1));
    for (size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
    for (size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
    for (size_t i = 1; i <= a.size(); ++i) {
        for (size_t j = 1; j <= b.size(); ++j) {
            const bool same = ascii_lower(a[i - 1]) == ascii_lower(b[j - 1]);
            cost[i][j] =
                std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + !same});
            const bool swapped = i > 1 && j > 1 && ascii_lower(a[i - 1]) == ascii_lower(b[j - 2]) &&
                                 ascii_lower(a[i - 2]) == ascii_lower(b[j - 1]);
            if (swapped) cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
        }
    }
    return cost[a.size()][b.size()];
}

}  // namespace

std::string to_string(const Diagnostic& diagnostic) {
    std::string out = diagnostic.file;
    if (diagnostic.line > 0) out += fmt::format(":{}:{}", diagnostic.line, diagnostic.column);
    out += diagnostic.grade == Grade::error ? ": error: " : ": warning: ";
    out += diagnostic.message;
    if (!diagnostic.hint.empty()) out += " (" + diagnostic.hint + ")";
    if (!diagnostic.code.empty()) out += fmt::format(" [{}]", diagnostic.code);
    return printable(out);
}

std::string_view nearest_name(std::string_view word, std::span<const std::string_view> names) {
    std::string_view best;
    if (word.empty()) return best;
    // Of a one-letter word any other letter would be "near".
    size_t best_distance = std::min(std::max<size_t>(1, word.size() / 3), word.size() - 1) + 1;
    for (std::string_view name : names) {
        if (name.size() > word.size() + best_distance || word.size() > name.size() + best_distance)
            continue;
        const size_t distance = edit_distance(word, name);
        if (distance < best_distance) {
            best_distance = distance;
            best = name;
        }
    }
    return best;
}

std::string suggest(std::string_view word, std::span<const std::string_view> names) {
    const std::string_view name = nearest_name(word, names);
    return name.empty() ? std::string() : say(message::did_you_mean, name);
}

}  // namespace yagura
