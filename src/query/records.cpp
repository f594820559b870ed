#include "query/records.h"

#include "source/input.h"

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

bool Records::is_unchanged(const store::LedgerObject& object) {
    if (const auto known = unchanged_.find(object.id); known != unchanged_.end())
        return known->second;
    bool same = false;
    if (object.path != source::kStandardInput) {
        source::Object file;
        file.path = object.path;
        if (auto input = source::Input::open(file)) {
            const auto content = input->content_id();
            same = content && *content == object.content;
        }
    }
    if (unchanged_.size() > kMostKnown) unchanged_.clear();
    return unchanged_[object.id] = same;
}

std::optional<std::string> Records::read(int64_t object_id, int64_t ordinal) {
    const auto object = objects_.find(object_id);
    if (!object || ordinal < 0) return std::nullopt;
    const std::lock_guard lock(mutex_);
    if (!is_unchanged(*object)) return std::nullopt;
    const auto wanted = static_cast<uint64_t>(ordinal);
    auto texts = fetcher_.fetch(object->path, {&wanted, 1});
    if (!texts || texts->empty()) return std::nullopt;
    return std::move(texts->front());
}

}  // namespace yagura::query
