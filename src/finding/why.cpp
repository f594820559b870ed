#include "finding/why.h"

#include <utility>

#include "base/keyed_hash.h"

namespace yagura::finding {
namespace {

uint64_t key_of(const match::RuleInfo& rule, std::string_view object, uint64_t ordinal) {
    const uint64_t parts[] = {
        reinterpret_cast<uintptr_t>(&rule), keyed_hash(object), ordinal};  // rules outlive the scan
    return keyed_hash({reinterpret_cast<const char*>(parts), sizeof parts});
}

}  // namespace

void Whys::add(const match::RuleInfo& rule,
               std::string_view object,
               uint64_t ordinal,
               std::string json) {
    bytes_ += json.size();
    by_match_[key_of(rule, object, ordinal)] = std::move(json);
}

void Whys::merge(Whys&& other) {
    by_match_.merge(other.by_match_);
    bytes_ += std::exchange(other.bytes_, 0);
    left_out_ += std::exchange(other.left_out_, 0);
}

std::string_view Whys::of(const HitView& hit) const {
    if (hit.correlated) return {};
    const auto found = by_match_.find(key_of(*hit.rule, hit.object(), hit.facts->ordinal));
    return found == by_match_.end() ? std::string_view() : std::string_view(found->second);
}

}  // namespace yagura::finding
