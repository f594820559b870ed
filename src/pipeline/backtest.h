// What rules would have matched in a lake: `yagura rules test --lake` and the console's "test".
//
//   Backtest backtest(set, chosen, {});
//   YAGURA_CHECK(backtest.run(lake, hunt));       // hunt: range, threads, limits, scope
//   for (const auto& tested : backtest.tested) … tested->count …
//
// Rules over several events see the matches that reach into the range, too. A policy (exceptions,
// severity, throttles) does what it does to a scan of the same events. Belongs to one thread.
#pragma once

#include <array>
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
#include "match/policy.h"
#include "pipeline/firing_judge.h"
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
    std::array<uint64_t, 5> levels{};  // of `count`, by the level each match has here
    std::map<const match::Exception*, uint64_t> hidden;  // matches held back; not in `count`
    uint64_t throttled = 0;                              // of `count`, told only as a number
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
    const match::Policy* policy = nullptr;  // must outlive the Backtest; none: matches are told
    Timestamp now = {};                     // tells which exceptions have expired
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
    match::ExceptionTally exceptions;  // matches each exception held back, or only counted

  private:
    static constexpr size_t kNobody = SIZE_MAX;  // asked only for correlations

    void ask(const match::Rule& rule, size_t for_whom);
    Tested& add(const match::RuleInfo& info);
    void prepare_judges();
    void judge(const query::HuntHit& hit, bool in_range);
    void add_hit(const query::HuntHit& hit, std::string_view path);
    void add_firing(store::Lake& lake, const detect::Firing& firing, FiringJudge* judge);
    void keep_example(Example example);
    void keep_firing(store::Lake& lake, const detect::Firing& firing);
    void give_reasons(const store::Snapshot& snapshot);
    void throttle();
    void settle();

    const rule::RuleSet& set_;
    const Chosen chosen_;
    const BacktestOptions options_;
    detect::Targets targets_;
    detect::FirstSeenMemory memory_;
    Reach reach_;
    std::map<uint32_t, size_t> targets_chosen_;  // target → index into tested
    std::vector<const match::Rule*> asked_;
    std::vector<size_t> tested_of_;                           // index into tested, or kNobody
    std::multimap<int64_t, Example> examples_;                // by time
    std::map<const logtype::LogType*, match::Judge> judges_;  // rules are places in asked_
    match::ExceptionTally unheard_;  // of matches nobody would have been told
    std::vector<uint32_t> kept_;     // of one event: rules that no exception holds back
    std::vector<match::Level> levels_;
    std::vector<bool> has_throttle_;  // by place in tested
    finding::HitCollector throttled_{
        std::make_shared<finding::HitLimits>(match::Level::informational)};  // their matches
};

}  // namespace yagura::pipeline
