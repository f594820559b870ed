// `yagura rules falco-fields`, and the rules that are loaded but not in use.
#include <fmt/format.h>

#include "base/messages/falco.h"
#include "base/text.h"
#include "cli/rules.h"
#include "cli/screen.h"
#include "cli/table.h"
#include "rule/falco/fields.h"
#include "rule/falco/parser.h"

namespace yagura::cli {

int list_falco_fields() {
    std::vector<std::vector<std::string>> rows;
    const auto add = [&](std::string name, std::string_view type, const Text& sentence) {
        rows.push_back({std::move(name), std::string(type), std::string(sentence.in(language()))});
    };
    for (const auto& field : rule::falco::fields()) {
        add(std::string(field.name) + (field.takes_argument ? "[/…]" : ""),
            rule::falco::type_name(field.type),
            field.sentence);
    }
    for (const auto& row : rule::falco::operators()) add(std::string(row.name), "", row.sentence);
    for (const auto& row : rule::falco::transformers())
        add(std::string(row.name) + "()", "", row.sentence);
    print_table(rows);
    return kOk;
}

void tell_skipped(const rule::RuleSet& set) {
    static constexpr const Text* kSentences[] = {
        nullptr,
        nullptr,
        &message::rules_skipped_falco_source,
        &message::rules_skipped_falco_disabled,
        &message::rules_skipped_falco_field,
    };
    std::vector<std::string> lines;
    for (const auto& skipped : set.skipped) {
        const Text* sentence = kSentences[static_cast<size_t>(skipped.kind)];
        if (sentence)
            lines.push_back(
                printable(say(*sentence, skipped.file, skipped.at.line, skipped.title)));
    }
    if (lines.empty()) return;
    remark(say(message::rules_skipped, lines.size()));
    for (const std::string& line : lines) fmt::print(stderr, "  {}\n", line);
}

}  // namespace yagura::cli
