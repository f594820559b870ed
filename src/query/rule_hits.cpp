#include "query/rule_hits.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/text.h"
#include "sql/value.h"

namespace yagura::query {
namespace {

constexpr int64_t kHour = 3'600'000'000;
constexpr size_t kSegmentsAtOnce = 64;
constexpr uint64_t kMemoryBytes = 256u << 20;

// The column with the account a row is about; empty when the log type has none.
std::string account_column(const logtype::LogType& type) {
    if (type.roles.account < 0) return {};
    return std::string(type.fields[static_cast<size_t>(type.roles.account)].column);
}

}  // namespace

// --- the table ---

template <class Visit>
void HitTable::each(std::string_view rule, const AccountScope& scope, Visit&& visit) const {
    const auto found = rows_.find(rule);
    if (found == rows_.end()) return;
    for (const Series& series : found->second)
        if (scope.contains(series.account)) visit(series.hours);
}

template <class Visit>
void HitTable::each_found(std::string_view rule, const AccountScope& scope, Visit&& visit) const {
    const auto found = found_.find(rule);
    if (found == found_.end()) return;
    for (const FoundOf& each : found->second)
        if (scope.contains(each.account)) visit(each);
}

uint64_t HitTable::total(std::string_view rule, const AccountScope& scope) const {
    return since(rule, scope, from_micros(0));
}

uint64_t HitTable::since(std::string_view rule, const AccountScope& scope, Timestamp from) const {
    uint64_t sum = 0;
    each(rule, scope, [&](const auto& hours) {
        for (auto at = hours.lower_bound(to_micros(from) / kHour); at != hours.end(); ++at)
            sum += at->second;
    });
    return sum;
}

std::vector<uint64_t> HitTable::days(std::string_view rule,
                                     const AccountScope& scope,
                                     Timestamp first,
                                     size_t count) const {
    std::vector<uint64_t> out(count);
    const int64_t from = to_micros(first) / (24 * kHour);
    each(rule, scope, [&](const auto& hours) {
        for (const auto& [hour, rows] : hours) {
            const int64_t day = hour / 24 - from;
            if (day >= 0 && day < static_cast<int64_t>(count))
                out[static_cast<size_t>(day)] += rows;
        }
    });
    return out;
}

uint64_t HitTable::found(std::string_view rule, const AccountScope& scope) const {
    uint64_t sum = 0;
    each_found(rule, scope, [&](const FoundOf& each) { sum += each.count; });
    return sum;
}

std::optional<uint64_t> HitTable::found_since(std::string_view rule,
                                              const AccountScope& scope,
                                              Timestamp from) const {
    uint64_t sum = 0;
    bool is_known = true;
    each_found(rule, scope, [&](const FoundOf& each) {
        for (const FoundOf::Span& span : each.spans) {
            if (span.last < to_micros(from)) continue;
            is_known = is_known && (span.first >= to_micros(from) || span.count == 1);
            sum += span.count;
        }
    });
    return is_known ? std::optional(sum) : std::nullopt;
}

uint64_t HitTable::findings(std::string_view rule, const AccountScope& scope) const {
    uint64_t sum = 0;
    each_found(rule, scope, [&](const FoundOf& each) { sum += each.findings; });
    return sum;
}

std::optional<Timestamp> HitTable::latest(const AccountScope& scope) const {
    int64_t latest = -1;
    for (const auto& [rule, all] : rows_) {
        for (const Series& series : all)
            if (scope.contains(series.account) && !series.hours.empty())
                latest = std::max(latest, series.hours.rbegin()->first);
    }
    if (latest < 0) return std::nullopt;
    return from_micros(latest * kHour);
}

// --- counting ---

Result<std::shared_ptr<const HitTable>> RuleHits::table() {
    std::unique_lock counting(counting_, std::defer_lock);
    {
        const std::lock_guard lock(table_lock_);
        // Somebody counts at this moment; what was counted before will do.
        if (table_ && !counting.try_lock()) return table_;
    }
    if (!counting.owns_lock()) counting.lock();
    YAGURA_CHECK(refresh());
    const std::lock_guard lock(table_lock_);
    return table_;
}

Result<void> RuleHits::open() {
    if (lake_) return {};
    YAGURA_TRY(auto lake, store::Lake::open(folder_));
    YAGURA_TRY(auto database, lake.engine({.threads = 1, .memory_limit_bytes = kMemoryBytes}));
    lake_.emplace(std::move(lake));
    database_.emplace(std::move(database));
    return {};
}

Result<void> RuleHits::refresh() {
    if (const auto opened = open(); !opened) {
        if (opened.error().code() != Code::not_found) return opened;
        const std::lock_guard lock(table_lock_);
        table_ = std::make_shared<const HitTable>();
        return {};
    }
    YAGURA_TRY(const int64_t version, lake_->catalog().data_version());
    if (version == version_) return {};
    YAGURA_TRY(auto snapshot, lake_->snapshot());
    auto counted = count_new(snapshot);
    if (!counted && snapshot.is_outdated()) {
        YAGURA_TRY(snapshot, lake_->snapshot());
        counted = count_new(snapshot);
    }
    YAGURA_CHECK(counted);
    auto table = summed();
    YAGURA_TRY(const auto findings, lake_->catalog().findings());
    for (const store::KeptFinding& finding : findings) {
        auto& accounts = table->found_[finding.rule_id];
        const auto same = [&](const FoundOf& other) { return other.account == finding.account; };
        auto at = std::find_if(accounts.begin(), accounts.end(), same);
        if (at == accounts.end()) {
            accounts.push_back({finding.account, 0, 0, {}});
            at = accounts.end() - 1;
        }
        ++at->findings;
        at->count += finding.count;
        at->spans.push_back({to_micros(finding.first), to_micros(finding.last), finding.count});
    }
    version_ = version;
    const std::lock_guard lock(table_lock_);
    table_ = std::move(table);
    return {};
}

Result<void> RuleHits::count_new(const store::Snapshot& snapshot) {
    std::set<int64_t> live;
    for (const std::string& name : snapshot.log_types()) {
        const logtype::LogType* type = logtype::find(name);
        if (!type) continue;
        std::vector<const store::Segment*> fresh;
        for (const store::Segment* segment : snapshot.segments(name)) {
            live.insert(segment->id);
            if (!segments_.contains(segment->id)) fresh.push_back(segment);
        }
        for (size_t at = 0; at < fresh.size(); at += kSegmentsAtOnce) {
            const size_t end = std::min(fresh.size(), at + kSegmentsAtOnce);
            const std::vector some(fresh.begin() + static_cast<ptrdiff_t>(at),
                                   fresh.begin() + static_cast<ptrdiff_t>(end));
            if (const auto counted = count(*type, snapshot, some); !counted)
                return snapshot.cause_of(counted.error(), some);
        }
    }
    std::erase_if(segments_, [&](const auto& entry) { return !live.contains(entry.first); });
    return {};
}

Result<void> RuleHits::count(const logtype::LogType& type,
                             const store::Snapshot& snapshot,
                             const std::vector<const store::Segment*>& segments) {
    std::map<std::string, int64_t, std::less<>> by_file;
    std::string files;
    for (const store::Segment* segment : segments) {
        const std::string path = snapshot.path_of(*segment);
        by_file[path] = segment->id;
        files += (files.empty() ? "" : ", ") + sql::quote_literal(path);
    }
    const std::string account = account_column(type);
    YAGURA_TRY(auto connection, database_->connect());
    YAGURA_TRY(
        auto rows,
        connection.query(fmt::format(
            "SELECT filename, detections, {}, epoch_us(event_time) // {}, count(*) FROM "
            "read_parquet([{}], filename=true, union_by_name=true) "
            "WHERE detections IS NOT NULL AND detections <> '' GROUP BY ALL",
            account.empty() ? "''" : fmt::format("coalesce({}, '')", sql::quote_name(account)),
            kHour,
            files)));
    std::map<int64_t, Counts> counted;
    for (const auto& [file, id] : by_file) counted[id];
    for (;;) {
        YAGURA_TRY(const bool more, rows.next());
        if (!more) break;
        for (size_t row = 0; row < rows.size(); ++row) {
            const auto file = by_file.find(rows.column(0).text(row));
            if (file == by_file.end()) continue;
            counted[file->second].push_back({std::string(rows.column(1).text(row)),
                                             std::string(rows.column(2).text(row)),
                                             rows.column(3).integer(row),
                                             static_cast<uint64_t>(rows.column(4).integer(row))});
        }
    }
    for (auto& [id, counts] : counted) segments_[id] = std::move(counts);
    return {};
}

std::shared_ptr<HitTable> RuleHits::summed() const {
    auto table = std::make_shared<HitTable>();
    for (const auto& [id, counts] : segments_) {
        for (const Count& count : counts) {
            for (const std::string_view rule : split(count.rules, ' ')) {
                if (rule.empty()) continue;
                auto& series = table->rows_[std::string(rule)];
                const auto same = [&](const auto& each) { return each.account == count.account; };
                auto at = std::find_if(series.begin(), series.end(), same);
                if (at == series.end()) {
                    series.push_back({count.account, {}});
                    at = series.end() - 1;
                }
                at->hours[count.hour] += count.rows;
            }
        }
    }
    return table;
}

}  // namespace yagura::query
