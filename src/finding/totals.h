// What was read: the numbers of a scan that are not matches, and what could not be used.
//
//   ScanTotals totals;                       // one per worker
//   totals.count_event(event, type);         // every unique event that was read
//   totals.quarantine.add_record(object, fault);
//   whole.merge(totals);                     // one thread, any order
//
// Bounded: at most kMaxNames accounts, Regions and days are told apart, and kMaxQuarantined places
// are listed; beyond that they are counted together. Not thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/fault.h"
#include "event/event.h"
#include "logtype/log_type.h"

namespace yagura::finding {

// Where something could not be used. `offset` counts bytes in the inflated object; of the first
// such fault.
struct QuarantinedPart {
    std::string object;
    FaultCode code{};
    uint64_t offset = 0;
    uint64_t count = 0;
    bool whole_object = false;  // nothing of the object was used
    std::string detail;  // what the reason leaves open: the system's word, where a link leads
};

class Quarantine {
  public:
    static constexpr size_t kMaxQuarantined = 1'000;

    void add_record(std::string_view object, const Fault& fault, uint64_t count = 1);
    void add_object(std::string_view object, const Fault& fault, std::string_view detail = {});
    void merge(const Quarantine& other);

    uint64_t records() const { return records_; }
    uint64_t objects() const { return objects_; }
    bool is_empty() const { return records_ == 0 && objects_ == 0; }

    // One row per object and reason, sorted by object, offset and reason; at most kMaxQuarantined.
    std::vector<QuarantinedPart> parts() const;
    uint64_t unlisted() const { return unlisted_; }
    // How often each reason came up, listed or not.
    const std::map<FaultCode, uint64_t>& by_code() const { return by_code_; }

  private:
    void add(QuarantinedPart part);
    void put(QuarantinedPart part);
    void trim();

    std::map<std::pair<std::string, FaultCode>, QuarantinedPart> parts_;
    std::map<FaultCode, uint64_t> by_code_;
    uint64_t records_ = 0;
    uint64_t objects_ = 0;
    uint64_t unlisted_ = 0;
};

// What rules over several events could not say.
struct Undecided {
    uint64_t open_windows = 0;  // close after the latest event that was read
    uint64_t left_out = 0;      // groups, events and values given up for lack of room
};

struct ScanTotals {
    static constexpr size_t kMaxNames = 10'000;
    using Names = std::map<std::string, uint64_t, std::less<>>;

    uint64_t objects = 0;            // found, quarantined ones too
    uint64_t records = 0;            // read, duplicates too
    uint64_t records_duplicate = 0;  // seen before, not matched again
    uint64_t records_repaired = 0;
    uint64_t digests = 0;                // of CloudTrail: they prove logs, they are not logs
    uint64_t records_outside_range = 0;  // not within --from … --to; not matched
    uint64_t bytes_in = 0;               // as stored
    uint64_t bytes_inflated = 0;         // as read
    Quarantine quarantine;
    Undecided undecided;  // of the scan as a whole; merge() leaves it

    // Of unique events in range:
    Names by_log_type;
    Names by_account;
    Names by_region;
    std::map<int32_t, uint64_t> by_day;  // days since 1970, UTC
    int64_t first = INT64_MAX;           // microseconds
    int64_t last = INT64_MIN;

    uint64_t records_unique() const { return records - records_duplicate; }
    // Sees one unique event: log type, account, Region, day, first and last.
    void count_event(event::Event& event, const logtype::LogType& type);
    void merge(const ScanTotals& other);

  private:
    // Few accounts and Regions make up most events; where their counts are is remembered by hash
    // instead of looked up. The counts are our own maps', so a copy starts without any.
    struct Memo {
        static constexpr size_t kPlaces = 64;
        struct Place {
            std::string text;
            uint64_t* count = nullptr;
        };
        std::array<Place, kPlaces> places;
        Place* latest = nullptr;  // the one used last
        Memo() = default;
        Memo(const Memo&) {}
        Memo& operator=(const Memo&) {
            places = {};
            latest = nullptr;
            return *this;
        }
    };
    static void count_name(Names& names, Memo& memo, std::string_view text);
    static void count_day(std::map<int32_t, uint64_t>& days, int32_t day, uint64_t count);

    Memo type_memo_, account_memo_, region_memo_;
};

}  // namespace yagura::finding
