#include "store/object_file.h"

#include "source/input.h"

namespace yagura::store {
namespace {

bool holds(const std::string& path, const Sha256& wanted) {
    if (path.empty()) return false;
    source::Object file;
    file.path = path;
    const auto input = source::Input::open(file);
    if (!input) return false;
    const auto content = input->content_id();
    return content && *content == wanted;
}

}  // namespace

std::string readable_file(const std::filesystem::path& lake, const LedgerObject& object) {
    if (object.path != source::kStandardInput && holds(object.path, object.content))
        return object.path;
    const std::string kept = (lake / kept_object_file(object.content)).string();
    return object.kept_raw && holds(kept, object.content) ? kept : std::string();
}

}  // namespace yagura::store
