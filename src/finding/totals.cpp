#include "finding/totals.h"

#include <algorithm>
#include <limits>

#include "base/hash.h"
#include "base/same.h"

namespace yagura::finding {
namespace {

constexpr size_t kMaxDays = 40'000;
constexpr int64_t kMicrosPerDay = 86'400'000'000;
constexpr std::string_view kOther = "…";

}  // namespace

void Quarantine::add_record(std::string_view object, const Fault& fault, uint64_t count) {
    records_ += count;
    add({std::string(object), fault.code, fault.offset, count, false, {}});
}

void Quarantine::add_object(std::string_view object, const Fault& fault, std::string_view detail) {
    ++objects_;
    add({std::string(object), fault.code, fault.offset, 1, true, std::string(detail)});
}

void Quarantine::add(QuarantinedPart part) {
    by_code_[part.code] += part.count;
    put(std::move(part));
    trim();
}

// One row for an object and reason, whatever order its parts came in.
void Quarantine::put(QuarantinedPart part) {
    const auto at = parts_.find(std::pair(part.object, part.code));
    if (at == parts_.end()) {
        std::pair key(part.object, part.code);
        parts_.emplace(std::move(key), std::move(part));
        return;
    }
    QuarantinedPart& known = at->second;
    known.count += part.count;
    known.offset = std::min(known.offset, part.offset);
    known.whole_object = known.whole_object || part.whole_object;
    known.detail = std::max(known.detail, part.detail);
}

// Keeps the first kMaxQuarantined by name, whatever the order they came in.
void Quarantine::trim() {
    while (parts_.size() > kMaxQuarantined) {
        const auto last = std::prev(parts_.end());
        unlisted_ += last->second.count;
        parts_.erase(last);
    }
}

void Quarantine::merge(const Quarantine& other) {
    records_ += other.records_;
    objects_ += other.objects_;
    unlisted_ += other.unlisted_;
    for (const auto& [code, count] : other.by_code_) by_code_[code] += count;
    for (const auto& [key, theirs] : other.parts_) put(theirs);
    trim();
}

std::vector<QuarantinedPart> Quarantine::parts() const {
    std::vector<QuarantinedPart> rows;
    rows.reserve(parts_.size());
    for (const auto& [key, part] : parts_) rows.push_back(part);
    return rows;
}

void ScanTotals::count_name(Names& names, Memo& memo, std::string_view text) {
    if (text.empty()) return;
    if (memo.latest && is_same(memo.latest->text, text)) {
        ++*memo.latest->count;
        return;
    }
    Memo::Place& place = memo.places[hash64(text) % Memo::kPlaces];
    if (place.count && place.text == text) {
        ++*place.count;
        memo.latest = &place;
        return;
    }
    auto at = names.find(text);
    if (at == names.end()) {
        if (names.size() >= kMaxNames) text = kOther;
        at = names.try_emplace(std::string(text), 0).first;
    }
    ++at->second;
    place.text = text;
    place.count = &at->second;
    memo.latest = &place;
}

void ScanTotals::count_day(std::map<int32_t, uint64_t>& days, int32_t day, uint64_t count) {
    const bool room = days.size() < kMaxDays || days.count(day) != 0;
    days[room ? day : days.rbegin()->first] += count;
}

void ScanTotals::count_event(event::Event& event, const logtype::LogType& type) {
    const auto role = [&](int slot) {
        return slot < 0 ? std::string_view() : event.text(static_cast<event::SlotId>(slot));
    };
    count_name(by_log_type, type_memo_, type.name);
    count_name(by_account, account_memo_, role(type.roles.account));
    count_name(by_region, region_memo_, role(type.roles.region));
    if (event.oddities & event::kTimeMissing) return;
    const int64_t time = to_micros(event.time);
    first = std::min(first, time);
    last = std::max(last, time);
    count_day(by_day, static_cast<int32_t>(time / kMicrosPerDay), 1);
}

void ScanTotals::merge(const ScanTotals& other) {
    objects += other.objects;
    records += other.records;
    records_duplicate += other.records_duplicate;
    records_repaired += other.records_repaired;
    digests += other.digests;
    records_outside_range += other.records_outside_range;
    bytes_in += other.bytes_in;
    bytes_inflated += other.bytes_inflated;
    quarantine.merge(other.quarantine);
    const auto add = [](Names& ours, const Names& theirs) {
        for (const auto& [name, count] : theirs) {
            const bool room = ours.size() < kMaxNames || ours.count(name) != 0;
            ours[room ? name : std::string(kOther)] += count;
        }
    };
    add(by_log_type, other.by_log_type);
    add(by_account, other.by_account);
    add(by_region, other.by_region);
    for (const auto& [day, count] : other.by_day) count_day(by_day, day, count);
    first = std::min(first, other.first);
    last = std::max(last, other.last);
}

}  // namespace yagura::finding
