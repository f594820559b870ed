// `yagura rules show ID`: everything about one rule, in both languages: what it says of itself,
// what it asks once compiled, and the events beside it.
#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "base/messages/rule.h"
#include "base/text.h"
#include "cli/lake_rules.h"
#include "cli/rules.h"
#include "cli/screen.h"
#include "finding/attack.h"
#include "rule/readable.h"
#include "rule/samples.h"

namespace yagura::cli {
namespace {

constexpr size_t kSampleColumns = 150;
constexpr size_t kSuggestions = 8;

// The rule whose id or title this is, else those whose id begins so or whose title holds it.
std::vector<const KnownRule*> find_rules(const std::vector<KnownRule>& rules,
                                         std::string_view wanted) {
    const std::string folded = fold_case(wanted);
    std::vector<const KnownRule*> near;
    for (const KnownRule& rule : rules) {
        const match::RuleInfo& info = *rule.info;
        const std::string id = fold_case(info.id);
        const std::string title = fold_case(info.title);
        if (id == folded || title == folded || info.title_ja == wanted) return {&rule};
        const bool is_near = id.starts_with(folded) || title.find(folded) != std::string::npos ||
                             info.title_ja.find(wanted) != std::string::npos;
        if (is_near && !folded.empty()) near.push_back(&rule);
    }
    return near;
}

std::vector<rule::Sample> samples_of(const match::RuleInfo& info) {
    const auto file = rule::sample_file_of(info.file);
    std::error_code ignored;
    if (!std::filesystem::exists(file, ignored)) return {};
    auto samples = rule::read_samples(file);
    return samples ? std::move(*samples) : std::vector<rule::Sample>();
}

// The record on one line: blanks between JSON tokens say nothing.
std::string record_on_one_line(std::string_view record) {
    if (record.empty() || (record[0] != '{' && record[0] != '[')) return std::string(record);
    std::string out;
    bool in_text = false;
    for (size_t i = 0; i < record.size(); ++i) {
        const char c = record[i];
        if (!in_text && (c == ' ' || c == '\n' || c == '\r' || c == '\t')) continue;
        out += c;
        if (in_text && c == '\\' && i + 1 < record.size()) {
            out += record[++i];
        } else if (c == '"') {
            in_text = !in_text;
        }
    }
    return out;
}

// A log of several records is a list of them.
std::string on_one_line(const rule::Sample& sample) {
    std::string out;
    for (const std::string& record : sample.records)
        out += (out.empty() ? "" : ",") + record_on_one_line(record);
    return sample.is_log ? "[" + out + "]" : out;
}

class Sheet {
  public:
    explicit Sheet(const report::Terminal& terminal) : terminal_(terminal) {}

    // What the console of a lake knows beside that.
    void print_lake(const LakeRules& rules, const desk::Entry& entry) const {
        row(message::rules_column_state, rules.state_text(entry));
        const auto number = [](const std::optional<uint64_t>& of) {
            return of ? with_thousands(*of) : std::string();
        };
        row(message::rules_column_hits_week, number(rules.hits_week(entry)));
        row(message::rules_column_hits, number(rules.hits(entry)));
        row(message::rules_column_cost, rules.cost_text(entry));
        if (entry.disabled) row(message::show_reason, entry.disabled->reason);
        if (entry.tuned) row(message::show_reason, entry.tuned->reason);
    }

    void print(const KnownRule& rule) {
        const match::RuleInfo& info = *rule.info;
        fmt::print("{}\n", terminal_.bold(printable(info.title)));
        if (!info.title_ja.empty()) fmt::print("{}\n", terminal_.bold(printable(info.title_ja)));
        fmt::print("\n");
        row(message::show_id, info.id);
        fmt::print("{}{}\n", heading(message::rules_column_level), terminal_.level(info.level));
        if (!info.level_note.empty()) row(message::show_level_note, info.level_note);
        row(message::show_status, info.status);
        row(message::rules_column_author, info.author);
        row(message::rules_column_source, rule.source);
        row(message::show_tactics, tactics(info));
        row(message::show_tags, joined(info.tags, " "));
        row(message::rules_column_file, fmt::format("{}:{}", info.file, info.line));
        section(message::show_description, {info.description, info.description_ja});
        section(message::show_false_positives, info.false_positives);
        section(message::show_false_positives, info.false_positives_ja);
        section(message::show_references, info.references);
        for (const match::Rule* each : rule.rules) {
            title(message::show_condition);
            fmt::print("{}", rule::readable(*each, 2));
        }
        if (rule.correlation) {
            title(message::show_condition);
            fmt::print("{}", rule::readable(*rule.correlation, 2));
        }
        if (rule.first_seen) {
            title(message::show_first_seen);
            fmt::print("{}", rule::readable(*rule.first_seen, 2));
        }
        filters(rule.filters);
        samples(info);
    }

