// Everything that is told about one scan, in whatever form.
//
//   const ScanReport report = make_report(hits, totals);   // hits.finish() was called
//   write_csv(report, columns_of(Profile::standard), out); // csv.h · json_lines.h · html.h
//   std::cout << console_summary(report, terminal);        // console.h
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "finding/hit.h"
#include "finding/story.h"
#include "finding/totals.h"
#include "match/policy.h"

namespace yagura::report {

struct RuleCounts {
    uint64_t loaded = 0;
    uint64_t quarantined = 0;  // could not be loaded; the rest ran
};

// What an exception of the user's context did.
struct ExceptionUse {
    const match::Exception* exception = nullptr;
    uint64_t matches = 0;     // held back, or only counted
    bool is_expired = false;  // it did nothing, since its time is over
};

// Refers to hits and totals, which must outlive it.
struct ScanReport {
    const finding::HitCollector& hits;
    const finding::ScanTotals& totals;
    finding::Stories stories;
    RuleCounts rules;
    double seconds = 0;
    bool interrupted = false;         // Ctrl+C: what follows is a part
    std::vector<std::string> inputs;  // as the user named them
    Timestamp made{};                 // when the report was made
    std::vector<ExceptionUse> exceptions;
    uint64_t throttled = 0;  // matches that are counted but not listed
    // Where an address is and whose it is, in words; empty when that is not known.
    std::function<std::string(std::string_view)> place_of = [](std::string_view) {
        return std::string();
    };
};

inline ScanReport make_report(const finding::HitCollector& hits,
                              const finding::ScanTotals& totals,
                              uint32_t threads = 1) {
    return {hits, totals, finding::rank(hits, threads), {}, 0, false, {}, {}, {}, 0};
}

// The rule's title in the given language; its only one when it has no other.
inline std::string_view title_of(const match::RuleInfo& rule, Language language) {
    return language == Language::japanese && !rule.title_ja.empty() ? rule.title_ja : rule.title;
}

}  // namespace yagura::report
