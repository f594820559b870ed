// `yagura rules coverage`: which tactics and techniques of ATT&CK the rules look at, as a table or
// as a layer for the ATT&CK Navigator.
//
// A rule's tags name tactics and techniques side by side; a technique counts under those tactics of
// the rule that ATT&CK gives it (finding/techniques.h), or under all of the rule's when ATT&CK
// gives it none of them. Source: ATT&CK Navigator layer format 4.5.
#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include "base/messages/rule.h"
#include "base/text.h"
#include "cli/rules.h"
#include "cli/screen.h"
#include "cli/table.h"
#include "finding/attack.h"
#include "finding/techniques.h"
#include "report/output.h"

namespace yagura::cli {
namespace {

using finding::Tactic;
using finding::TacticSet;

constexpr size_t kLevelCount = 5;
constexpr size_t kTitlesInComment = 10;

struct Coverage {
    // technique, tactic → titles of the rules
    std::map<std::pair<std::string, Tactic>, std::vector<std::string>> cells;
    struct OfTactic {
        std::array<uint32_t, kLevelCount> by_level{};
        uint32_t rules = 0;
    };
    std::array<OfTactic, finding::kTactics> tactics{};
    uint32_t untagged = 0;  // rules without a tactic

    void add(const match::RuleInfo& info) {
        const TacticSet tagged = finding::tactics_of(info.tags);
        if (tagged.none()) ++untagged;
        for (const Tactic tactic : finding::in_order(tagged)) {
            OfTactic& of = tactics[static_cast<size_t>(tactic)];
            ++of.rules;
            ++of.by_level[static_cast<size_t>(info.level)];
        }
        for (const std::string& technique : finding::techniques_of(info.tags)) {
            const auto known = finding::tactics_of_technique(technique);
            TacticSet under = known ? *known & tagged : tagged;
            if (under.none()) under = tagged.any() ? tagged : known.value_or(TacticSet());
            for (const Tactic tactic : finding::in_order(under))
                cells[{technique, tactic}].push_back(shown_title(info));
        }
    }

    size_t techniques(Tactic tactic) const {
        return static_cast<size_t>(std::count_if(cells.begin(), cells.end(), [&](const auto& cell) {
            return cell.first.second == tactic;
        }));
    }
};

// "T1098.001 7, T1136.003 4": the most covered first.
std::string techniques_text(const Coverage& coverage, Tactic tactic) {
    std::vector<std::pair<size_t, std::string>> counts;
    for (const auto& [cell, titles] : coverage.cells) {
        if (cell.second == tactic) counts.emplace_back(titles.size(), cell.first);
    }
    std::sort(counts.begin(), counts.end(), [](const auto& a, const auto& b) {
        return a.first != b.first ? a.first > b.first : a.second < b.second;
    });
    std::string out;
    for (const auto& [count, technique] : counts)
        out += fmt::format("{}{} {}", out.empty() ? "" : ", ", technique, count);
    return out;
}

void print_coverage(const Coverage& coverage, const report::Terminal& terminal) {
    constexpr size_t kLeft = 90;  // columns before the list of techniques
    std::vector<std::vector<std::string>> rows;
    rows.push_back({say(message::rules_column_tactic), say(message::rules_column_rules)});
    for (size_t level = kLevelCount; level-- > 0;)
        rows[0].emplace_back(match::level_name(static_cast<match::Level>(level)));
    rows[0].push_back(say(message::rules_column_techniques));
    rows[0].emplace_back();
    for (size_t i = 0; i < finding::kTactics; ++i) {
        const auto tactic = static_cast<Tactic>(i);
        const Coverage::OfTactic& of = coverage.tactics[i];
        std::vector<std::string> row{std::string(finding::tactic_row(tactic).title.in(language())),
                                     std::to_string(of.rules)};
        for (size_t level = kLevelCount; level-- > 0;)
            row.push_back(std::to_string(of.by_level[level]));
        row.push_back(std::to_string(coverage.techniques(tactic)));
        row.push_back(shorten(techniques_text(coverage, tactic),
                              terminal.width > kLeft + 30 ? terminal.width - kLeft : 30));
        rows.push_back(std::move(row));
    }
    print_table(rows);
}

std::string comment_of(const std::vector<std::string>& titles) {
    std::string comment;
    for (size_t i = 0; i < std::min(titles.size(), kTitlesInComment); ++i)
        comment += (i ? "\n" : "") + titles[i];
    if (titles.size() > kTitlesInComment) comment += "\n…";
    return comment;
}

std::string layer_of(const Coverage& coverage, const std::string& name, uint32_t rules) {
    size_t highest = 1;
    std::string techniques;
    for (const auto& [cell, titles] : coverage.cells) {
        highest = std::max(highest, titles.size());
        techniques += fmt::format(
            R"({}    {{"techniqueID": {}, "tactic": {}, "score": {}, "comment": {}, "enabled": true, "showSubtechniques": {}}})",
            techniques.empty() ? "" : ",\n",
            json_quote(cell.first),
            json_quote(finding::tactic_row(cell.second).tag),
            titles.size(),
            json_quote(comment_of(titles)),
            cell.first.find('.') == std::string::npos ? "true" : "false");
    }
    return fmt::format(R"({{
  "name": {},
  "versions": {{"attack": "17", "navigator": "5.1.0", "layer": "4.5"}},
  "domain": "enterprise-attack",
  "description": {},
  "sorting": 3,
  "layout": {{"layout": "side", "showID": true, "showName": true}},
  "hideDisabled": false,
  "gradient": {{"colors": ["#dbe9f4", "#1f5f8b"], "minValue": 0, "maxValue": {}}},
  "techniques": [
{}
  ]
}}
)",
                       json_quote(name),
                       json_quote(say(message::coverage_description, rules)),
                       highest,
                       techniques);
}

}  // namespace

int show_coverage(const CoverageOptions& options, const Session& session) {
    const auto set = load_chosen(options.choice, session);
    if (!set) return kUsage;
    const std::vector<KnownRule> rules = known_rules(*set);
    Coverage coverage;
    for (const KnownRule& rule : rules) coverage.add(*rule.info);
    if (options.format == "table") {
        print_coverage(coverage, terminal_of(1, session));
    } else {
        auto out = report::Output::open(options.output);
        if (!out) return complain(out.error()), kFailed;
        out->write(layer_of(coverage, options.name, static_cast<uint32_t>(rules.size())));
        if (const auto closed = out->close(); !closed) return complain(closed.error()), kFailed;
    }
    if (!session.quiet) remark(say(message::coverage_summary, rules.size(), coverage.untagged));
    return kOk;
}

}  // namespace yagura::cli
