// The file in which first-seen rules remember across restarts.
//
//   "YGRFSEEN"  version u32  rules u32
//   rule:  fingerprint u64  began i64  tuples u64  entities u64  (hash u64, time i64)*
//   XXH3 of all of the above u64
//
// Little-endian. A rule is found again by its fingerprint, which covers its id and the fields that
// give the hashes their meaning: a rule that was edited to look at other fields starts anew.

#include <algorithm>
#include <cstring>

#include "base/hash.h"
#include "base/messages/detect.h"
#include "detect/first_seen.h"
#include "detect/state_file.h"

namespace yagura::detect {
namespace {

constexpr std::string_view kMagic = "YGRFSEEN";
constexpr uint32_t kVersion = 1;
constexpr size_t kPairBytes = 16;
constexpr size_t kHeaderBytes = 8 + 4 + 4;

uint64_t fingerprint_of(const match::FirstSeen& rule) {
    uint64_t hash = hash64(rule.info.id, rule.fields.size());
    for (const std::string& field : rule.fields) hash = hash64(field, hash);
    for (const std::string& field : rule.entity) hash = hash64(field, ~hash);
    return hash;
}

// Sorted, so that the same memory is the same file.
void put_table(std::string& out, const TimeTable& table) {
    std::vector<std::pair<uint64_t, int64_t>> rows;
    rows.reserve(table.size());
    table.for_each([&](uint64_t hash, int64_t time) { rows.emplace_back(hash, time); });
    std::sort(rows.begin(), rows.end());
    for (const auto& [hash, time] : rows) {
        put(out, hash);
        put(out, time);
    }
}

struct SavedRule {
    uint64_t fingerprint = 0;
    int64_t began = 0;
    std::string_view tuples, entities;  // pairs, inside the file's bytes
};

std::optional<SavedRule> take_rule(std::string_view& bytes) {
    const auto fingerprint = take<uint64_t>(bytes);
    const auto began = take<int64_t>(bytes);
    const auto tuples = take<uint64_t>(bytes);
    const auto entities = take<uint64_t>(bytes);
    if (!entities) return std::nullopt;
    const uint64_t room = bytes.size() / kPairBytes;
    if (*tuples > room || *entities > room - *tuples) return std::nullopt;
    SavedRule rule{*fingerprint,
                   *began,
                   bytes.substr(0, *tuples * kPairBytes),
                   bytes.substr(*tuples * kPairBytes, *entities * kPairBytes)};
    bytes.remove_prefix((*tuples + *entities) * kPairBytes);
    return rule;
}

template <class Visit>
void for_each_pair(std::string_view pairs, const Visit& visit) {
    while (!pairs.empty()) {
        const auto hash = take<uint64_t>(pairs);
        const auto time = take<int64_t>(pairs);
        if (time) visit(*hash, *time);
    }
}

}  // namespace

std::string FirstSeenMemory::encode() const {
    std::string out(kMagic);
    put(out, kVersion);
    put(out, static_cast<uint32_t>(trackers_.size()));
    for (const FirstSeenTracker& tracker : trackers_) {
        put(out, fingerprint_of(*tracker.rule_));
        put(out, tracker.began_);
        put(out, uint64_t{tracker.tuples_.size()});
        put(out, uint64_t{tracker.entities_.size()});
        put_table(out, tracker.tuples_);
        put_table(out, tracker.entities_);
    }
    put(out, hash64(out));
    return out;
}

Result<void> FirstSeenMemory::decode(std::string_view bytes, std::string_view name) {
    const auto torn = [&] { return fail(Code::corrupt, say(message::detect_state_torn, name)); };
    if (!bytes.starts_with(kMagic))
        return fail(Code::corrupt, say(message::detect_state_not_ours, name));
    if (bytes.size() < kHeaderBytes + sizeof(uint64_t)) return torn();
    uint32_t version = 0;
    std::memcpy(&version, bytes.data() + kMagic.size(), sizeof version);
    if (version != kVersion)
        return fail(Code::unsupported, say(message::detect_state_version, name, version, kVersion));
    std::string_view end = bytes.substr(bytes.size() - sizeof(uint64_t));
    bytes.remove_suffix(sizeof(uint64_t));
    if (take<uint64_t>(end) != hash64(bytes)) return torn();
    bytes.remove_prefix(kMagic.size() + sizeof version);
    const auto count = take<uint32_t>(bytes).value_or(0);
    std::vector<SavedRule> rules;
    for (uint32_t i = 0; i < count; ++i) {
        const auto rule = take_rule(bytes);
        if (!rule) return torn();
        rules.push_back(*rule);
    }
    if (!bytes.empty()) return torn();
    for (FirstSeenTracker& tracker : trackers_) {
        const auto saved = std::find_if(rules.begin(), rules.end(), [&](const SavedRule& rule) {
            return rule.fingerprint == fingerprint_of(*tracker.rule_);
        });
        if (saved == rules.end()) continue;
        tracker.is_known_ = true;
        tracker.began_ = std::min(tracker.began_, saved->began);
        for_each_pair(saved->tuples, [&](uint64_t hash, int64_t time) {
            const int64_t* known = tracker.tuples_.find(hash);
            tracker.remember(tracker.tuples_, hash, known ? std::max(*known, time) : time);
        });
        for_each_pair(saved->entities, [&](uint64_t hash, int64_t time) {
            const int64_t* known = tracker.entities_.find(hash);
            tracker.remember(tracker.entities_, hash, known ? std::min(*known, time) : time);
        });
    }
    return {};
}

Result<void> FirstSeenMemory::load(const std::filesystem::path& path) {
    YAGURA_TRY(const auto bytes, read_state_file(path));
    return bytes ? decode(*bytes, path.string()) : Result<void>();
}

Result<void> FirstSeenMemory::save(const std::filesystem::path& path) const {
    return write_state_file(path, encode());
}

}  // namespace yagura::detect
