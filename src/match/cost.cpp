// Laps: the clock is read between the parts of a match, and each lap goes to the part it ended.
#include "match/cost.h"

#include <algorithm>
#include <chrono>
#include <set>

#include <time.h>

#include "match/program_impl.h"

namespace yagura::match {
namespace {

// A thread that stood still for longer than this while it matched an event was not matching.
constexpr int64_t kPauseNanoseconds = 20'000;

int64_t now() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

int64_t cpu_now() {
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

// What reading the clock takes, as most readings do.
double clock_cost() {
    static const double cost = [] {
        std::vector<int64_t> laps;
        int64_t last = now();
        for (int i = 0; i < 101; ++i) {
            const int64_t next = now();
            laps.push_back(next - last);
            last = next;
        }
        std::nth_element(laps.begin(), laps.begin() + 50, laps.end());
        return static_cast<double>(laps[50]);
    }();
    return cost;
}

}  // namespace

CostMeter::CostMeter(const Program& program) : program_(&program) {
    const Program::Impl& impl = program.impl();
    looks_.resize(impl.witness_groups.size());
    asks_.resize(impl.witness_predicates.size());
    decisions_.resize(impl.decisions.size());
}

void CostMeter::clear() {
    events_ = 0;
    for (auto* sums : {&looks_, &asks_, &decisions_}) std::fill(sums->begin(), sums->end(), 0.0);
}

void CostMeter::begin() {
    laps_.clear();
    cpu_began_ = cpu_now();
    began_ = last_ = now();
}

void CostMeter::lap(std::vector<double>& sums, size_t at) {
    const int64_t time = now();
    laps_.push_back({&sums, at, static_cast<double>(time - last_)});
    last_ = time;
}

void CostMeter::end() {
    const int64_t time = now();
    if ((time - began_) - (cpu_now() - cpu_began_) > kPauseNanoseconds) return;
    ++events_;
    for (const Lap& lap : laps_)
        (*lap.sums)[lap.at] += std::max(0.0, lap.nanoseconds - clock_cost());
}

std::vector<RuleShare> CostMeter::shares() const {
    const Program::Impl& impl = program_->impl();
    std::vector<double> of_decision = decisions_;
    const auto spread = [&](const std::set<uint32_t>& decisions, double nanoseconds) {
        for (const uint32_t decision : decisions)
            of_decision[decision] += nanoseconds / static_cast<double>(decisions.size());
    };
    std::vector<std::set<uint32_t>> found_by(impl.groups.size());
    for (uint32_t id = 0; id < impl.predicates.size(); ++id) {
        if (impl.group_of[id] == kNever) continue;
        for (const uint32_t decision : impl.decisions_of[id])
            found_by[impl.group_of[id]].insert(decision);
    }
    for (size_t i = 0; i < looks_.size(); ++i) spread(found_by[impl.witness_groups[i]], looks_[i]);
    for (size_t i = 0; i < asks_.size(); ++i) {
        const auto decisions = impl.decisions_of[impl.witness_predicates[i]];
        spread({decisions.begin(), decisions.end()}, asks_[i]);
    }
    std::vector<RuleShare> shares;
    for (uint32_t decision = 0; decision < of_decision.size(); ++decision) {
        const auto rules = impl.rules_of[decision];
        for (const uint32_t rule : rules)
            shares.push_back({rule, of_decision[decision] / static_cast<double>(rules.size())});
    }
    std::sort(shares.begin(), shares.end(), [](const RuleShare& a, const RuleShare& b) {
        return a.rule < b.rule;
    });
    return shares;
}

void add(RuleCosts& to, const RuleCosts& later) {
    for (const auto& [id, cost] : later) {
        RuleCost& sum = to[id];
        if (sum.meaning != cost.meaning) sum = {cost.meaning, 0, 0};
        sum.events += cost.events;
        sum.nanoseconds += cost.nanoseconds;
    }
}

}  // namespace yagura::match
