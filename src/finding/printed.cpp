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

void sort_printed(std::vector<Printed>& lines) {
    const auto key = [](const Printed& line) {
        return std::tie(line.time, line.rule->title, line.object, line.ordinal, line.text);
    };
    std::sort(lines.begin(), lines.end(), [&](const Printed& a, const Printed& b) {
        return key(a) < key(b);
    });
}

}  // namespace yagura::finding
