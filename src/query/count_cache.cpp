#include "query/count_cache.h"

#include <algorithm>

#include "query/plan.h"

namespace yagura::query {

std::shared_ptr<const CountCache::Counted> CountCache::find(const std::string& key,
                                                            const std::vector<int64_t>& segments) {
    const std::lock_guard lock(mutex_);
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) return nullptr;
    const auto& counted = found->second->counted;
    if (!std::includes(
            segments.begin(), segments.end(), counted->segments.begin(), counted->segments.end())) {
        return nullptr;
    }
    kept_.splice(kept_.begin(), kept_, found->second);
    return counted;
}

void CountCache::put(const std::string& key, std::shared_ptr<const Counted> counted) {
    const std::lock_guard lock(mutex_);
    if (const auto found = by_key_.find(key); found != by_key_.end()) forget(found->second);
    groups_ += counted->groups.size() + 1;
    kept_.push_front({key, std::move(counted)});
    by_key_[key] = kept_.begin();
    while (groups_ > kMostKept && kept_.size() > 1) forget(std::prev(kept_.end()));
}

void CountCache::forget(std::list<Kept>::iterator one) {
    groups_ -= one->counted->groups.size() + 1;
    by_key_.erase(one->key);
    kept_.erase(one);
}

// So few are kept that looking through them costs nothing beside what they save.
std::shared_ptr<const Facet> CountCache::find_facet(const std::string& key) {
    const std::lock_guard lock(mutex_);
    const auto found = std::find_if(
        facets_.begin(), facets_.end(), [&](const auto& kept) { return kept.first == key; });
    if (found == facets_.end()) return nullptr;
    facets_.splice(facets_.begin(), facets_, found);
    return found->second;
}

void CountCache::put_facet(const std::string& key, std::shared_ptr<const Facet> facet) {
    const std::lock_guard lock(mutex_);
    facets_.emplace_front(key, std::move(facet));
    if (facets_.size() > kMostFacets) facets_.pop_back();
}

// Kind and length in front of each, so that no two lists of values meet.
std::string CountCache::place_of(const std::vector<sql::Value>& keys) {
    std::string out;
    for (const sql::Value& key : keys) {
        const auto* text = std::get_if<std::string>(&key);
        const std::string shown = text ? *text : constant_text(key);
        out += std::to_string(key.index()) + ':' + std::to_string(shown.size()) + ':' + shown;
    }
    return out;
}

}  // namespace yagura::query
