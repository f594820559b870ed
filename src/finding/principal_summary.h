// What each principal did: calls that succeeded and failed, Regions, addresses, keys, user agents.
//
//   PrincipalSummary summary;                 // one per worker
//   summary.add(event, type);                 // every unique event
//   whole.merge(summary); …
//   for (const auto& principal : whole.principals()) …
//
// Bounded: beyond kMaxPrincipals principals and kMaxEntries values altogether further ones are only
// counted (forgotten()). Below that, the result does not depend on the order of events. Not
// thread-safe.
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/keyed_hash.h"
#include "event/event.h"
#include "finding/string_pool.h"
#include "logtype/log_type.h"

namespace yagura::finding {

// What is listed of a principal.
enum class Aspect : uint8_t {
    succeeded,  // "iam:CreateUser"
    failed,
    finding,  // "Recon:IAMUser/TorIPCaller": what a detection service said of it
    region,
    address,
    user_type,
    user_arn,
    access_key,
    user_agent,
    count_,
};

struct AspectValue {
    std::string_view text;
    uint64_t count = 0;
    int64_t first = 0;  // microseconds
    int64_t last = 0;
};

struct SummarisedPrincipal {
    std::string_view name;
    std::string_view account;
    uint64_t events = 0;
    uint64_t failed = 0;
    int64_t first = 0;
    int64_t last = 0;
    size_t sensitive = 0;  // different security-relevant calls
    std::vector<AspectValue>
        values[static_cast<size_t>(Aspect::count_)];  // most frequent first, ties by text

    const std::vector<AspectValue>& of(Aspect aspect) const {
        return values[static_cast<size_t>(aspect)];
    }
};

// "iam:CreateUser" is in the list of security-relevant calls (sensitive_api.h).
bool is_sensitive(std::string_view call);

class PrincipalSummary {
  public:
    static constexpr size_t kMaxPrincipals = 50'000;
    static constexpr size_t kMaxEntries = 1'000'000;

    void add(event::Event& event, const logtype::LogType& type);
    void merge(const PrincipalSummary& other);

    // Those with the most different security-relevant calls first, then the most events, then by
    // name. Views point into the summary.
    std::vector<SummarisedPrincipal> principals() const;

    uint64_t without_principal() const { return without_principal_; }  // events that name nobody
    uint64_t forgotten() const { return forgotten_; }

  private:
    struct Tally {
        uint64_t count = 0;
        int64_t first = 0;
        int64_t last = 0;
        void add(uint64_t more, int64_t from, int64_t to);
    };
    struct Principal {
        StringId name = 0;
        StringId account = 0;
        Tally tally;
        uint64_t failed = 0;
    };
    struct EntryKey {
        uint32_t principal;
        uint32_t aspect;
        StringId value;
        friend bool operator==(const EntryKey&, const EntryKey&) = default;
    };
    struct EntryHash {
        size_t operator()(const EntryKey& key) const;
    };

    // The index of a principal, or nothing when there is no room.
    bool find_principal(std::string_view name, std::string_view account, uint32_t& index);
    void add_entry(const EntryKey& key, const Tally& tally);
    void add_text(uint32_t principal, Aspect aspect, std::string_view text, int64_t time);

    StringPool pool_;
    std::vector<Principal> principals_;
    // By the ids of name and account.
    std::unordered_map<uint64_t, uint32_t, KeyedNumberHash> principal_ids_;
    std::unordered_map<EntryKey, Tally, EntryHash> entries_;
    uint64_t without_principal_ = 0;
    uint64_t forgotten_ = 0;
};

}  // namespace yagura::finding
