#include "base/diagnostic.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/language.h"
#include "base/messages/base.h"
#include "base/text.h"

namespace yagura {
namespace {

// Optimal string alignment distance, case-insensitive for ASCII, or `limit` when it is that or
// more: looks only at what lies fewer than `limit` steps off the diagonal, and gives up with the
// first row that is nowhere below it. A word is looked for among thousands of names.
class EditDistance {
  public:
    explicit EditDistance(std::string_view word) : word_(word) {}

    size_t to(std::string_view name, size_t limit) {
        for (auto& row : rows_) row.assign(name.size() + 1, limit);
        for (size_t j = 0; j <= std::min(name.size(), limit); ++j) rows_[0][j] = j;
        for (size_t i = 1; i <= word_.size(); ++i) {
            if (!fill_row(i, name, limit)) return limit;
        }
        return std::min(rows_[word_.size() % 3][name.size()], limit);
    }

  private:
    // Row i from the two before it; false when all of it is at the limit.
    bool fill_row(size_t i, std::string_view name, size_t limit) {
        std::vector<size_t>& row = rows_[i % 3];
        const std::vector<size_t>& before = rows_[(i + 2) % 3];
        const std::vector<size_t>& earlier = rows_[(i + 1) % 3];
        const size_t from = i > limit ? i - limit : 1;
        const size_t to = std::min(name.size(), i + limit);
        row[from - 1] = from == 1 ? std::min(i, limit) : limit;
        size_t least = row[from - 1];
        for (size_t j = from; j <= to; ++j) {
            const bool same = is_same(i, name, j);
            size_t cost = std::min({before[j] + 1, row[j - 1] + 1, before[j - 1] + !same, limit});
            const bool swapped =
                i > 1 && j > 1 && is_same(i, name, j - 1) && is_same(i - 1, name, j);
            if (swapped) cost = std::min(cost, earlier[j - 2] + 1);
            row[j] = cost;
            least = std::min(least, cost);
        }
        if (to < name.size()) row[to + 1] = limit;
        return least < limit;
    }
    bool is_same(size_t i, std::string_view name, size_t j) const {
        return ascii_lower(word_[i - 1]) == ascii_lower(name[j - 1]);
    }

    std::string_view word_;
    std::array<std::vector<size_t>, 3> rows_;
};

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
    EditDistance distance_from(word);
    for (std::string_view name : names) {
        if (name.size() >= word.size() + best_distance ||
            word.size() >= name.size() + best_distance)
            continue;
        const size_t distance = distance_from.to(name, best_distance);
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
