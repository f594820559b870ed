#include "query/records.h"

#include "store/object_file.h"

namespace yagura::query {
namespace {

constexpr size_t kMostKnown = 200'000;

}  // namespace

std::optional<store::LedgerObject> Objects::find(int64_t id) {
    const std::lock_guard lock(mutex_);
    if (const auto known = known_.find(id); known != known_.end()) return known->second;
    auto found = lake_.object(id);
    if (known_.size() > kMostKnown) known_.clear();
    return known_[id] = found ? *found : std::nullopt;
}

std::string Objects::readable_file(const store::LedgerObject& object) const {
    return store::readable_file(lake_.folder(), object);
}

void Objects::forget() {
    const std::lock_guard lock(mutex_);
    known_.clear();
}

// Reading a whole object to be sure of it is dear, so it is done again only when the file looks
// different or the ledger says something new.
const std::string& Records::file_of(const store::LedgerObject& object) {
    const auto look = [](Checked& checked) {
        std::error_code gone;
        checked.size = std::filesystem::file_size(checked.file, gone);
        checked.modified = std::filesystem::last_write_time(checked.file, gone);
        return !gone;
    };
    if (const auto known = files_.find(object.id); known != files_.end()) {
        Checked now = known->second;
        if (now.content == object.content && (now.file.empty() || look(now)) &&
            now.size == known->second.size && now.modified == known->second.modified)
            return known->second.file;
    }
    if (files_.size() > kMostKnown) files_.clear();
    Checked checked{objects_.readable_file(object), object.content, 0, {}};
    if (!checked.file.empty() && !look(checked)) checked.file.clear();
    return (files_[object.id] = std::move(checked)).file;
}

std::optional<std::string> Records::read(int64_t object_id, int64_t ordinal) {
    const auto object = objects_.find(object_id);
    if (!object || ordinal < 0) return std::nullopt;
    const std::lock_guard lock(mutex_);
    const std::string& file = file_of(*object);
    if (file.empty()) return std::nullopt;
    const auto wanted = static_cast<uint64_t>(ordinal);
    auto texts = fetcher_.fetch(file, {&wanted, 1});
    if (!texts || texts->empty()) return std::nullopt;
    return std::move(texts->front());
}

}  // namespace yagura::query
