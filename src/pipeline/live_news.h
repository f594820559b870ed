// Tells whoever listens what changed in a lake, whoever changed it.
//
//   LiveNewsroom room(lake);
//   const uint64_t id = room.subscribe([](const LiveNews& news) { … });
//   room.poke();                                  // something was committed just now
//
// A thread of its own looks at the catalog when poked and every quarter of a second besides, so
// commits of other processes are news too. Who commits never waits for who listens: what happens
// while listeners are busy is one piece of news afterwards, with bounded memory. Thread-safe.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "rule/live.h"
#include "store/catalog.h"

namespace yagura::pipeline {

struct LiveCounters {
    uint64_t events_total = 0;
    double events_per_second = 0;       // over the last seconds
    std::optional<double> lag_seconds;  // since the newest event; none in an empty lake
    uint64_t objects = 0;
    uint64_t faults = 0;
    uint64_t findings_total = 0;
    friend bool operator==(const LiveCounters&, const LiveCounters&) = default;
};

struct RulesTold {
    uint32_t loaded = 0;
    std::vector<Diagnostic> mistakes;
    std::string error;  // why they could not be loaded at all; empty: they were
};

struct LiveNews {
    static constexpr size_t kMostFindings = 500;

    LiveCounters counters;
    // Rows that came are in segments of level 0 (or kSampleLevel) from this id on; none came:
    // unset.
    std::optional<int64_t> first_segment;
    bool rows_removed = false;
    // As they are now; oldest change first.
    std::vector<store::KeptFinding> findings;
    uint64_t findings_left_out = 0;
    std::optional<RulesTold> rules;
};

class LiveNewsroom {
  public:
    using Listener = std::function<void(const LiveNews&)>;

    // News is what changes from now on.
    explicit LiveNewsroom(std::filesystem::path lake);
    ~LiveNewsroom();

    // `listener` is called by the newsroom's thread and should be quick. After unsubscribe() it is
    // not called any more, nor being called.
    uint64_t subscribe(Listener listener);
    void unsubscribe(uint64_t id);

    void poke();
    void tell(RulesTold rules);

    LiveCounters counters() const;

  private:
    void run(const std::stop_token& stop);
    Result<bool> look(LiveNews& news);
    double rate(uint64_t rows);

    std::filesystem::path lake_;
    std::optional<store::Catalog> catalog_;
    int64_t version_ = -1;
    int64_t next_segment_ = 0;
    int64_t change_ = 0;  // of findings
    std::optional<Timestamp> newest_;
    struct Sample {
        std::chrono::steady_clock::time_point time;
        uint64_t rows;
    };
    std::vector<Sample> samples_;  // of the last seconds
    bool is_first_ = true;

    mutable std::mutex mutex_;  // of what follows
    std::condition_variable_any wake_;
    bool is_poked_ = false;
    std::optional<RulesTold> rules_;
    LiveCounters counters_;

    std::mutex listeners_mutex_;  // held while they are called
    std::map<uint64_t, Listener> listeners_;
    uint64_t next_listener_ = 1;

    std::jthread thread_;  // last
};

}  // namespace yagura::pipeline
