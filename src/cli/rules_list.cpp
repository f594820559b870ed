// `yagura rules list`: the rules that scan would use, narrowed down.
#include <algorithm>

#include <fmt/format.h>

#include "base/messages/rule.h"
#include "base/text.h"
#include "cli/lake_rules.h"
#include "cli/rules.h"
#include "cli/screen.h"
#include "cli/table.h"
#include "finding/attack.h"

namespace yagura::cli {
namespace {

// What loading left out, to stderr.
void tell_what_was_left_out(const rule::RuleSet& set) {
    if (set.replaced) fmt::print(stderr, "{}\n", say(message::rules_replaced, set.replaced));
    if (set.repeated) fmt::print(stderr, "{}\n", say(message::rules_repeated, set.repeated));
    if (set.quarantined_count) {
        fmt::print(stderr, "{}\n", say(message::rules_quarantined, set.quarantined_count));
        for (const Diagnostic& problem : set.quarantined)
            fmt::print(stderr, "  {}\n", to_string(problem));
    }
    tell_skipped(set);
}

void tell_filters(const rule::RuleSet& set) {
    for (const rule::Filter& filter : set.filters) {
        const std::string place = fmt::format("{}:{}", filter.info.file, filter.info.line);
        const std::string title = shown_title(filter.info);
        fmt::print(stderr,
                   "{}\n",
                   filter.is_off
                       ? say(message::rules_filter_off, title, printable(place))
                       : say(message::rules_filter, title, printable(place), filter.rules));
    }
}

bool mentions(const match::RuleInfo& info, std::string_view folded) {
    const auto holds = [&](const std::string& text) {
        return fold_case(text).find(folded) != std::string::npos;
    };
    return holds(info.title) || holds(info.title_ja) || holds(info.description) ||
           holds(info.description_ja) || holds(info.id) || holds(info.author) ||
           std::any_of(info.tags.begin(), info.tags.end(), holds);
}

class Filter {
  public:
    explicit Filter(const ListOptions& options)
        : least_(*match::level_from_name(options.min_level)),
          tactic_(finding::find_tactic(options.tactic)),
          type_(options.log_type.empty() ? nullptr : logtype::find(options.log_type)),
          text_(fold_case(options.text)) {}

    bool passes(const KnownRule& rule) const {
        if (rule.info->level < least_) return false;
        if (tactic_ && !finding::tactics_of(rule.info->tags).test(static_cast<size_t>(*tactic_)))
            return false;
        const auto is_about = [&](const match::Rule* each) {
            return each->source.covers(type_->logsource);
        };
        if (type_ && std::none_of(rule.rules.begin(), rule.rules.end(), is_about)) return false;
        return text_.empty() || mentions(*rule.info, text_);
    }

  private:
    match::Level least_;
    std::optional<finding::Tactic> tactic_;
    const logtype::LogType* type_;
    std::string text_;
};

std::string tactics_text(const match::RuleInfo& info) {
    std::string out;
    for (const finding::Tactic tactic : finding::in_order(finding::tactics_of(info.tags)))
        out += (out.empty() ? "" : " ") + std::string(finding::tactic_row(tactic).brief);
    return out;
}

std::string shown(const std::optional<uint64_t>& number) {
    return number ? with_thousands(*number) : "–";
}

int list_lake_rules(const ListOptions& options, const Session& session) {
    const auto rules = LakeRules::open(options.choice.lake, options.choice, session);
    if (!rules) return kUsage;
    const Filter filter(options);
    std::vector<std::vector<std::string>> rows{{say(message::rules_column_level),
                                                say(message::rules_column_id),
                                                say(message::rules_column_title),
                                                say(message::rules_column_hits_week),
                                                say(message::rules_column_hits),
                                                say(message::rules_column_cost),
                                                say(message::rules_column_state),
                                                say(message::rules_column_source),
                                                say(message::rules_column_file)}};
    size_t listed = 0;
    for (const desk::Entry& entry : rules->shelf().entries) {
        const match::RuleInfo& info = entry.info();
        if (!filter.passes(entry.rule)) continue;
        ++listed;
        if (options.format == "json") {
            fmt::print("{{{}{}}}\n", json_facts(entry.rule), rules->json_facts(entry));
            continue;
        }
        rows.push_back({std::string(match::level_name(info.level)),
                        printable(info.id),
                        shorten(shown_title(info), 60),
                        shown(rules->hits_week(entry)),
                        shown(rules->hits(entry)),
                        rules->cost_text(entry),
                        shorten(rules->state_text(entry), 40),
                        printable(entry.rule.source),
                        printable(info.file)});
    }
    if (options.format == "table") print_table(rows);
    if (!session.quiet) {
        remark(say(message::rules_listed, listed));
        tell_filters(*rules->shelf().all);
        for (const Diagnostic& mistake : rules->shelf().mistakes)
            fmt::print(stderr, "{}\n", to_string(mistake));
    }
    return kOk;
}

}  // namespace

int list_rules(const ListOptions& options, const Session& session) {
    if (!options.choice.lake.empty()) return list_lake_rules(options, session);
    const auto set = load_chosen(options.choice, session);
    if (!set) return kUsage;
    const Filter filter(options);
    std::vector<std::vector<std::string>> rows{{say(message::rules_column_level),
                                                say(message::rules_column_id),
                                                say(message::rules_column_title),
                                                say(message::rules_column_tactics),
                                                say(message::rules_column_author),
                                                say(message::rules_column_source),
                                                say(message::rules_column_file)}};
    size_t listed = 0;
    for (const KnownRule& rule : known_rules(*set)) {
        if (!filter.passes(rule)) continue;
        ++listed;
        if (options.format == "json") {
            fmt::print("{{{}}}\n", json_facts(rule));
            continue;
        }
        rows.push_back({std::string(match::level_name(rule.info->level)),
                        printable(rule.info->id),
                        shorten(shown_title(*rule.info), 60),
                        tactics_text(*rule.info),
                        shorten(printable(rule.info->author), 30),
                        printable(rule.source),
                        printable(rule.info->file)});
    }
    if (options.format == "table") print_table(rows);
    if (!session.quiet) {
        remark(say(message::rules_loaded, set->loaded, set->files));
        remark(say(message::rules_listed, listed));
        tell_filters(*set);
        tell_what_was_left_out(*set);
    }
    return kOk;
}

}  // namespace yagura::cli
