#include "finding/string_pool.h"

#include "base/hash.h"

namespace yagura::finding {

size_t StringPool::slot_of(std::string_view text) const {
    const size_t mask = table_.size() - 1;
    size_t slot = hash64(text) & mask;
    while (table_[slot] != 0 && texts_[table_[slot]] != text) slot = (slot + 1) & mask;
    return slot;
}

void StringPool::grow() {
    std::vector<StringId> old(table_.empty() ? 256 : table_.size() * 2, 0);
    old.swap(table_);
    for (const StringId id : old) {
        if (id != 0) table_[slot_of(texts_[id])] = id;
    }
}

StringId StringPool::append(std::string_view text) {
    if (text.empty()) return 0;
    texts_.push_back(arena_.copy(text));
    bytes_ += text.size();
    return static_cast<StringId>(texts_.size() - 1);
}

StringId StringPool::intern(std::string_view text) {
    if (text.empty()) return 0;
    if (interned_ * 4 >= table_.size() * 3) grow();
    const size_t slot = slot_of(text);
    if (table_[slot] == 0) {
        table_[slot] = append(text);
        ++interned_;
    }
    return table_[slot];
}

StringId StringPool::find(std::string_view text) const {
    return text.empty() || table_.empty() ? 0 : table_[slot_of(text)];
}

}  // namespace yagura::finding
