#include "store/object_file.h"

#include "source/input.h"

namespace yagura::store {
namespace {

// Files in lines that were followed have grown since: what was ingested is how they begin.
bool holds(const std::string& path, const LedgerObject& object) {
    if (path.empty()) return false;
    source::Object file;
    file.path = path;
    auto input = source::Input::open(file);
    if (!input) return false;
    if (object.size == 0) {  // of a stream; its size was not known
        const auto content = input->content_id();
        return content && *content == object.content;
    }
    const auto start = input->content_id_of_first(object.size);
    return start && *start == object.content;
}

}  // namespace

std::string readable_file(const std::filesystem::path& lake, const LedgerObject& object) {
    if (object.path != source::kStandardInput && holds(object.path, object)) return object.path;
    const std::string kept = (lake / kept_object_file(object.content)).string();
    return object.kept_raw && holds(kept, object) ? kept : std::string();
}

}  // namespace yagura::store
