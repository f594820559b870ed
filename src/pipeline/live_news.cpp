#include "pipeline/live_news.h"

#include <algorithm>
#include <utility>

namespace yagura::pipeline {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kPeriod{250};
constexpr std::chrono::seconds kRateSpan{10};

}  // namespace

LiveNewsroom::LiveNewsroom(std::filesystem::path lake) : lake_(std::move(lake)) {
    LiveNews what_there_was;
    (void)look(what_there_was);  // no lake yet: its first rows are no news
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

LiveNewsroom::~LiveNewsroom() = default;

uint64_t LiveNewsroom::subscribe(Listener listener) {
    const std::lock_guard lock(listeners_mutex_);
    listeners_.emplace(next_listener_, std::move(listener));
    return next_listener_++;
}

void LiveNewsroom::unsubscribe(uint64_t id) {
    const std::lock_guard lock(listeners_mutex_);
    listeners_.erase(id);
}

void LiveNewsroom::poke() {
    const std::lock_guard lock(mutex_);
    is_poked_ = true;
    wake_.notify_all();
}

void LiveNewsroom::tell(RulesTold rules) {
    const std::lock_guard lock(mutex_);
    rules_ = std::move(rules);
    is_poked_ = true;
    wake_.notify_all();
}

LiveCounters LiveNewsroom::counters() const {
    const std::lock_guard lock(mutex_);
    return counters_;
}

double LiveNewsroom::rate(uint64_t rows) {
    const auto now = Clock::now();
    if (!samples_.empty() && rows < samples_.back().rows) samples_.clear();
    samples_.push_back({now, rows});
    const auto recent = std::find_if(samples_.begin(), samples_.end(), [&](const Sample& sample) {
        return now - sample.time <= kRateSpan;
    });
    // One from before the span stays, so that the span is covered.
    if (recent - samples_.begin() > 1) samples_.erase(samples_.begin(), recent - 1);
    const double seconds =
        std::max(1.0, std::chrono::duration<double>(now - samples_.front().time).count());
    return static_cast<double>(rows - samples_.front().rows) / seconds;
}

// Fills in what changed since the last look; false when nothing did.
Result<bool> LiveNewsroom::look(LiveNews& news) {
    if (!catalog_) {
        YAGURA_TRY(auto opened, store::Catalog::open(lake_, false));
        catalog_.emplace(std::move(opened));
    }
    YAGURA_TRY(const int64_t version, catalog_->data_version());
    const bool is_changed = std::exchange(version_, version) != version;
    LiveCounters now = counters();
    if (is_changed) {
        YAGURA_TRY(const auto counts, catalog_->counts());
        news.rows_removed = counts.rows < now.events_total;
        if (!is_first_ && counts.next_segment > next_segment_ && counts.rows > now.events_total)
            news.first_segment = next_segment_;
        next_segment_ = counts.next_segment;
        now.events_total = counts.rows;
        now.objects = counts.objects;
        now.faults = counts.faults;
        now.findings_total = counts.findings;
        newest_ = counts.newest;
        const size_t limit = is_first_ ? 0 : LiveNews::kMostFindings;
        YAGURA_TRY(auto changes, catalog_->findings_changed(change_, limit));
        change_ = changes.latest;
        if (!is_first_) {
            news.findings = std::move(changes.findings);
            news.findings_left_out = changes.left_out;
        }
        is_first_ = false;
    }
    now.events_per_second = rate(now.events_total);
    now.lag_seconds.reset();
    if (newest_) {
        const auto lag = std::chrono::duration<double>(current_time() - *newest_);
        now.lag_seconds = std::max(0.0, lag.count());
    }
    news.counters = now;
    const std::lock_guard lock(mutex_);
    counters_ = now;
    return is_changed;
}

void LiveNewsroom::run(const std::stop_token& stop) {
    bool was_busy = false;  // the rate is told until it is zero again
    while (!stop.stop_requested()) {
        {
            std::unique_lock lock(mutex_);
            wake_.wait_for(lock, stop, kPeriod, [&] { return is_poked_; });
            is_poked_ = false;
        }
        LiveNews news;
        const auto looked = look(news);
        if (!looked) {  // no lake yet, or it is busy: the next look may see it
            catalog_.reset();
            version_ = -1;
        }
        {
            const std::lock_guard lock(mutex_);
            news.rules = std::exchange(rules_, std::nullopt);
            if (!looked) news.counters = counters_;
        }
        const bool is_busy = news.counters.events_per_second > 0;
        const bool is_news = (looked && *looked) || news.rules || is_busy || was_busy;
        was_busy = is_busy;
        if (!is_news) continue;
        const std::lock_guard lock(listeners_mutex_);
        for (const auto& [id, listener] : listeners_) listener(news);
    }
}

}  // namespace yagura::pipeline
