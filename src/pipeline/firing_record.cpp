#include "pipeline/firing_record.h"

#include "base/hash.h"
#include "detect/first_seen.h"

namespace yagura::pipeline {
namespace {

store::FiringKey key_of(const detect::Firing& firing) {
    std::vector<std::optional<std::string_view>> values;
    for (const auto& value : firing.key)
        values.push_back(value ? std::optional<std::string_view>(*value) : std::nullopt);
    return {detect::hash_values(values, hash64(firing.rule->id)), firing.time};
}

}  // namespace

FiringRecord::FiringRecord(const detect::Targets& targets,
                           FiringJudge* judge,
                           store::Writer& writer,
                           std::optional<int64_t> from,
                           match::ExceptionTally& exceptions)
    : targets_(targets), judge_(judge), writer_(writer), from_(from), exceptions_(exceptions) {}

void FiringRecord::add(const detect::Firing& firing) {
    if (error_ || (from_ && firing.time < *from_)) return;
    const store::FiringKey key = key_of(firing);
    const auto told = writer_.is_told(key);
    if (!told) error_ = told.error();
    if (!told || *told) return;
    firings_.push_back(key);
    if (!targets_.reports(firing.target)) return;
    const match::RuleInfo* rule = firing.rule;
    if (judge_) {
        const match::Verdict verdict = judge_->look(firing, exceptions_);
        if (verdict.exception) return;
        rule = verdict.info;
    }
    finding::ToldEvent event = firing.event.told();
    event.time = firing.time;
    findings_.add(*rule, event, firing.resources);
}

}  // namespace yagura::pipeline
