// `yagura rules list|lint|test|bench|modifiers`: what the rules are, whether they are right, and
// how fast they load.
#include <chrono>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/messages/rule.h"
#include "base/paths.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/table.h"
#include "event/plan.h"
#include "match/program.h"
#include "rule/loader.h"
#include "rule/samples.h"
#include "rule/sigma/modifiers.h"

namespace yagura::cli {
namespace {

struct Options {
    std::vector<std::string> added;  // -r, or PATHs
    bool no_default = false;
    std::string format = "table";
    std::string level = "informational";
};

rule::LoadOptions load_options(const Options& options, bool with_bundled, uint32_t threads) {
    rule::LoadOptions load;
    if (with_bundled) load.bundled.push_back(shipped_rules_dir());
    for (const std::string& path : options.added) load.added.emplace_back(path);
    load.threads = threads;
    return load;
}

std::optional<rule::RuleSet> load(const rule::LoadOptions& options) {
    auto set = rule::load_rules(options);
    if (set) return std::move(*set);
    fmt::print(stderr, "yagura: {}\n", printable(set.error().sentence()));
    return std::nullopt;
}

void print_diagnostics(FILE* to, const std::vector<Diagnostic>& diagnostics) {
    for (const Diagnostic& diagnostic : diagnostics) fmt::print(to, "{}\n", to_string(diagnostic));
}

std::string skipped_line(const rule::sigma::Skipped& skipped) {
    using Kind = rule::sigma::Skipped::Kind;
    const Text& sentence = skipped.kind == Kind::correlation ? message::rules_skipped_correlation
                                                             : message::rules_skipped_filter;
    return printable(say(sentence, skipped.file, skipped.at.line, skipped.title));
}

// What loading left out, to stderr.
void tell_what_was_left_out(const rule::RuleSet& set) {
    if (set.replaced) fmt::print(stderr, "{}\n", say(message::rules_replaced, set.replaced));
    if (set.repeated) fmt::print(stderr, "{}\n", say(message::rules_repeated, set.repeated));
    if (!set.skipped.empty()) {
        fmt::print(stderr, "{}\n", say(message::rules_skipped, set.skipped.size()));
        for (const auto& skipped : set.skipped) fmt::print(stderr, "  {}\n", skipped_line(skipped));
    }
    if (set.quarantined_count) {
        fmt::print(stderr, "{}\n", say(message::rules_quarantined, set.quarantined_count));
        for (const Diagnostic& problem : set.quarantined)
            fmt::print(stderr, "  {}\n", to_string(problem));
    }
}

// --- list ---

std::string source_name(const match::RuleSource& source) {
    std::string out;
    for (const std::string* part : {&source.product, &source.service, &source.category}) {
        if (part->empty()) continue;
        if (!out.empty()) out += '/';
        out += *part;
    }
    return out;
}

std::string json_list(const std::vector<std::string>& items) {
    std::string out;
    for (const std::string& item : items) out += (out.empty() ? "" : ",") + json_quote(item);
    return "[" + out + "]";
}

std::string json_line(const match::Rule& rule) {
    const match::RuleInfo& info = rule.info;
    return fmt::format(
        R"({{"id":{},"title":{},"title_ja":{},"level":{},"status":{},"author":{},"description":{},"product":{},"service":{},"category":{},"tags":{},"references":{},"falsepositives":{},"file":{},"line":{},"bundled":{}}})",
        json_quote(info.id),
        json_quote(info.title),
        json_quote(info.title_ja),
        json_quote(match::level_name(info.level)),
        json_quote(info.status),
        json_quote(info.author),
        json_quote(info.description),
        json_quote(rule.source.product),
        json_quote(rule.source.service),
        json_quote(rule.source.category),
        json_list(info.tags),
        json_list(info.references),
        json_list(info.false_positives),
        json_quote(info.file),
        info.line,
        info.bundled);
}

std::string shown_title(const match::RuleInfo& info) {
    return printable(language() == Language::japanese && !info.title_ja.empty() ? info.title_ja
                                                                                : info.title);
}

int list_rules(const Options& options, const Session& session) {
    const auto set = load(load_options(options, !options.no_default, session.threads));
    if (!set) return kUsage;
    const match::Level least = *match::level_from_name(options.level);
    std::vector<std::vector<std::string>> rows;
    rows.push_back({say(message::rules_column_level),
                    say(message::rules_column_id),
                    say(message::rules_column_title),
                    say(message::rules_column_author),
                    say(message::rules_column_source),
                    say(message::rules_column_file)});
    const match::Rule* last = nullptr;
    for (const match::Rule& rule : set->rules) {
        const bool same_rule = last && last->info.id == rule.info.id;  // a further condition of it
        last = &rule;
        if (rule.info.level < least || same_rule) continue;
        if (options.format == "json") {
            fmt::print("{}\n", json_line(rule));
            continue;
        }
        rows.push_back({std::string(match::level_name(rule.info.level)),
                        printable(rule.info.id),
                        shorten(shown_title(rule.info), 60),
                        shorten(printable(rule.info.author), 30),
                        printable(source_name(rule.source)),
                        printable(rule.info.file)});
    }
    if (options.format == "table") print_table(rows);
    if (!session.quiet) {
        fmt::print(stderr, "{}\n", say(message::rules_loaded, set->loaded, set->files));
        tell_what_was_left_out(*set);
    }
    return kOk;
}

// --- lint ---

std::string json_line(const Diagnostic& diagnostic) {
    return fmt::format(R"({{"file":{},"line":{},"column":{},"grade":"{}","message":{},"hint":{}}})",
                       json_quote(diagnostic.file),
                       diagnostic.line,
                       diagnostic.column,
                       diagnostic.grade == Grade::error ? "error" : "warning",
                       json_quote(diagnostic.message),
                       json_quote(diagnostic.hint));
}

int lint_rules(const Options& options, const Session& session) {
    rule::LoadOptions load_these = load_options(options, options.added.empty(), session.threads);
    load_these.warnings = true;
    const auto set = load(load_these);
    if (!set) return kUsage;
    std::vector<Diagnostic> all = set->quarantined;
    all.insert(all.end(), set->warnings.begin(), set->warnings.end());
    std::stable_sort(all.begin(), all.end(), [](const Diagnostic& a, const Diagnostic& b) {
        return std::tie(a.file, a.line, a.column) < std::tie(b.file, b.line, b.column);
    });
    if (options.format == "json") {
        for (const Diagnostic& diagnostic : all) fmt::print("{}\n", json_line(diagnostic));
    } else {
        print_diagnostics(stdout, all);
    }
    if (!session.quiet) {
        for (const auto& skipped : set->skipped) fmt::print(stderr, "{}\n", skipped_line(skipped));
        fmt::print(stderr,
                   "{}\n",
                   say(message::rules_lint_summary,
                       set->loaded + set->quarantined_count,
                       set->files,
                       set->quarantined.size(),
                       set->warnings.size()));
    }
    return set->quarantined.empty() ? kOk : kFailed;
}

// --- test ---

int test_rules(const Options& options, const Session& session) {
    const bool bundled = options.added.empty();
    const auto set = load(load_options(options, bundled, session.threads));
    if (!set) return kUsage;
    print_diagnostics(stdout, set->quarantined);
    const rule::SampleReport report = rule::check_samples(*set, {.required = bundled});
    for (const rule::SampleFailure& failure : report.failures) {
        fmt::print("{}: {}: {}\n",
                   printable(failure.rule_file),
                   printable(failure.rule_title),
                   printable(failure.sentence));
    }
    if (!session.quiet) {
        const size_t failures = report.failures.size() + set->quarantined.size();
        fmt::print(stderr,
                   "{}\n",
                   say(message::rules_test_summary, report.files, report.samples, failures));
        if (report.untested)
            fmt::print(stderr, "{}\n", say(message::rules_test_untested, report.untested));
    }
    if (set->rules.empty()) {
        fmt::print(stderr, "yagura: {}\n", say(message::rules_test_nothing));
        return kFailed;
    }
    return report.failures.empty() && set->quarantined.empty() ? kOk : kFailed;
}

// --- bench, modifiers ---

double milliseconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
        .count();
}

int bench_rules(const Options& options, const Session& session) {
    const auto start = std::chrono::steady_clock::now();
    const auto set = load(load_options(options, options.added.empty(), session.threads));
    if (!set) return kUsage;
    const double spent = milliseconds_since(start);
    fmt::print("{}\n",
               say(message::rules_bench_load,
                   set->loaded,
                   set->files,
                   fmt::format("{:.1f}", spent),
                   with_thousands(static_cast<uint64_t>(set->loaded / spent * 1000))));
    for (const logtype::LogType* type : logtype::all()) {
        const std::vector<const match::Rule*> rules = set->select_for(*type);
        const auto compile_start = std::chrono::steady_clock::now();
        const match::Program program(*type, rules);
        event::FieldPlan plan(type->dictionary());
        program.want_fields(plan);
        plan.freeze();
        fmt::print("{}\n",
                   say(message::rules_bench_compile,
                       type->name,
                       rules.size(),
                       fmt::format("{:.1f}", milliseconds_since(compile_start))));
    }
    return kOk;
}

void explain_modifiers() {
    std::vector<std::vector<std::string>> rows;
    for (const auto& modifier : rule::sigma::modifiers()) {
        rows.push_back({std::string(modifier.name), std::string(modifier.sentence.in(language()))});
    }
    print_table(rows);
}

}  // namespace

