#include "pipeline/window_memory.h"

#include "pipeline/firing_record.h"
#include "pipeline/moments.h"

namespace yagura::pipeline {
namespace {

uint64_t hash_of(const store::FiringKey& firing) {
    return firing.what ^ static_cast<uint64_t>(firing.time) * 0x9E3779B97F4A7C15ull;
}

}  // namespace

Result<void> WindowMemory::load(const store::Writer& writer) {
    states_ = {};
    const auto file = writer.memory_file();
    if (file.empty()) return {};
    auto states = detect::WindowStates::load(detect::WindowStates::beside(file));
    if (!states && states.error().code() == Code::io) return states.error();
    // An earlier program may have decided since, in a file of the same number.
    if (states && states->until() == writer.decided().until) states_ = std::move(*states);
    return {};
}

Result<void> WindowMemory::resume(int64_t from, store::Writer& writer) {
    from_ = from;
    told_ = {};
    YAGURA_TRY(const auto told, writer.told_between(plus(from, -targets_.reach()), from));
    for (const store::FiringKey& firing : told) told_.insert(hash_of(firing));
    pasts_ = states_.pasts(
        streams_, targets_, from, [this](uint32_t target, uint64_t group, int64_t time) {
            return was_told(target, group, time);
        });
    return {};
}

bool WindowMemory::was_told(uint32_t target, uint64_t group, int64_t time) const {
    return told_.contains(hash_of(key_of_firing(targets_.info(target), group, time)));
}

detect::WindowStates WindowMemory::stand(int64_t until, const detect::GroupStates& groups) const {
    return {until, streams_, targets_, pasts_, groups, from_.value_or(INT64_MIN)};
}

}  // namespace yagura::pipeline
