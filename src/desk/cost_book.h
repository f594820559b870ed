// What rules cost, kept beside what else the console knows of them.
//
//   CostBook book(lake / "console");
//   book.add(costs);                              // as they are measured (match/cost.h)
//   if (const auto cost = book.cost(id)) … cost->nanoseconds_per_event …
//
// The file is `rule-costs.tsv`: id, meaning, events, nanoseconds. What it says that cannot be read
// is left out: nothing but a number on a screen depends on it. Old measurements fade, so that a
// book of years still tells of today. Several processes may keep one book: each adds what is new.
// Thread-safe.
#pragma once

#include <chrono>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "match/cost.h"

namespace yagura::desk {

class CostBook {
  public:
    explicit CostBook(std::filesystem::path folder);
    ~CostBook();  // saves

    // Saves now and then, too.
    void add(const match::RuleCosts& measured);
    Result<void> save();
    // The rule was changed: what it cost before says nothing any more.
    void forget(std::string_view id);

    struct Cost {
        double nanoseconds_per_event = 0;
        uint64_t events = 0;  // that were measured
    };
    // Nullopt while too few events were measured.
    std::optional<Cost> cost(std::string_view id) const;

    static constexpr uint64_t kFewestEvents = 50;
    static constexpr uint64_t kMostEvents = 200'000;  // then the older half fades

  private:
    match::RuleCosts read() const;
    Result<void> save_alone();

    const std::filesystem::path folder_;
    mutable std::mutex mutex_;
    match::RuleCosts known_;    // with what is not saved yet
    match::RuleCosts unsaved_;  // since the last save
    std::vector<std::string> forgotten_;
    std::chrono::steady_clock::time_point saved_ = std::chrono::steady_clock::now();
};

}  // namespace yagura::desk
