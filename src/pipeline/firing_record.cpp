#include "pipeline/firing_record.h"

#include "base/hash.h"
#include "detect/first_seen.h"

namespace yagura::pipeline {
namespace {

// As earlier programs kept it, by the texts of the group: what they told is told.
store::FiringKey earlier_key_of(const detect::Firing& firing) {
    std::vector<std::optional<std::string_view>> values;
    for (const auto& value : firing.key)
        values.push_back(value ? std::optional<std::string_view>(*value) : std::nullopt);
    return {detect::hash_values(values, hash64(firing.rule->id)), firing.time};
}

}  // namespace

store::FiringKey key_of_firing(const match::RuleInfo& rule, uint64_t group, int64_t time) {
    const std::string_view bytes{reinterpret_cast<const char*>(&group), sizeof group};
    return {hash64(bytes, hash64(rule.id)), time};
}

FiringRecord::FiringRecord(const detect::Targets& targets,
                           FiringJudge* judge,
                           store::Writer& writer,
                           std::optional<int64_t> from,
                           match::ExceptionTally& exceptions)
    : targets_(targets), judge_(judge), writer_(writer), from_(from), exceptions_(exceptions) {}

bool FiringRecord::is_told(const store::FiringKey& key) {
    if (error_) return true;
    const auto told = writer_.is_told(key);
    if (!told) error_ = told.error();
    return !told || *told;
}

bool FiringRecord::is_known(const detect::Decided& decided) {
    if (from_ && decided.time < *from_) return true;
    return is_told(key_of_firing(targets_.info(decided.target), decided.group, decided.time));
}

void FiringRecord::drop_known(std::vector<detect::Decided>& decided) {
    std::erase_if(decided, [&](const detect::Decided& one) {
        const bool is_looked_at = targets_.is_correlation(one.target) &&
                                  !targets_.uses_of_correlation(one.target).empty();
        return !is_looked_at && is_known(one);
    });
}

void FiringRecord::add(const detect::Firing& firing) {
    if (error_ || (from_ && firing.time < *from_)) return;
    const store::FiringKey key = key_of_firing(*firing.rule, firing.group, firing.time);
    if (is_told(key) || is_told(earlier_key_of(firing))) return;
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
