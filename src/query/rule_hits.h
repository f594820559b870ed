// How often each rule matched, as the rows of a lake say: by account and hour of event time.
//
//   RuleHits hits(lake);                                        // keep it: it remembers segments
//   YAGURA_TRY(const auto table, hits.table());
//   table->total("3c3bd63c-…", scope);
//   table->since("3c3bd63c-…", scope, now - 24h);
//
// Segments never change, so each is counted once; only new ones are read when the lake has grown.
// Rules over several events leave no mark on rows: what is known of them is in the lake's findings,
// whose counts are taken in here (HitTable::findings). Thread-safe; while one thread counts, others
// get the last answer.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/account_scope.h"
#include "base/hash.h"
#include "base/result.h"
#include "base/time.h"
#include "sql/database.h"
#include "store/lake.h"

namespace yagura::query {

// What the findings of one rule and account say together.
struct FoundOf {
    std::string account;
    uint64_t findings = 0;
    uint64_t count = 0;
    // By (first, last) of each finding, for what fell into a period as far as that can be told.
    struct Span {
        int64_t first, last;  // microseconds
        uint64_t count;
    };
    std::vector<Span> spans;
};

// Immutable.
class HitTable {
  public:
    // Rows the rule matched, of the accounts in scope.
    uint64_t total(std::string_view rule, const AccountScope& scope) const;
    // Of them, those from the hour of `from` on.
    uint64_t since(std::string_view rule, const AccountScope& scope, Timestamp from) const;
    // Of them, per day (UTC) from the day of `first` on.
    std::vector<uint64_t> days(std::string_view rule,
                               const AccountScope& scope,
                               Timestamp first,
                               size_t count) const;

    // The same numbers from findings, for rules over several events. Nullopt when a finding
    // reaches across `from`: how many of its firings lie behind it is not kept.
    uint64_t found(std::string_view rule, const AccountScope& scope) const;
    std::optional<uint64_t> found_since(std::string_view rule,
                                        const AccountScope& scope,
                                        Timestamp from) const;
    // How many findings the rule has.
    uint64_t findings(std::string_view rule, const AccountScope& scope) const;

    // The hour of the latest hit of any rule; nullopt when there is none in scope.
    std::optional<Timestamp> latest(const AccountScope& scope) const;

  private:
    friend class RuleHits;
    struct Series {
        std::string account;
        std::map<int64_t, uint64_t> hours;  // hours since 1970
    };
    template <class T>
    using ByRule = std::unordered_map<std::string, std::vector<T>, TextHash, std::equal_to<>>;

    template <class Visit>
    void each(std::string_view rule, const AccountScope& scope, Visit&& visit) const;
    template <class Visit>
    void each_found(std::string_view rule, const AccountScope& scope, Visit&& visit) const;

    ByRule<Series> rows_;
    ByRule<FoundOf> found_;
};

class RuleHits {
  public:
    explicit RuleHits(std::filesystem::path lake) : folder_(std::move(lake)) {}

    // As of now. An empty table when there is no lake yet.
    Result<std::shared_ptr<const HitTable>> table();

  private:
    struct Count {
        std::string rules;  // as the row lists them, parted by blanks
        std::string account;
        int64_t hour;
        uint64_t rows;
    };
    using Counts = std::vector<Count>;

    Result<void> open();
    Result<void> refresh();
    Result<void> count_new(const store::Snapshot& snapshot);
    Result<void> count(const logtype::LogType& type,
                       const store::Snapshot& snapshot,
                       const std::vector<const store::Segment*>& segments);
    std::shared_ptr<HitTable> summed() const;

    const std::filesystem::path folder_;
    std::mutex counting_;
    std::optional<store::Lake> lake_;
    std::optional<sql::Database> database_;
    int64_t version_ = -1;
    std::map<int64_t, Counts> segments_;  // by id
    std::mutex table_lock_;
    std::shared_ptr<const HitTable> table_;
};

}  // namespace yagura::query
