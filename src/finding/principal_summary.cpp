#include "finding/principal_summary.h"

#include <algorithm>
#include <set>
#include <string>
#include <tuple>

#include "finding/outcome.h"
#include "finding/sensitive_api.h"

namespace yagura::finding {

void PrincipalSummary::Tally::add(uint64_t more, int64_t from, int64_t to) {
    first = count == 0 ? from : std::min(first, from);
    last = count == 0 ? to : std::max(last, to);
    count += more;
}

size_t PrincipalSummary::EntryHash::operator()(const EntryKey& key) const {
    return keyed_hash({reinterpret_cast<const char*>(&key), sizeof key});
}

bool is_sensitive(std::string_view call) {
    const size_t colon = call.find(':');
    return colon != std::string_view::npos &&
           find_sensitive_api(call.substr(0, colon), call.substr(colon + 1)) != nullptr;
}

bool PrincipalSummary::find_principal(std::string_view name,
                                      std::string_view account,
                                      uint32_t& index) {
    const bool has_room = principals_.size() < kMaxPrincipals;
    const StringId name_id = has_room ? pool_.intern(name) : pool_.find(name);
    const StringId account_id = has_room ? pool_.intern(account) : pool_.find(account);
    const uint64_t key = uint64_t{name_id} << 32 | account_id;
    if (const auto at = principal_ids_.find(key); at != principal_ids_.end()) {
        index = at->second;
        return true;
    }
    if (!has_room) return false;
    index = static_cast<uint32_t>(principals_.size());
    principals_.push_back({name_id, account_id, {}, 0});
    principal_ids_.emplace(key, index);
    return true;
}

void PrincipalSummary::add_entry(const EntryKey& key, const Tally& tally) {
    const auto at = entries_.find(key);
    if (at != entries_.end()) {
        at->second.add(tally.count, tally.first, tally.last);
    } else if (entries_.size() < kMaxEntries) {
        entries_[key].add(tally.count, tally.first, tally.last);
    } else {
        forgotten_ += tally.count;
    }
}

void PrincipalSummary::add_text(uint32_t principal,
                                Aspect aspect,
                                std::string_view text,
                                int64_t time) {
    if (text.empty()) return;
    const StringId value = entries_.size() < kMaxEntries ? pool_.intern(text) : pool_.find(text);
    add_entry({principal, static_cast<uint32_t>(aspect), value}, {1, time, time});
}

void PrincipalSummary::add(event::Event& event, const logtype::LogType& type) {
    const auto role = [&](int slot) {
        return slot < 0 ? std::string_view() : event.text(static_cast<event::SlotId>(slot));
    };
    const auto column = [&](std::string_view name) {
        const auto field = type.dictionary().find(name);
        return field ? event.text(*field) : std::string_view();
    };
    const std::string_view name = role(type.roles.principal);
    uint32_t index = 0;
    if (name.empty()) {
        ++without_principal_;
        return;
    }
    if (!find_principal(name, role(type.roles.account), index)) {
        ++forgotten_;
        return;
    }
    const int64_t time = to_micros(event.time);
    const bool failed = is_failure(event, type);
    principals_[index].tally.add(1, time, time);
    principals_[index].failed += failed;
    const std::string_view event_name = role(type.roles.event_name);
    if (!event_name.empty()) {
        std::string call(service_of(role(type.roles.event_source)));
        if (!call.empty()) call += ':';
        call += event_name;
        const bool is_call = type.roles.event_source >= 0;
        const Aspect of_call = failed ? Aspect::failed : Aspect::succeeded;
        add_text(index, is_call ? of_call : Aspect::finding, call, time);
    }
    add_text(index, Aspect::region, role(type.roles.region), time);
    add_text(index, Aspect::address, role(type.roles.source_ip), time);
    add_text(index, Aspect::user_type, column("user_type"), time);
    add_text(index, Aspect::user_arn, column("user_arn"), time);
    add_text(index, Aspect::access_key, role(type.roles.access_key), time);
    add_text(index, Aspect::user_agent, role(type.roles.user_agent), time);
}

void PrincipalSummary::merge(const PrincipalSummary& other) {
    constexpr uint32_t kNone = UINT32_MAX;
    std::vector<uint32_t> indices(other.principals_.size(), kNone);
    for (size_t i = 0; i < indices.size(); ++i) {
        const Principal& theirs = other.principals_[i];
        uint32_t index = kNone;
        if (!find_principal(
                other.pool_.text(theirs.name), other.pool_.text(theirs.account), index)) {
            forgotten_ += theirs.tally.count;
            continue;
        }
        indices[i] = index;
        principals_[index].tally.add(theirs.tally.count, theirs.tally.first, theirs.tally.last);
        principals_[index].failed += theirs.failed;
    }
    for (const auto& [key, tally] : other.entries_) {
        if (indices[key.principal] == kNone) continue;
        add_entry({indices[key.principal], key.aspect, pool_.intern(other.pool_.text(key.value))},
                  tally);
    }
    without_principal_ += other.without_principal_;
    forgotten_ += other.forgotten_;
}

std::vector<SummarisedPrincipal> PrincipalSummary::principals() const {
    std::vector<SummarisedPrincipal> rows;
    for (const Principal& principal : principals_) {
        SummarisedPrincipal& row = rows.emplace_back();
        row.name = pool_.text(principal.name);
        row.account = pool_.text(principal.account);
        row.events = principal.tally.count;
        row.failed = principal.failed;
        row.first = principal.tally.first;
        row.last = principal.tally.last;
    }
    for (const auto& [key, tally] : entries_) {
        const std::string_view text = pool_.text(key.value);
        rows[key.principal].values[key.aspect].push_back(
            {text, tally.count, tally.first, tally.last});
    }
    for (SummarisedPrincipal& row : rows) {
        for (std::vector<AspectValue>& values : row.values) {
            std::sort(values.begin(), values.end(), [](const AspectValue& a, const AspectValue& b) {
                return a.count != b.count ? a.count > b.count : a.text < b.text;
            });
        }
        std::set<std::string_view> sensitive;  // a call that succeeded and failed is one
        for (const Aspect aspect : {Aspect::succeeded, Aspect::failed}) {
            for (const AspectValue& value : row.of(aspect)) {
                if (is_sensitive(value.text)) sensitive.insert(value.text);
            }
        }
        row.sensitive = sensitive.size();
    }
    std::sort(
        rows.begin(), rows.end(), [](const SummarisedPrincipal& a, const SummarisedPrincipal& b) {
            if (a.sensitive != b.sensitive) return a.sensitive > b.sensitive;
            if (a.events != b.events) return a.events > b.events;
            return std::tie(a.name, a.account) < std::tie(b.name, b.account);
        });
    return rows;
}

}  // namespace yagura::finding
