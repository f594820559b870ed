#include "query/records.h"

#include "source/input.h"

namespace yagura::query {
namespace {

constexpr size_t kMostKnown = 200'000;

bool holds(const std::string& path, const Sha256& wanted) {
    if (path.empty()) return false;
    source::Object file;
    file.path = path;
    auto input = source::Input::open(file);
    if (!input) return false;
    const auto content = input->content_id();
    return content && *content == wanted;
}

}  // namespace

std::optional<store::LedgerObject> Objects::find(int64_t id) {
    const std::lock_guard lock(mutex_);
    if (const auto known = known_.find(id); known != known_.end()) return known->second;
    auto found = lake_.object(id);
    if (known_.size() > kMostKnown) known_.clear();
    return known_[id] = found ? *found : std::nullopt;
}

std::filesystem::path Objects::kept_file(const store::LedgerObject& object) const {
    return object.kept_raw ? lake_.folder() / store::kept_object_file(object.content)
                           : std::filesystem::path();
}

const std::string& Records::file_of(const store::LedgerObject& object) {
    if (const auto known = files_.find(object.id); known != files_.end()) return known->second;
    if (files_.size() > kMostKnown) files_.clear();
    std::string& file = files_[object.id];
    const std::string was = object.path == source::kStandardInput ? "" : object.path;
    for (const std::string& path : {was, objects_.kept_file(object).string()}) {
        if (!holds(path, object.content)) continue;
        file = path;
        break;
    }
    return file;
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
