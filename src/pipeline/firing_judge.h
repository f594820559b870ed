// The policy's word on rules over several events, by the event that decided each.
//
//   FiringJudge judge(policy, targets, now);
//   const match::Verdict verdict = judge.look(firing, tally);
//
// Of that event only the parts of a match are known (finding::Part), so a scope on another field
// never holds for a firing. Not thread-safe; the rules in verdicts live as long as this.
#pragma once

#include <map>
#include <memory>

#include "base/time.h"
#include "detect/firing.h"
#include "event/event.h"
#include "match/policy.h"

namespace yagura::pipeline {

class FiringJudge {
  public:
    // `policy` and `targets` must outlive this.
    FiringJudge(const match::Policy& policy, const detect::Targets& targets, Timestamp now);

    match::Verdict look(const detect::Firing& firing, match::ExceptionTally& tally);

  private:
    struct Desk {
        event::FieldPlan plan;
        match::Judge judge;
    };
    Desk& desk_of(const logtype::LogType& type);

    const match::Policy& policy_;
    Timestamp now_;
    std::vector<const match::RuleInfo*> rules_;  // by target
    std::map<const logtype::LogType*, std::unique_ptr<Desk>> desks_;
    event::Event event_;
};

}  // namespace yagura::pipeline
