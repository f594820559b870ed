#include "store/verify.h"

#include <algorithm>
#include <span>
#include <unordered_set>

#include <fmt/format.h>

#include "base/language.h"
#include "base/messages/store.h"
#include "sql/database.h"
#include "store/catalog.h"
#include "store/files.h"
#include "store/identity.h"
#include "store/side_index.h"
#include "store/sweep.h"

namespace yagura::store {
namespace {

class Verification {
  public:
    Verification(std::filesystem::path lake, VerifyReport& report)
        : lake_(std::move(lake)), report_(report) {}

    void segment(const Segment& segment, sql::Connection& engine) {
        const auto path = lake_ / segment.file;
        ++report_.segments;
        report_.rows += segment.rows;
        report_.bytes += segment.bytes;
        if (check_bytes(path, segment.checksum, message::store_remedy_segment)) {
            const auto rows = rows_in(path, engine);
            if (!rows || *rows != segment.rows) {
                problem(path,
                        rows ? say(message::store_wrong_rows, *rows, segment.rows)
                             : rows.error().sentence(),
                        message::store_remedy_segment);
            }
        }
        const auto index = lake_ / index_file(segment.file);
        if (!check_bytes(index, segment.index_checksum, message::store_remedy_index)) return;
        if (const auto opened = SideIndex::open(index); !opened) {
            problem(index, opened.error().sentence(), message::store_remedy_index);
        }
    }

    void damaged_signals(const Segment& segment) {
        problem(lake_ / segment.file,
                say(message::store_signals_damaged),
                message::store_remedy_signals);
    }

    void kept_object(const LedgerObject& object) {
        ++report_.objects;
        if (!object.kept_raw) return;
        check_bytes(
            lake_ / kept_object_file(object.content), object.content, message::store_remedy_object);
    }

    void problem(const std::filesystem::path& file, std::string what, const Text& remedy) {
        report_.problems.push_back({file.string(), std::move(what), say(remedy)});
    }

  private:
    bool check_bytes(const std::filesystem::path& file, const Sha256& wanted, const Text& remedy) {
        const auto found = file_checksum(file);
        if (found && *found == wanted) return true;
        const bool missing = !found && found.error().code() == Code::not_found;
        problem(file,
                missing ? say(message::store_missing)
                : found ? say(message::store_wrong_checksum)
                        : found.error().sentence(),
                remedy);
        return false;
    }

    Result<uint64_t> rows_in(const std::filesystem::path& file, sql::Connection& engine) {
        YAGURA_TRY(auto rows,
                   engine.query("SELECT num_rows FROM parquet_file_metadata(" +
                                sql::quote_literal(file.string()) + ")"));
        YAGURA_TRY(const auto all, rows.all());
        if (all.size() != 1) return fail(Code::corrupt, "no footer");
        return static_cast<uint64_t>(std::get<int64_t>(all[0][0]));
    }

    std::filesystem::path lake_;
    VerifyReport& report_;
};

Result<bool> is_live(Catalog& catalog, int64_t id) {
    YAGURA_TRY(const auto segments, catalog.segments());
    return std::any_of(segments.begin(), segments.end(), [&](const Segment& segment) {
        return segment.id == id && segment.state == SegmentState::live;
    });
}

// Files first, then the catalog: what is committed meanwhile is none.
Result<std::vector<std::string>> find_orphans(const std::filesystem::path& lake,
                                              std::span<const Segment> known,
                                              Catalog& catalog) {
    const auto candidates = orphans(lake, {known.begin(), known.end()});
    std::vector<std::string> out;
    if (candidates.empty()) return out;
    YAGURA_TRY(const auto now, catalog.segments());
    std::unordered_set<std::string> files;
    for (const Segment& segment : now) {
        files.insert((lake / segment.file).string());
        files.insert((lake / index_file(segment.file)).string());
    }
    for (const auto& file : candidates) {
        std::error_code ignored;
        const bool is_there = std::filesystem::exists(file, ignored);
        if (is_there && !files.contains(file.string())) out.push_back(file.string());
    }
    return out;
}

}  // namespace

Result<VerifyReport> verify(const std::filesystem::path& folder,
                            const std::function<void(uint64_t, uint64_t)>& progress) {
    const auto lake = std::filesystem::absolute(folder).lexically_normal();
    VerifyReport report;
    Verification verification(lake, report);
    const auto file = lake / "catalog.sqlite";
    auto catalog = Catalog::open(lake, false);
    if (!catalog && catalog.error().code() != Code::corrupt) return catalog.error();
    auto sound = catalog ? catalog->verify() : Result<void>(catalog.error());
    if (!sound) {
        verification.problem(file, sound.error().sentence(), message::store_remedy_catalog);
        return report;
    }
    YAGURA_TRY(const auto segments, catalog->segments());
    YAGURA_TRY(
        auto database,
        sql::Database::open(
            {.threads = 1, .memory_limit_bytes = 256u << 20, .allowed_directories = {lake}}));
    YAGURA_TRY(auto engine, database.connect());
    YAGURA_TRY(const auto damaged, catalog->damaged_signals());
    YAGURA_TRY(const auto kept, catalog->signal_counts());
    report.signal_bytes = kept.bytes;
    uint64_t done = 0;
    for (const Segment& segment : segments) {
        const size_t problems = report.problems.size();
        if (segment.state == SegmentState::live) verification.segment(segment, engine);
        if (report.problems.size() > problems) {
            YAGURA_TRY(const bool still, is_live(*catalog, segment.id));
            if (!still) report.problems.resize(problems);  // replaced meanwhile
        }
        if (std::find(damaged.begin(), damaged.end(), segment.id) != damaged.end())
            verification.damaged_signals(segment);
        if (progress) progress(++done, segments.size());
    }
    YAGURA_CHECK(catalog->for_each_object(
        [&](const LedgerObject& object) { verification.kept_object(object); }));
    YAGURA_TRY(report.orphans, find_orphans(lake, segments, *catalog));
    return report;
}

}  // namespace yagura::store
