#include "pipeline/follow.h"

#include <atomic>
#include <mutex>
#include <thread>
#include <utility>

namespace yagura::pipeline {
namespace {

constexpr std::chrono::milliseconds kRuleWait{200};
// Event times of live logs are near the clock; those of old files say nothing about now.
constexpr std::chrono::hours kLive{1};

// A rule set with everything compiled from it.
struct Compiled {
    Compiled(std::shared_ptr<const rule::RuleSet> set, const FollowOptions& options)
        : rules(std::move(set)),
          targets({rules->rules, rules->correlations, rules->first_seen}),
          plans(std::make_shared<const TypePlans>(rules->rules,
                                                  TypePlans::Options{.collect_extra = false,
                                                                     .targets = &targets,
                                                                     .policy = options.policy,
                                                                     .now = current_time()})),
          memory(targets),
          stream(targets, memory, {}) {
        if (options.policy && !options.policy->is_empty())
            judge = std::make_shared<FiringJudge>(*options.policy, targets, current_time());
    }

    std::shared_ptr<const rule::RuleSet> rules;
    detect::Targets targets;
    std::shared_ptr<const TypePlans> plans;
    detect::FirstSeenMemory memory;
    detect::Stream stream;
    std::shared_ptr<FiringJudge> judge;
};

// Loads and compiles rules whenever their files change, in a thread of its own.
class RuleWatcher {
  public:
    struct News {
        std::shared_ptr<Compiled> compiled;  // null when loading failed
        rule::Reload reload;
        std::optional<Error> error;
    };

    RuleWatcher(rule::LiveRules live, source::FolderWatch watch, const FollowOptions& options)
        : live_(std::move(live)),
          watch_(std::move(watch)),
          options_(options),
          thread_([this](const std::stop_token& stop) { run(stop); }) {}

    std::optional<News> take() {
        const std::lock_guard lock(mutex_);
        return std::exchange(news_, std::nullopt);
    }

  private:
    void run(const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            const auto changes = watch_.wait(kRuleWait);
            if (!changes || changes->empty()) continue;
            News news = load();
            const std::lock_guard lock(mutex_);
            news_ = std::move(news);  // the later one knows everything the earlier one knew
        }
    }

    News load() {
        auto reload = live_.reload();
        if (!reload) return {nullptr, {}, reload.error()};
        return {std::make_shared<Compiled>(reload->rules, options_), *reload, std::nullopt};
    }

    rule::LiveRules live_;
    source::FolderWatch watch_;
    const FollowOptions& options_;
    std::mutex mutex_;
    std::optional<News> news_;
    std::jthread thread_;  // last: stops before the rest goes
};

ScanOptions scan_options(const FollowOptions& options) {
    ScanOptions scan;
    scan.keep_from = options.keep_from;
    scan.policy = options.policy;
    scan.workers.stop = options.stop;
    return scan;
}

}  // namespace

struct Follower::Impl {
    Impl(FollowOptions wanted,
         rule::LiveRules live,
         source::FolderWatch rule_files,
         source::FolderWatch log_files)
        : options(std::move(wanted)),
          scan(scan_options(options)),
          compiled(std::make_shared<Compiled>(live.current(), options)),
          logs(std::move(log_files)),
          throttler(options.policy ? std::span(options.policy->throttles)
                                   : std::span<const match::Throttle>()),
          rules(std::move(live), std::move(rule_files), options) {}

    Result<void> begin();
    Result<void> step(std::chrono::milliseconds timeout, const FollowSinks& sinks);
    Result<void> read(std::span<const source::Change> changes, const FollowSinks& sinks);
    Result<void> decide(bool everything, ScanResult& result);
    void take_up_rules(const FollowSinks& sinks);
    Result<void> tell(ScanConsumer* consumer, bool everything, const FollowSinks& sinks);

    FollowOptions options;
    ScanOptions scan;
    std::shared_ptr<Compiled> compiled;
    source::FolderWatch logs;
    source::Tail tail;
    IdentitySet seen;
    finding::PrintLimit printed;
    finding::Throttler throttler;
    int64_t latest = INT64_MIN;  // event time, microseconds
    uint64_t late = 0;           // matches too late for the windows of the rules in use
    std::vector<source::Change> at_start;
    RuleWatcher rules;  // last: its thread uses the options
};

Result<void> Follower::Impl::begin() {
    YAGURA_TRY(const source::Listing listing, source::list_objects(options.paths));
    for (const source::Object& object : listing.objects) {
        if (options.from_start) {
            at_start.push_back({object.path, true, false});
        } else {
            tail.skip(object.path);
        }
    }
    return {};
}

void Follower::Impl::take_up_rules(const FollowSinks& sinks) {
    auto news = rules.take();
    if (!news) return;
    if (!news->compiled) {
        if (sinks.reload_failed) sinks.reload_failed(*news->error);
        return;
    }
    // Rules that ask the same go on knowing what they have seen.
    if (auto kept = news->compiled->memory.decode(compiled->memory.encode(), "memory"); !kept) {
        if (sinks.reload_failed) sinks.reload_failed(kept.error());
    }
    compiled = std::move(news->compiled);
    throttler.forget_rules();
    if (sinks.reload) sinks.reload(news->reload);
}

