#include "finding/string_pool.h"

#include <iterator>

#include "base/keyed_hash.h"

namespace yagura::finding {

StringId StringPool::find(uint64_t hash, std::string_view text) const {
    return table_.find(hash, [&](StringId id) { return texts_[id] == text; });
}

StringId StringPool::push(std::string_view kept) {
    texts_.push_back(kept);
    bytes_ += kept.size();
    return static_cast<StringId>(texts_.size() - 1);
}

StringId StringPool::append(std::string_view text) {
    return text.empty() ? 0 : push(arena_.copy(text));
}

StringId StringPool::intern(std::string_view text) {
    if (text.empty()) return 0;
    const uint64_t hash = keyed_hash(text);
    if (const StringId known = find(hash, text)) return known;
    const StringId id = append(text);
    table_.insert(hash, id);
    return id;
}

StringId StringPool::find(std::string_view text) const {
    return text.empty() ? 0 : find(keyed_hash(text), text);
}

// In the order of their numbers: filling one hash table in the order of another makes long runs.
std::vector<StringId> StringPool::absorb(StringPool&& other) {
    constexpr uint64_t kNoHash = UINT64_MAX;
    std::vector<uint64_t> hashes(other.texts_.size(), kNoHash);
    other.table_.for_each([&](uint64_t hash, StringId id) { hashes[id] = hash; });
    std::vector<StringId> ids(other.texts_.size(), 0);
    for (size_t i = 1; i < ids.size(); ++i) {
        const std::string_view text = other.texts_[i];
        if (hashes[i] != kNoHash) ids[i] = find(hashes[i], text);
        if (ids[i] != 0) continue;
        ids[i] = push(text);
        if (hashes[i] != kNoHash) table_.insert(hashes[i], ids[i]);
    }
    absorbed_.push_back(std::move(other.arena_));
    std::move(other.absorbed_.begin(), other.absorbed_.end(), std::back_inserter(absorbed_));
    other = StringPool();
    return ids;
}

}  // namespace yagura::finding