  private:
    static std::string joined(const std::vector<std::string>& texts, std::string_view separator) {
        std::string out;
        for (const std::string& text : texts)
            out += (out.empty() ? "" : std::string(separator)) + text;
        return out;
    }

    static std::string tactics(const match::RuleInfo& info) {
        std::string out;
        for (const finding::Tactic tactic : finding::in_order(finding::tactics_of(info.tags))) {
            const finding::TacticRow& row = finding::tactic_row(tactic);
            out +=
                fmt::format("{}{} {}", out.empty() ? "" : ", ", row.id, row.title.in(language()));
        }
        return out;
    }

    std::string heading(const Text& text) const {
        constexpr size_t kColumns = 14;
        const std::string words = say(text);
        const size_t width = display_width(words);
        return terminal_.dim(words) + std::string(width < kColumns ? kColumns - width : 1, ' ');
    }
    void row(const Text& label, std::string_view value) const {
        if (!value.empty()) fmt::print("{}{}\n", heading(label), printable(value));
    }
    void title(const Text& text) const { fmt::print("\n{}\n", terminal_.paint(say(text), "36")); }

    void section(const Text& label, const std::vector<std::string>& lines) const {
        if (std::all_of(lines.begin(), lines.end(), [](const auto& line) { return line.empty(); }))
            return;
        title(label);
        for (const std::string& text : lines) {
            for (const std::string_view line : split(text, '\n'))
                if (!trim(line).empty()) fmt::print("  {}\n", printable(trim(line)));
        }
    }

    void filters(const std::vector<const rule::Filter*>& filters) const {
        if (filters.empty()) return;
        title(message::show_filters);
        for (const rule::Filter* filter : filters)
            fmt::print("  {} ({}:{})\n",
                       shown_title(filter->info),
                       printable(filter->info.file),
                       filter->info.line);
    }

    void samples(const match::RuleInfo& info) const {
        const std::vector<rule::Sample> all = samples_of(info);
        if (all.empty()) return;
        for (const bool must_match : {true, false}) {
            title(must_match ? message::show_must_match : message::show_must_not_match);
            for (const rule::Sample& sample : all) {
                if (sample.must_match == must_match)
                    fmt::print("  {}\n", shorten(printable(on_one_line(sample)), kSampleColumns));
            }
        }
    }

    report::Terminal terminal_;
};

void print_json(const KnownRule& rule, const std::string& more) {
    std::string conditions;
    for (const match::Rule* each : rule.rules)
        conditions += (conditions.empty() ? "" : ",") + json_quote(rule::readable(*each));
    if (rule.correlation) conditions = json_quote(rule::readable(*rule.correlation));
    std::vector<std::string> must, must_not;
    for (const rule::Sample& sample : samples_of(*rule.info))
        (sample.must_match ? must : must_not).push_back(on_one_line(sample));
    fmt::print(R"({{{}{},"conditions":[{}],"match":{},"no_match":{}}})"
               "\n",
               json_facts(rule),
               more,
               conditions,
               json_list(must),
               json_list(must_not));
}

}  // namespace

int show_rule(const ShowOptions& options, const Session& session) {
    std::optional<LakeRules> lake;
    std::optional<rule::RuleSet> set;
    std::vector<KnownRule> rules;
    if (options.choice.lake.empty()) {
        set = load_chosen(options.choice, session);
        if (!set) return kUsage;
        rules = known_rules(*set);
    } else {
        lake = LakeRules::open(options.choice.lake, options.choice, session);
        if (!lake) return kUsage;
        for (const desk::Entry& entry : lake->shelf().entries) rules.push_back(entry.rule);
    }
    const std::vector<const KnownRule*> found = find_rules(rules, options.wanted);
    if (found.empty()) return complain(say(message::show_none, options.wanted)), kFailed;
    if (found.size() > 1) {
        complain(say(message::show_several, options.wanted, found.size()));
        for (size_t i = 0; i < std::min(found.size(), kSuggestions); ++i) {
            fmt::print(
                stderr, "  {}  {}\n", printable(found[i]->info->id), shown_title(*found[i]->info));
        }
        return kFailed;
    }
    const desk::Entry* entry = lake ? lake->shelf().find(found[0]->info->id) : nullptr;
    if (options.format == "json") {
        print_json(*found[0], entry ? lake->json_facts(*entry) : "");
    } else {
        Sheet sheet(terminal_of(1, session));
        sheet.print(*found[0]);
        if (entry) {
            fmt::print("\n");
            sheet.print_lake(*lake, *entry);
        }
    }
    return kOk;
}

}  // namespace yagura::cli
