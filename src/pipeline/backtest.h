// What rules would have matched in a lake: `yagura rules test --lake` and the console's "test".
//
//   Backtest backtest(set, chosen, {});
//   YAGURA_CHECK(backtest.run(lake, hunt));       // hunt: range, threads, limits, scope
//   for (const auto& tested : backtest.tested) … tested->count …
//
// Rules over several events see the matches that reach into the range, too. Belongs to one thread.
#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "detect/batch.h"
#include "detect/first_seen.h"
#include "finding/hit.h"
#include "query/hunt.h"
#include "rule/loader.h"

namespace yagura::pipeline {

// Which rules of a set: indices, ascending.
struct Chosen {
    std::vector<uint32_t> rules;         // into RuleSet::rules
    std::vector<uint32_t> correlations;  // into RuleSet::correlations
    std::vector<uint32_t> first_seen;    // into RuleSet::first_seen
};

// A rule of the answer: several conditions of one id are one rule.
struct Tested {
    match::RuleInfo info;  // graver than informational, or it would make no findings
    match::Level level;
    std::string reason;  // why it was not asked; empty when it was
    uint64_t count = 0;
    int64_t first = 0;
    int64_t last = 0;
    std::vector<const finding::Finding*> findings;
};

// An event that a rule matched, or that decided a rule over several events.
struct Example {
    int64_t time = 0;  // microseconds
    std::string log_type, event_id, event_name, account, principal, source_ip;
    int64_t object = 0;  // id in the ledger; 0 when unknown
    uint64_t ordinal = 0;
};

// What rules over several events look at, and how far back.
struct Reach {
    std::set<uint32_t> rules;         // whose matches they count
    std::set<uint32_t> correlations;  // all that are needed, chosen or not
    std::set<std::string> fields;
    int64_t micros = 0;

    void need(const rule::RuleSet& set, uint32_t correlation);
    void need(const match::FirstSeen& first_seen);
};

struct BacktestOptions {
    bool all = false;     // all rules were chosen: those that only serve others are left out
    size_t examples = 0;  // keep so many of the latest events
};

class Backtest {
  public:
    // `set` must outlive this.
    Backtest(const rule::RuleSet& set, Chosen chosen, const BacktestOptions& options);

    // `request` says range, threads, limits and scope; which rules and fields is filled in. The
    // counter of rows it names is kept, or one of its own is used.
    Result<void> run(store::Lake& lake, query::Hunt request);

    // The events kept, latest first.
    std::vector<Example> examples() const;

    detect::CorrelationCounts correlations;
    std::vector<std::unique_ptr<Tested>> tested;
    finding::HitCollector hits{
        std::make_shared<finding::HitLimits>(match::Level::informational, 0)};
    query::HuntTotals totals;

  private:
    static constexpr size_t kNobody = SIZE_MAX;  // asked only for correlations

    void ask(const match::Rule& rule, size_t for_whom);
    Tested& add(const match::RuleInfo& info);
    void add_hit(const query::HuntHit& hit, std::string_view path);
    void keep_example(Example example);
    void keep_firing(store::Lake& lake, const detect::Firing& firing);
    void give_reasons(const store::Snapshot& snapshot);
    void settle();

    const rule::RuleSet& set_;
    const Chosen chosen_;
    const BacktestOptions options_;
    detect::Targets targets_;
    detect::FirstSeenMemory memory_;
    Reach reach_;
    std::map<uint32_t, size_t> targets_chosen_;  // target → index into tested
    std::vector<const match::Rule*> asked_;
    std::vector<size_t> tested_of_;             // index into tested, or kNobody
    std::multimap<int64_t, Example> examples_;  // by time
};

}  // namespace yagura::pipeline
