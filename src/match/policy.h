// What becomes of a match: told as its rule says, at another level, or not at all.
//
//   Judge judge(policy, type, rules, now);       // per log type; immutable, shared by workers
//   judge.want_fields(plan); plan.freeze();
//   const Verdict verdict = judge.look(rule, event, tally);
//   if (!verdict.exception) collector.add(*verdict.info, event, …);
//
// Exceptions are somebody's decision that a match is expected; each has an owner, a reason and an
// end. Level changes make a match more or less urgent for its circumstances. Both look at the event
// with the predicates of rules; the words for what every log has (`account`, `principal`, …, see
// role_field) work for all log types. Everything is a function of the match alone, so results
// depend on neither order nor workers.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "event/event.h"
#include "logtype/log_type.h"
#include "match/ir.h"

namespace yagura::match {

// The rules something is about: any whose id or title (case ignored, * and ? allowed) or one of
// whose tags is named. Nothing named: every rule.
struct RuleChoice {
    std::vector<std::string> rules;  // ids or titles, wildcards as kAnyRun and kAnyOne, folded
    std::vector<std::string> tags;   // attack.t1078, folded
    bool covers(const RuleInfo& rule) const;
};

struct Exception {
    std::string id;
    std::string owner;
    std::string reason;
    RuleChoice choice;
    Rule scope;        // what the event must be; its condition is all that counts
    TimeRange during;  // of event time
    std::optional<Timestamp>
        expires;               // by the clock; then it does nothing, and is shown as expired
    bool only_counts = false;  // the match is told all the same: tells what it would hold back
    std::string file;
    uint32_t line = 0;
};

struct LevelChange {
    RuleChoice choice;
    Rule scope;
    std::optional<Level> set;  // to this level, before any shift
    int shift = 0;             // levels up (positive) or down
};

// After a match is told, others of the same rule and key are only counted for a while
// (finding/throttle.h).
struct Throttle {
    RuleChoice choice;
    std::vector<std::string> key;  // role words; empty: the rule alone
    int64_t period = 0;            // microseconds of event time
};

struct Policy {
    std::vector<Exception> exceptions;
    std::vector<LevelChange> changes;  // all that apply, in order
    std::vector<Throttle> throttles;   // the first that covers a rule
    bool is_empty() const { return exceptions.empty() && changes.empty() && throttles.empty(); }
};

// "principal" → the native name of the field that plays this part in `type`; the word itself when
// it is none of: account, region, principal, source_ip, access_key, user_agent, event_name,
// event_source, error_code, target. Empty when the log type has no such field.
std::string role_field(const logtype::LogType& type, std::string_view word);
std::span<const std::string_view> role_words();

// How often each exception of a policy met a match, in the order of Policy::exceptions. One per
// worker; add them up.
using ExceptionTally = std::vector<uint64_t>;

struct Verdict {
    const RuleInfo* info = nullptr;        // the rule at the level it has here; lives as the Judge
    const Exception* exception = nullptr;  // the first that holds the match back
};

class Judge {
  public:
    // `rules[i]` is the rule that look() calls i. The policy and the rules must outlive the Judge.
    // `now` tells which exceptions have expired.
    Judge(const Policy& policy,
          const logtype::LogType& type,
          std::span<const RuleInfo* const> rules,
          Timestamp now);
    ~Judge();
    Judge(Judge&&) noexcept;

    // Asks `plan` for every field that scopes look at.
    void want_fields(event::FieldPlan& plan) const;
    // Their names, each once.
    std::vector<std::string> fields() const;

    // Thread-safe; `tally` belongs to the caller and has one place per exception.
    Verdict look(uint32_t rule, event::Event& event, ExceptionTally& tally) const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace yagura::match
