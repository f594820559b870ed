#include "store/sweep.h"

#include <algorithm>
#include <string>
#include <unordered_set>

#include <fmt/format.h>

#include "store/files.h"
#include "store/reader_lock.h"
#include "store/segment.h"

namespace yagura::store {
namespace {

bool all_digits(std::string_view text) {
    return text.size() == 16 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// "0000000000000007.parquet", its index, or a temporary form of either.
bool is_ours(std::string_view name) {
    if (name.starts_with('.') && name.ends_with(".tmp")) name = name.substr(1, name.size() - 5);
    const size_t dot = name.find('.');
    if (dot == std::string_view::npos) return false;
    const std::string_view suffix = name.substr(dot);
    return all_digits(name.substr(0, dot)) && (suffix == ".parquet" || suffix == ".idx");
}

template <class Visit>
void for_each_entry(const std::filesystem::path& folder, Visit&& visit) {
    std::error_code error;
    for (auto entry = std::filesystem::directory_iterator(folder, error);
         !error && entry != std::filesystem::directory_iterator();
         entry.increment(error)) {
        visit(*entry);
    }
}

void remove_temporary_objects(const std::filesystem::path& lake) {
    std::error_code ignored;
    for_each_entry(lake / "objects", [&](const auto& folder) {
        for_each_entry(folder.path(), [&](const auto& file) {
            const std::string name = file.path().filename().string();
            if (name.starts_with('.') && name.ends_with(".tmp"))
                std::filesystem::remove(file.path(), ignored);
        });
    });
}

}  // namespace

std::vector<std::filesystem::path> orphans(const std::filesystem::path& lake,
                                           const std::vector<Segment>& segments) {
    std::unordered_set<std::string> known;
    for (const Segment& segment : segments) {
        known.insert(segment.file);
        known.insert(index_file(segment.file));
    }
    std::vector<std::filesystem::path> out;
    for_each_entry(lake, [&](const auto& log_type) {
        if (!log_type.is_directory()) return;
        for_each_entry(log_type.path(), [&](const auto& day) {
            if (!day.path().filename().string().starts_with("dt=")) return;
            for_each_entry(day.path(), [&](const auto& file) {
                const std::string name = file.path().filename().string();
                const auto relative = log_type.path().filename() / day.path().filename() / name;
                if (is_ours(name) && !known.contains(relative.string())) out.push_back(file.path());
            });
        });
    });
    std::sort(out.begin(), out.end());
    return out;
}

std::filesystem::path memory_path(const std::filesystem::path& lake, int64_t number) {
    return lake / "first-seen" / fmt::format("{:016}.state", number);
}

void sweep_memory(const std::filesystem::path& lake, int64_t current) {
    const auto keep = memory_path(lake, current).stem().string();
    std::vector<std::filesystem::path> old;
    for_each_entry(lake / "first-seen", [&](const auto& file) {
        const std::string name = file.path().filename().string();
        const auto is_any_of = [&](std::string_view kind) {
            return name.ends_with(kind) || name.ends_with(std::string(kind) + ".new");
        };
        const bool is_memory = is_any_of(".state") || is_any_of(".windows");
        const bool is_current = name == keep + ".state" || name == keep + ".windows";
        if (is_memory && !is_current) old.push_back(file.path());
    });
    std::error_code ignored;
    for (const auto& file : old) std::filesystem::remove(file, ignored);
}

Result<void> remove_retired(const std::filesystem::path& lake,
                            Catalog& catalog,
                            std::chrono::seconds grace) {
    YAGURA_TRY(const auto retired, catalog.retired());
    // Asked last: who begins to read from here on does not learn of these.
    const Readers readers(lake);
    const auto limit = current_time() - grace;
    std::vector<int64_t> gone;
    for (const auto& [segment, published, replaced] : retired) {
        const auto is_read = readers.read_any(published, replaced);
        if (is_read.value_or(segment.changed > limit)) continue;
        remove_segment_files(lake, segment);
        gone.push_back(segment.id);
    }
    return gone.empty() ? Result<void>() : catalog.forget(gone);
}

Result<void> sweep(const std::filesystem::path& lake,
                   Catalog& catalog,
                   const std::vector<Segment>& segments,
                   std::chrono::seconds grace) {
    std::error_code ignored;
    for (const auto& file : orphans(lake, segments)) std::filesystem::remove(file, ignored);
    remove_temporary_objects(lake);
    return remove_retired(lake, catalog, grace);
}

}  // namespace yagura::store
