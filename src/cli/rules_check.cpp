// `yagura rules lint|test`: are the rules right, and do they do what they say?
#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include "base/messages/rule.h"
#include "base/text.h"
#include "cli/lake_rules.h"
#include "cli/rules.h"
#include "cli/screen.h"
#include "cli/table.h"
#include "pipeline/run_log.h"
#include "rule/lints.h"
#include "rule/samples.h"

namespace yagura::cli {
namespace {

// What is no lint of its own is a rule that cannot be used.
const rule::LintRow& row_of(const Diagnostic& diagnostic) {
    const rule::LintRow* row = rule::find_lint(diagnostic.code);
    return row ? *row : rule::row_of(rule::Lint::invalid_rule);
}

std::string json_line(const Diagnostic& diagnostic) {
    const rule::LintRow& row = row_of(diagnostic);
    return fmt::format(
        R"({{"file":{},"line":{},"column":{},"code":"{}","severity":"{}","message":{},"hint":{},"remedy":{{"en":{},"ja":{}}}}})",
        json_quote(diagnostic.file),
        diagnostic.line,
        diagnostic.column,
        row.code,
        rule::severity_name(row.severity),
        json_quote(diagnostic.message),
        json_quote(diagnostic.hint),
        json_quote(row.remedy.english),
        json_quote(row.remedy.japanese));
}

// `lint --list`: what is looked for.
int list_lints(const std::string& format) {
    std::vector<std::vector<std::string>> rows{{say(message::rules_column_lint),
                                                say(message::rules_column_severity),
                                                say(message::rules_column_meaning),
                                                say(message::rules_column_remedy)}};
    for (const rule::LintRow& row : rule::lints()) {
        if (format == "json") {
            fmt::print(
                R"({{"code":"{}","severity":"{}","sentence":{{"en":{},"ja":{}}},"remedy":{{"en":{},"ja":{}}}}})"
                "\n",
                row.code,
                rule::severity_name(row.severity),
                json_quote(row.sentence.english),
                json_quote(row.sentence.japanese),
                json_quote(row.remedy.english),
                json_quote(row.remedy.japanese));
        }
        rows.push_back({std::string(row.code),
                        std::string(rule::severity_name(row.severity)),
                        std::string(row.sentence.in(language())),
                        std::string(row.remedy.in(language()))});
    }
    if (format == "table") print_table(rows);
    return kOk;
}

// By file and line.
void print_lints(std::vector<Diagnostic>& all, const std::string& format) {
    std::stable_sort(all.begin(), all.end(), [](const Diagnostic& a, const Diagnostic& b) {
        return std::tie(a.file, a.line, a.column) < std::tie(b.file, b.line, b.column);
    });
    if (format == "json") {
        for (const Diagnostic& diagnostic : all) fmt::print("{}\n", json_line(diagnostic));
    } else {
        print_diagnostics(stdout, all);
    }
}

bool has_error(const std::vector<Diagnostic>& all) {
    return std::any_of(
        all.begin(), all.end(), [](const Diagnostic& each) { return each.grade == Grade::error; });
}

}  // namespace

int lint_rules(const CheckOptions& options, const Session& session) {
    if (options.list) return list_lints(options.format);
    if (!options.lake.empty()) {
        auto found = lint_lake(options.lake, session);
        if (!found) return kUsage;
        print_lints(*found, options.format);
        return has_error(*found) ? kFailed : kOk;
    }
    const auto set = load_for_check(options, true, session);
    if (!set) return kUsage;
    std::vector<Diagnostic> all = set->quarantined;
    all.insert(all.end(), set->warnings.begin(), set->warnings.end());
    print_lints(all, options.format);
    if (!session.quiet) {
        tell_skipped(*set);
        remark(say(message::rules_lint_summary,
                   set->loaded + set->quarantined_count,
                   set->files,
                   set->quarantined.size(),
                   set->warnings.size()));
    }
    return set->quarantined.empty() ? kOk : kFailed;
}

int test_rules(const CheckOptions& options, const Session& session) {
    const bool bundled = options.paths.empty();
    const auto set = load_for_check(options, false, session);
    if (!set) return kUsage;
    print_diagnostics(stdout, set->quarantined);
    const rule::SampleReport report =
        rule::check_samples(*set, {.required = bundled, .run_log = pipeline::log_runner()});
    for (const rule::SampleFailure& failure : report.failures) {
        fmt::print("{}: {}: {}\n",
                   printable(failure.rule_file),
                   printable(failure.rule_title),
                   printable(failure.sentence));
    }
    if (!session.quiet) {
        const size_t failures = report.failures.size() + set->quarantined.size();
        remark(say(message::rules_test_summary, report.files, report.samples, failures));
        if (report.untested) remark(say(message::rules_test_untested, report.untested));
    }
    if (set->rules.empty()) {
        complain(say(message::rules_test_nothing));
        return kFailed;
    }
    return report.failures.empty() && set->quarantined.empty() ? kOk : kFailed;
}

}  // namespace yagura::cli
