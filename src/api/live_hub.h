// News of a lake to many readers: each thing is asked and written once for all who want the same.
//
//   LiveHub hub(newsroom, {.engines = &pool, .console = &console, .pulse = &pulse});
//   YAGURA_TRY(auto stream, hub.open(wish));             // an EventStream for the answer
//
// Readers with the same filter, log types, accounts and language are one group: one query over the
// rows that just came, one text, shared by all of them. A thread of its own asks; nobody who
// commits waits for it, and readers who are slow lose frames, not memory. Thread-safe.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/account_scope.h"
#include "base/language.h"
#include "base/result.h"
#include "http/event_stream.h"
#include "pipeline/live_news.h"
#include "query/pool.h"

namespace yagura::console {
class Console;
}

namespace yagura::api {

class Pulse;

class LiveHub {
  public:
    static constexpr uint64_t kMostRows = 200;  // of one second, for one reader
    static constexpr size_t kMostReaders = 2000;

    static constexpr size_t kMostColumns = 40;

    struct Parts {
        query::EnginePool* engines = nullptr;
        console::Console* console = nullptr;  // null: findings are not told
        Pulse* pulse = nullptr;               // null: few accounts get no counters
        std::chrono::milliseconds heartbeat{15'000};
    };
    struct Wish {
        bool counters = false;
        bool findings = false;
        bool events = false;
        std::string filter;              // condition of the query language; empty: everything
        std::vector<std::string> types;  // log types; empty: all
        // Fields of each event beside those that say when, which and how grave; at most
        // kMostColumns.
        std::vector<std::string> columns;
        AccountScope scope;
        Language language = Language::english;
        // Asked with every heartbeat; the stream ends when it says no (a session was revoked).
        // Unset: nobody has to ask.
        std::function<bool()> may_read;
    };

    LiveHub(pipeline::LiveNewsroom& newsroom, const Parts& parts);
    ~LiveHub();

    // Code::invalid for a filter that is none, Code::limit when too many read.
    Result<std::shared_ptr<http::EventStream>> open(const Wish& wish);

    size_t readers() const;

    // Ends all streams. From the thread that made this.
    void stop();

  private:
    using Streams = std::vector<std::shared_ptr<http::EventStream>>;
    using Clock = std::chrono::steady_clock;
    // Who wants the same of one topic.
    struct Group {
        Wish wish;
        Streams streams;
        std::string last;           // counters: what was told last
        int64_t first_segment = 0;  // events: of the rows not looked at
        bool has_rows = false;
        Clock::time_point next{};  // events, counters: not before
    };
    using Groups = std::map<std::string, Group>;

    void hear(const pipeline::LiveNews& news);
    void run(const std::stop_token& stop);
    void forget_left(Groups& groups);
    void tell_counters(const pipeline::LiveCounters& counters);
    void tell_findings(const std::vector<store::KeptFinding>& findings);
    void tell_rules(const pipeline::RulesTold& rules);
    void tell_events();
    void stay_alive();
    void end_refused();
    Result<std::string> counters_of(const Wish& wish, const pipeline::LiveCounters& counters);
    Result<std::string> events_of(const Group& group, int64_t first_segment);
    Result<void> check(const Wish& wish);

    pipeline::LiveNewsroom& newsroom_;
    Parts parts_;
    mutable std::mutex mutex_;  // of all below
    std::condition_variable_any wake_;
    bool is_awake_ = false;
    std::optional<pipeline::LiveCounters> counters_;
    std::map<int64_t, store::KeptFinding> findings_;  // not told yet, by id
    std::optional<pipeline::RulesTold> rules_;
    Groups counting_, finding_, following_;
    struct Guard {
        std::weak_ptr<http::EventStream> stream;
        std::function<bool()> may_read;
    };
    std::vector<Guard> guards_;
    uint64_t subscription_ = 0;
    std::jthread thread_;  // last
};

}  // namespace yagura::api
