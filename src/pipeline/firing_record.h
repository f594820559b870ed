// Firings on their way into a lake: known ones are left out, the policy has its word, the others
// become findings.
#pragma once

#include <optional>
#include <vector>

#include "detect/firing.h"
#include "match/policy.h"
#include "pipeline/firing_judge.h"
#include "store/findings.h"
#include "store/writer.h"

namespace yagura::pipeline {

store::FiringKey key_of_firing(const match::RuleInfo& rule, uint64_t group, int64_t time);

class FiringRecord {
  public:
    // Firings before `from` were told long ago. `judge` may be null; all must outlive this.
    FiringRecord(const detect::Targets& targets,
                 FiringJudge* judge,
                 store::Writer& writer,
                 std::optional<int64_t> from,
                 match::ExceptionTally& exceptions);

    void add(const detect::Firing& firing);

    const std::optional<Error>& error() const { return error_; }
    std::vector<store::FiringKey> take_firings() { return std::move(firings_); }
    std::vector<store::KeptFinding> take_findings() { return findings_.take(); }

    // Takes out what need not be told and is not looked at by another correlation either.
    void drop_known(std::vector<detect::Decided>& decided);

  private:
    bool is_told(const store::FiringKey& key);
    bool is_known(const detect::Decided& decided);

    const detect::Targets& targets_;
    FiringJudge* judge_;
    store::Writer& writer_;
    std::optional<int64_t> from_;
    match::ExceptionTally& exceptions_;
    std::vector<store::FiringKey> firings_;
    store::FindingTally findings_;
    std::optional<Error> error_;
};

}  // namespace yagura::pipeline