Result<void> Follower::Impl::step(std::chrono::milliseconds timeout, const FollowSinks& sinks) {
    if (!at_start.empty()) {
        YAGURA_CHECK(read(at_start, sinks));
        at_start.clear();
        return {};
    }
    YAGURA_TRY(const auto changes, logs.wait(timeout));
    take_up_rules(sinks);
    return read(changes, sinks);
}

Result<void> Follower::Impl::read(std::span<const source::Change> changes,
                                  const FollowSinks& sinks) {
    const auto limits = std::make_shared<finding::HitLimits>(options.keep_from);
    detect::SignalCollector* signals =
        compiled->targets.is_empty() ? nullptr : &compiled->stream.signals();
    ScanConsumer consumer(*compiled->plans, scan, seen, printed, limits, signals);
    EventReader events(*compiled->plans, consumer);
    decode::RecordReader reader;
    for (const source::Change& change : changes) {
        if (consumer.stop()) break;
        if (change.is_gone) {
            tail.forget(change.path);
            continue;
        }
        for (;;) {
            auto part = tail.next(change.path, change.is_closed);
            if (!part) consumer.unreadable({change.path, 0, {}, false}, part.error());
            if (!part || !*part) break;
            YAGURA_CHECK(consumer.begin((*part)->object(), **part));
            events.begin_object();
            auto stats = reader.read(**part, events);
            events.end_object();
            if (!stats) {
                consumer.unreadable((*part)->object(), stats.error());
                break;
            }
            YAGURA_CHECK(consumer.end((*part)->object(), *stats));
            if (consumer.stop()) break;
        }
    }
    return tell(&consumer, false, sinks);
}

// Firings that are final, or all of them.
Result<void> Follower::Impl::decide(bool everything, ScanResult& result) {
    if (compiled->targets.is_empty()) return {};
    if (latest != INT64_MIN) {
        const Timestamp now = current_time();
        const bool live = now - from_micros(latest) < kLive;
        // Times from the future would make everything else late.
        const Timestamp observed = live ? now : std::min(from_micros(latest), now);
        compiled->stream.observe(observed, options.lateness);
    }
    const detect::FiringSink sink = [&](const detect::Firing& firing) {
        if (!compiled->judge) return detect::add_to(result.hits, firing, compiled->targets);
        const match::Verdict verdict = compiled->judge->look(firing, result.exceptions);
        if (verdict.exception) return;
        detect::Firing judged = firing;
        judged.rule = verdict.info;
        detect::add_to(result.hits, judged, compiled->targets);
    };
    YAGURA_CHECK(everything ? compiled->stream.flush(sink) : compiled->stream.settle(sink));
    result.correlations = compiled->stream.counts();
    return {};
}

Result<void> Follower::Impl::tell(ScanConsumer* consumer,
                                  bool everything,
                                  const FollowSinks& sinks) {
    const auto limits = std::make_shared<finding::HitLimits>(options.keep_from);
    ScanResult result{
        .hits = consumer ? std::move(consumer->hits()) : finding::HitCollector(limits),
        .totals = {}};
    result.exceptions.resize(options.policy ? options.policy->exceptions.size() : 0);
    if (consumer) {
        result.totals.merge(consumer->totals());
        result.exceptions = consumer->exceptions();
        if (result.totals.last != INT64_MIN) latest = std::max(latest, result.totals.last);
    }
    YAGURA_CHECK(decide(everything, result));
    result.owners = {compiled};
    result.hits.finish();
    const uint64_t held_back = throttler.held_back();
    result.hits.retain([&](const finding::HitView& hit) { return throttler.tells(hit); });
    result.throttled = throttler.held_back() - held_back;
    const bool is_late = std::exchange(late, result.correlations.late) != result.correlations.late;
    const bool is_news = result.totals.records > 0 || result.hits.matches() > 0 ||
                         !result.totals.quarantine.is_empty() || is_late;
    if (is_news && sinks.matches) sinks.matches(result);
    return {};
}

Follower::Follower(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Follower::Follower(Follower&&) noexcept = default;
Follower::~Follower() = default;

Result<Follower> Follower::start(rule::LoadOptions load, const FollowOptions& options) {
    YAGURA_TRY(rule::LiveRules live, rule::LiveRules::load(std::move(load)));
    const source::WatchOptions how{.poll = options.poll};
    YAGURA_TRY(auto rule_files, source::FolderWatch::open(live.paths(), how));
    YAGURA_TRY(auto log_files, source::FolderWatch::open(options.paths, how));
    auto impl = std::make_unique<Impl>(
        options, std::move(live), std::move(rule_files), std::move(log_files));
    YAGURA_CHECK(impl->begin());
    return Follower(std::move(impl));
}

Result<void> Follower::step(std::chrono::milliseconds timeout, const FollowSinks& sinks) {
    return impl_->step(timeout, sinks);
}

Result<void> Follower::finish(const FollowSinks& sinks) {
    return impl_->tell(nullptr, true, sinks);
}

std::shared_ptr<const rule::RuleSet> Follower::rules() const {
    return impl_->compiled->rules;
}

}  // namespace yagura::pipeline
