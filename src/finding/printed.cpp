#include "finding/printed.h"

#include <algorithm>
#include <tuple>

#include "base/text.h"
#include "match/term.h"

namespace yagura::finding {

std::optional<Printed> print(const match::Rule& rule,
                             const event::Event& event,
                             std::string_view object,
                             uint64_t ordinal) {
    if (rule.output.empty()) return std::nullopt;
    Printed out{&rule.info, event.time, std::string(object), ordinal, "", "{"};
    std::vector<std::string_view> told;
    for (const match::OutputPart& part : rule.output) {
        const auto value = match::term_text(part.term, event);
        out.text += value.value_or("<NA>");
        const bool again = std::find(told.begin(), told.end(), part.name) != told.end();
        if (part.name.empty() || again) continue;
        told.push_back(part.name);
        if (told.size() > 1) out.fields += ',';
        out.fields += json_quote(part.name) + ":" + (value ? json_quote(*value) : "null");
    }
    out.fields += '}';
    return out;
}

namespace {

bool comes_before(const Printed& a, const Printed& b) {
    const auto key = [](const Printed& line) {
        return std::tie(line.time, line.rule->title, line.object, line.ordinal, line.text);
    };
    return key(a) < key(b);
}

// The first `most` lines, in any order; the last of them comes last.
void cut(std::vector<Printed>& lines, uint64_t most) {
    const auto last = lines.begin() + static_cast<std::ptrdiff_t>(most) - 1;
    std::nth_element(lines.begin(), last, lines.end(), comes_before);
    lines.resize(most);
}

}  // namespace

void sort_printed(std::vector<Printed>& lines) {
    std::sort(lines.begin(), lines.end(), comes_before);
}

bool PrintedLines::wants(Timestamp time) {
    limit_->made.fetch_add(1, std::memory_order_relaxed);
    return to_micros(time) <= limit_->latest.load(std::memory_order_relaxed);
}

void PrintedLines::add(Printed line) {
    lines_.push_back(std::move(line));
    if (lines_.size() < 2 * limit_->most) return;
    cut(lines_, limit_->most);
    const int64_t last = to_micros(lines_.back().time);
    int64_t latest = limit_->latest.load(std::memory_order_relaxed);
    while (last < latest && !limit_->latest.compare_exchange_weak(latest, last)) {
    }
}

void keep_first_printed(std::vector<Printed>& lines, uint64_t most) {
    if (lines.size() > most) cut(lines, most);
    sort_printed(lines);
}

}  // namespace yagura::finding
