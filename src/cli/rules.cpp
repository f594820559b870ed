// `yagura rules`: the command line of its commands, and what they share.
#include "cli/rules.h"

#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/messages/falco.h"
#include "base/messages/report.h"
#include "base/messages/rule.h"
#include "base/paths.h"
#include "base/text.h"
#include "cli/rules_commands.h"
#include "cli/screen.h"
#include "cli/table.h"
#include "cli/usage.h"
#include "finding/attack.h"
#include "finding/severity.h"
#include "logtype/log_type.h"
#include "rule/sigma/modifiers.h"

namespace yagura::cli {
namespace {

std::optional<rule::RuleSet> load(const rule::LoadOptions& options) {
    auto set = rule::load_rules(options);
    if (set) return std::move(*set);
    complain(set.error());
    return std::nullopt;
}

// What options of `list` accept, for suggestions.
std::vector<std::string> level_names() {
    std::vector<std::string> names;
    for (size_t i = 0; i < finding::kLevels; ++i)
        names.emplace_back(finding::severity(static_cast<match::Level>(i)).name);
    return names;
}
std::vector<std::string> tactic_names() {
    std::vector<std::string> names;
    for (size_t i = 0; i < finding::kTactics; ++i)
        names.emplace_back(finding::tactic_row(static_cast<finding::Tactic>(i)).tag);
    return names;
}
std::vector<std::string> log_type_names() {
    std::vector<std::string> names;
    for (const logtype::LogType* type : logtype::all()) names.emplace_back(type->name);
    return names;
}

void explain_modifiers() {
    std::vector<std::vector<std::string>> rows;
    for (const auto& modifier : rule::sigma::modifiers()) {
        rows.push_back({std::string(modifier.name), std::string(modifier.sentence.in(language()))});
    }
    print_table(rows);
}

void add_format(CLI::App* command, std::string& format, const Text& sentence) {
    command->add_option("-f,--format", format, say(sentence))
        ->check(CLI::IsMember({"table", "json"}));
}

void add_choice(CLI::App* command, RuleChoice& choice) {
    command->add_option("-r,--rules", choice.added, say(message::rules_opt_added))
        ->allow_extra_args(false);
    command->add_flag("--no-default-rules", choice.no_default, say(message::rules_opt_no_default));
}

void add_list(CLI::App* rules, Session& session) {
    auto options = std::make_shared<ListOptions>();
    CLI::App* list = rules->add_subcommand("list", say(message::rules_list));
    add_choice(list, options->choice);
    list->add_option("--lake", options->choice.lake, say(message::rules_opt_lake));
    list->add_option("-m,--min-level", options->min_level, say(message::rules_opt_level))
        ->check([](const std::string& name) {
            return match::level_from_name(name)
                       ? std::string()
                       : with_suggestion(say(message::sigma_level, name), name, level_names());
        });
    list->add_option("--tactic", options->tactic, say(message::rules_opt_tactic))
        ->check([](const std::string& name) {
            return finding::find_tactic(name)
                       ? std::string()
                       : with_suggestion(
                             say(message::rules_unknown_tactic, name), name, tactic_names());
        });
    list->add_option("--type", options->log_type, say(message::rules_opt_type))
        ->check([](const std::string& name) {
            return logtype::find(name)
                       ? std::string()
                       : with_suggestion(
                             say(message::rules_unknown_type, name), name, log_type_names());
        });
    list->add_option("--text", options->text, say(message::rules_opt_text));
    add_format(list, options->format, message::rules_opt_format);
    list->callback([options, &session] { session.exit_code = list_rules(*options, session); });
}

void add_show(CLI::App* rules, Session& session) {
    auto options = std::make_shared<ShowOptions>();
    CLI::App* show = rules->add_subcommand("show", say(message::rules_show));
    show->add_option("ID", options->wanted, say(message::rules_opt_id))->required();
    add_choice(show, options->choice);
    show->add_option("--lake", options->choice.lake, say(message::rules_opt_lake));
    add_format(show, options->format, message::rules_opt_format);
    show->callback([options, &session] { session.exit_code = show_rule(*options, session); });
}

void add_coverage(CLI::App* rules, Session& session) {
    auto options = std::make_shared<CoverageOptions>();
    CLI::App* coverage = rules->add_subcommand("coverage", say(message::rules_coverage));
    add_choice(coverage, options->choice);
    coverage->add_option("-f,--format", options->format, say(message::rules_opt_coverage_format))
        ->check(CLI::IsMember({"table", "navigator"}));
    coverage->add_option("-o,--output", options->output, say(message::summary_opt_output));
    coverage->add_option("--name", options->name, say(message::rules_opt_layer_name));
    coverage->callback(
        [options, &session] { session.exit_code = show_coverage(*options, session); });
}

void add_check(CLI::App* rules,
               Session& session,
               const char* name,
               const Text& sentence,
               int (*run)(const CheckOptions&, const Session&),
               bool is_lint) {
    auto options = std::make_shared<CheckOptions>();
    CLI::App* command = rules->add_subcommand(name, say(sentence));
    command->add_option("PATH", options->paths, say(message::rules_opt_paths));
    if (is_lint) {
        add_format(command, options->format, message::rules_opt_format);
        command->add_option("--lake", options->lake, say(message::rules_opt_lint_lake))
            ->excludes("PATH");
        command->add_flag("--list", options->list, say(message::rules_opt_lint_list));
    }
    command->callback([options, run, &session] { session.exit_code = run(*options, session); });
}

}  // namespace

std::optional<rule::RuleSet> load_chosen(const RuleChoice& choice, const Session& session) {
    rule::LoadOptions options;
    if (!choice.no_default) options.bundled.push_back(shipped_rules_dir());
    for (const std::string& path : choice.added) options.added.emplace_back(path);
    options.lists.assign(session.lists.begin(), session.lists.end());
    options.threads = session.threads;
    return load(options);
}

std::optional<rule::RuleSet> load_for_check(const CheckOptions& options,
                                            bool warnings,
                                            const Session& session) {
    rule::LoadOptions load_these;
    if (options.paths.empty()) load_these.bundled.push_back(shipped_rules_dir());
    for (const std::string& path : options.paths) load_these.added.emplace_back(path);
    load_these.lists.assign(session.lists.begin(), session.lists.end());
    load_these.threads = session.threads;
    load_these.warnings = warnings;
    return load(load_these);
}

std::string shown_title(const match::RuleInfo& info) {
    return printable(language() == Language::japanese && !info.title_ja.empty() ? info.title_ja
                                                                                : info.title);
}

std::string json_list(const std::vector<std::string>& items) {
    std::string out;
    for (const std::string& item : items) out += (out.empty() ? "" : ",") + json_quote(item);
    return "[" + out + "]";
}

namespace {

std::string filters_json(const std::vector<const rule::Filter*>& filters) {
    std::string out;
    for (const rule::Filter* filter : filters) {
        out += fmt::format(R"({}{{"id":{},"title":{},"file":{},"line":{},"rules":{}}})",
                           out.empty() ? "" : ",",
                           json_quote(filter->info.id),
                           json_quote(filter->info.title),
                           json_quote(filter->info.file),
                           filter->info.line,
                           filter->rules);
    }
    return "[" + out + "]";
}

// Durations in seconds.
std::string first_seen_json(const match::FirstSeen& memory) {
    constexpr int64_t kSecond = 1'000'000;
    return fmt::format(R"({{"fields":{},"history":{},"learning":{},"entity":{},"entity_age":{}}})",
                       json_list(memory.fields),
                       memory.history / kSecond,
                       memory.learning / kSecond,
                       json_list(memory.entity),
                       memory.entity_age / kSecond);
}

}  // namespace

std::string json_facts(const KnownRule& rule) {
    const match::RuleInfo& info = *rule.info;
    const match::RuleSource source =
        rule.rules.empty() ? match::RuleSource{} : rule.rules[0]->source;
    return fmt::format(
        R"("id":{},"title":{},"title_ja":{},"level":{},"status":{},"author":{},"description":{},"description_ja":{},"product":{},"service":{},"category":{},"tags":{},"references":{},"falsepositives":{},"falsepositives_ja":{},"file":{},"line":{},"bundled":{},"filters":{}{})",
        json_quote(info.id),
        json_quote(info.title),
        json_quote(info.title_ja),
        json_quote(match::level_name(info.level)),
        json_quote(info.status),
        json_quote(info.author),
        json_quote(info.description),
        json_quote(info.description_ja),
        json_quote(source.product),
        json_quote(source.service),
        json_quote(source.category),
        json_list(info.tags),
        json_list(info.references),
        json_list(info.false_positives),
        json_list(info.false_positives_ja),
        json_quote(info.file),
        info.line,
        info.bundled,
        filters_json(rule.filters),
        rule.first_seen ? ",\"first_seen\":" + first_seen_json(*rule.first_seen) : "");
}

void print_diagnostics(std::FILE* to, const std::vector<Diagnostic>& diagnostics) {
    for (const Diagnostic& diagnostic : diagnostics) fmt::print(to, "{}\n", to_string(diagnostic));
}

void add_rules(CLI::App& program, Session& session) {
    CLI::App* rules = program.add_subcommand("rules", say(message::rules_command));
    rules->require_subcommand(1);
    add_list(rules, session);
    add_show(rules, session);
    add_coverage(rules, session);
    add_check(rules, session, "lint", message::rules_lint, lint_rules, true);
    add_rules_test(rules, session, [&session](const std::vector<std::string>& paths) {
        return test_rules({paths, "table"}, session);
    });
    add_rules_convert(rules, session);
    add_rules_explain(rules, session);
    add_check(rules, session, "bench", message::rules_bench, bench_rules, false);
    rules->add_subcommand("modifiers", say(message::rules_modifiers))->callback(explain_modifiers);
    rules->add_subcommand("falco-fields", say(message::falco_fields_help))->callback([&session] {
        session.exit_code = list_falco_fields();
    });
}

}  // namespace yagura::cli
