// What rules cost, measured on a sample of the events while they are matched.
//
//   CostSampler sampler(64);                       // one event in 64, on average
//   CostMeter meter(program);                      // beside an Evaluator of that program
//   sampler.is_due() ? evaluator.match(event, hits, meter) : evaluator.match(event, hits);
//   for (const RuleShare& share : meter.shares()) …
//
// What is timed is the evaluator as it always runs, with shared predicates and remembered answers:
//
//   - deciding a condition counts for the rules that have it, in equal parts;
//   - looking at a field to learn which rules have to be decided (program.h, witness) counts for
//     all rules that are found by that field, in equal parts.
//
// So the shares add up to what matching takes. What several rules need is answered once, and counts
// for the one that asks first. Reading the clock is taken off; events in whose midst the thread did
// not run are left out. An event that is not measured costs a countdown.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "match/program.h"

namespace yagura::match {

// Nanoseconds of one rule over all events measured.
struct RuleShare {
    uint32_t rule;  // index into the rules of the program
    double nanoseconds = 0;
};

// Belongs to one worker; the program must outlive it.
class CostMeter {
  public:
    explicit CostMeter(const Program& program);

    uint64_t events() const { return events_; }
    // Of every rule of the program, ascending.
    std::vector<RuleShare> shares() const;
    void clear();

    // --- for the evaluator ---
    void begin();
    void looked(size_t witness) { lap(looks_, witness); }
    void asked(size_t witness) { lap(asks_, witness); }
    void decided(uint32_t decision) { lap(decisions_, decision); }
    void end();

  private:
    struct Lap {
        std::vector<double>* sums;
        size_t at;
        double nanoseconds;
    };
    void lap(std::vector<double>& sums, size_t at);

    const Program* program_;
    uint64_t events_ = 0;
    std::vector<double> looks_;      // by place in witness_groups
    std::vector<double> asks_;       // by place in witness_predicates
    std::vector<double> decisions_;  // by decision
    std::vector<Lap> laps_;          // of the event being measured
    int64_t cpu_began_ = 0;
    int64_t began_ = 0;
    int64_t last_ = 0;
};

// Which events are measured: at random distances, so that no rhythm of the logs decides.
class CostSampler {
  public:
    explicit CostSampler(uint32_t one_in) : one_in_(one_in) { renew(); }
    bool is_due() {
        if (--left_ > 0) return false;
        renew();
        return true;
    }

  private:
    void renew() {
        state_ ^= state_ << 13;  // Marsaglia, Xorshift RNGs, 2003
        state_ ^= state_ >> 7;
        state_ ^= state_ << 17;
        left_ = 1 + static_cast<uint32_t>(state_ % (2 * uint64_t{one_in_} - 1));
    }

    uint32_t one_in_;
    uint32_t left_ = 1;
    uint64_t state_ = 0x9e3779b97f4a7c15;
};

// What is known of one rule: over `events` of the logs it is about.
struct RuleCost {
    uint64_t meaning = 0;  // hash of what the rule asks: another one is another rule
    uint64_t events = 0;
    double nanoseconds = 0;
};
using RuleCosts = std::map<std::string, RuleCost, std::less<>>;  // by id

// Adds what was measured later; a rule that asks something else now begins anew.
void add(RuleCosts& to, const RuleCosts& later);

}  // namespace yagura::match
