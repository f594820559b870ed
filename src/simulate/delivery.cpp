#include "simulate/delivery.h"

#include <algorithm>

#include <fmt/format.h>

namespace yagura::simulate {
namespace {

using std::chrono::minutes;

// A real delivery holds what arrived in the last minutes: records come up to some minutes late.
Timestamp delivery_time(const Account& account, std::string_view region, Timestamp time) {
    const minutes every(region == account.sites.front().region ? 5 : 15);
    const auto since = time.time_since_epoch();
    return Timestamp(since - since % every + every + minutes(5));
}

}  // namespace

std::string folder_of_day(Timestamp time) {
    std::string day = format_day(time);
    std::replace(day.begin(), day.end(), '-', '/');
    return "/" + day + "/";
}

std::string stamp_of_minute(Timestamp time) {
    std::string text = format_iso8601(std::chrono::floor<minutes>(time));  // 2026-03-02T09:15:00Z
    std::erase(text, '-');
    std::erase(text, ':');
    return text.substr(0, 13) + "Z";
}

void Delivery::add(const Account& account,
                   std::string_view region,
                   Timestamp time,
                   std::string_view record) {
    Parcel& parcel = parcels_[Key(delivery_time(account, region, time), account.id, region)];
    parcel.account = &account;
    parcel.records.push_back({time, parcel.text.size(), record.size()});
    parcel.text += record;
    ++records_;
}

void Delivery::deliver_before(Timestamp time) {
    while (!parcels_.empty() && std::get<0>(parcels_.begin()->first) <= time) {
        send(parcels_.begin()->first, parcels_.begin()->second);
        parcels_.erase(parcels_.begin());
    }
}

void Delivery::deliver_all() {
    for (auto& [key, parcel] : parcels_) send(key, parcel);
    parcels_.clear();
}

void Delivery::send(const Key& key, Parcel& parcel) {
    const auto& [time, account, region] = key;
    std::stable_sort(parcel.records.begin(),
                     parcel.records.end(),
                     [](const auto& a, const auto& b) { return a.time < b.time; });
    std::string text = "{\"Records\":[";
    text.reserve(parcel.text.size() + parcel.records.size() + 16);
    for (const Parcel::Record& record : parcel.records) {
        if (text.back() == '}') text += ',';
        text.append(parcel.text, record.offset, record.size);
    }
    text += "]}";
    const std::string stamp = stamp_of_minute(time);
    std::string name = fmt::format("AWSLogs/{}/{}/CloudTrail/{}{}{}_CloudTrail_{}_{}_",
                                   world_.organisation,
                                   account,
                                   region,
                                   folder_of_day(time),
                                   account,
                                   region,
                                   stamp);
    Random random = Random(world_.seed).fork(name);
    append_alnum(name, random, 16);
    files_.add(name + ".json.gz", std::move(text));
}

}  // namespace yagura::simulate
