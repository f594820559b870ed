#include "rule/falco/output.h"

#include "base/language.h"
#include "base/messages/falco.h"
#include "base/messages/rule.h"
#include "base/text.h"
#include "rule/falco/parser.h"

namespace yagura::rule::falco {
namespace {

void append_literal(std::vector<match::OutputPart>& parts, std::string_view text) {
    if (text.empty()) return;
    if (parts.empty() || !parts.back().name.empty()) parts.emplace_back();
    parts.back().term.text += text;
}

}  // namespace

std::vector<match::OutputPart> read_output(const Written& written,
                                           bool known,
                                           Lowering& lowering,
                                           std::vector<Mistake>& mistakes) {
    std::vector<match::OutputPart> parts;
    const std::string_view text = trim(written.text());
    const size_t trimmed = static_cast<size_t>(text.data() - written.text().data());
    for (size_t at = 0; at < text.size();) {
        const size_t percent = std::min(text.find('%', at), text.size());
        append_literal(parts, text.substr(at, percent - at));
        at = percent + 1;
        if (percent == text.size()) break;
        if (text.substr(at).starts_with('%')) {
            append_literal(parts, "%");
            ++at;
            continue;
        }
        size_t length = 0;
        const auto field = parse_leading_field(text.substr(at), length);
        if (!field) {
            if (known && at < text.size() && ascii_lower(text[at]) >= 'a' &&
                ascii_lower(text[at]) <= 'z') {
                mistakes.push_back({written.place(trimmed + at),
                                    say(message::falco_output_field, text.substr(at, 20)),
                                    ""});
            }
            append_literal(parts, "%");
            continue;
        }
        Value placed = *field;
        placed.offset = static_cast<uint32_t>(trimmed + at);
        if (auto side = lowering.side_of(placed, written))
            parts.push_back({std::string(text.substr(at, length)), std::move(side->term)});
        at += length;
    }
    return parts;
}

}  // namespace yagura::rule::falco
