#include "finding/throttle.h"

#include <string>
#include <string_view>

#include "base/keyed_hash.h"

namespace yagura::finding {
namespace {

struct WordPart {
    std::string_view word;
    Part part;
};
constexpr WordPart kWordParts[] = {
    {"account", Part::account},
    {"region", Part::region},
    {"principal", Part::principal},
    {"source_ip", Part::source_ip},
    {"access_key", Part::access_key},
    {"user_agent", Part::user_agent},
    {"event_name", Part::event_name},
    {"event_source", Part::event_source},
    {"error_code", Part::error_code},
    {"target", Part::target},
};

uint64_t key_of(const HitView& hit, const match::Throttle& throttle) {
    std::string key = hit.rule->id;
    for (const std::string& word : throttle.key) {
        key += '\0';
        for (const WordPart& row : kWordParts) {
            if (row.word == word) key += hit.text(row.part);
        }
    }
    return keyed_hash(key);
}

}  // namespace

Throttler::Throttler(std::span<const match::Throttle> throttles) : throttles_(throttles) {}

const match::Throttle* Throttler::throttle_of(const match::RuleInfo& rule) {
    const auto [place, is_new] = by_rule_.emplace(&rule, nullptr);
    if (is_new) {
        for (const match::Throttle& throttle : throttles_) {
            if (!throttle.choice.covers(rule)) continue;
            place->second = &throttle;
            break;
        }
    }
    return place->second;
}

void Throttler::make_room(int64_t now) {
    if (told_.size() < kMaxKeys) return;
    std::erase_if(told_, [&](const auto& entry) { return entry.second <= now; });
    if (told_.size() >= kMaxKeys) told_.clear();
}

bool Throttler::tells(const HitView& hit) {
    if (throttles_.empty()) return true;
    const match::Throttle* throttle = throttle_of(*hit.rule);
    if (!throttle) return true;
    const int64_t now = hit.facts->time;
    const uint64_t key = key_of(hit, *throttle);
    const auto found = told_.find(key);
    if (found != told_.end() && now < found->second) {
        ++held_back_;
        return false;
    }
    make_room(now);
    told_[key] = now + throttle->period;
    return true;
}

}  // namespace yagura::finding
