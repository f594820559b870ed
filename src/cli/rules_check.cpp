// `yagura rules lint|test`: are the rules right, and do they do what they say?
#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include "base/messages/rule.h"
#include "base/text.h"
#include "cli/rules.h"
#include "cli/screen.h"
#include "rule/samples.h"

namespace yagura::cli {
namespace {

std::string json_line(const Diagnostic& diagnostic) {
    return fmt::format(R"({{"file":{},"line":{},"column":{},"grade":"{}","message":{},"hint":{}}})",
                       json_quote(diagnostic.file),
                       diagnostic.line,
                       diagnostic.column,
                       diagnostic.grade == Grade::error ? "error" : "warning",
                       json_quote(diagnostic.message),
                       json_quote(diagnostic.hint));
}

}  // namespace

int lint_rules(const CheckOptions& options, const Session& session) {
    const auto set = load_for_check(options, true, session);
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

int test_rules(const CheckOptions& options, const Session& session) {
    const bool bundled = options.paths.empty();
    const auto set = load_for_check(options, false, session);
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
        complain(say(message::rules_test_nothing));
        return kFailed;
    }
    return report.failures.empty() && set->quarantined.empty() ? kOk : kFailed;
}

}  // namespace yagura::cli