void add_rules(CLI::App& program, Session& session) {
    auto options = std::make_shared<Options>();
    CLI::App* command = program.add_subcommand("rules", say(message::rules_command));
    command->require_subcommand(1);
    const auto add_format = [&](CLI::App* sub) {
        sub->add_option("-f,--format", options->format, say(message::rules_opt_format))
            ->check(CLI::IsMember({"table", "json"}));
    };
    const auto add_paths = [&](CLI::App* sub) {
        sub->add_option("PATH", options->added, say(message::rules_opt_paths));
    };

    CLI::App* list = command->add_subcommand("list", say(message::rules_list));
    list->add_option("-r,--rules", options->added, say(message::rules_opt_added));
    list->add_flag("--no-default-rules", options->no_default, say(message::rules_opt_no_default));
    list->add_option("-m,--min-level", options->level, say(message::rules_opt_level))
        ->check([](const std::string& name) {
            return match::level_from_name(name) ? std::string() : say(message::sigma_level, name);
        });
    add_format(list);
    list->callback([options, &session] { session.exit_code = list_rules(*options, session); });

    CLI::App* lint = command->add_subcommand("lint", say(message::rules_lint));
    add_paths(lint);
    add_format(lint);
    lint->callback([options, &session] { session.exit_code = lint_rules(*options, session); });

    CLI::App* test = command->add_subcommand("test", say(message::rules_test));
    add_paths(test);
    test->callback([options, &session] { session.exit_code = test_rules(*options, session); });

    CLI::App* bench = command->add_subcommand("bench", say(message::rules_bench));
    add_paths(bench);
    bench->callback([options, &session] { session.exit_code = bench_rules(*options, session); });

    command->add_subcommand("modifiers", say(message::rules_modifiers))
        ->callback(explain_modifiers);
}

}  // namespace yagura::cli
