#include "pipeline/live_session.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <sys/stat.h>

namespace yagura::pipeline {
namespace {

using Clock = std::chrono::steady_clock;

constexpr uint32_t kMeasureOneIn = 32;  // events, for what rules cost
constexpr std::chrono::seconds kTellCosts{5};

// Reading the lake again for late matches takes at most this part of the time.
constexpr int kMostlyNot = 10;
constexpr std::chrono::seconds kPutOff{10};

Timestamp changed_of(const struct stat& status) {
    return from_micros(int64_t{status.st_ctim.tv_sec} * 1'000'000 + status.st_ctim.tv_nsec / 1000);
}

std::string lasting_path(const std::string& path) {
    std::error_code error;
    const auto absolute = std::filesystem::absolute(path, error);
    return error ? path : absolute.lexically_normal().string();
}

}  // namespace

LiveSession::LiveSession(const Options& options, std::shared_ptr<const CompiledRules> rules)
    : options_(options), rules_(std::move(rules)) {
    worker_options_.stop = options_.stop;
}

LiveSession::~LiveSession() = default;

Result<std::unique_ptr<LiveSession>> LiveSession::open(const Options& options,
                                                       std::shared_ptr<const CompiledRules> rules) {
    auto session = std::unique_ptr<LiveSession>(new LiveSession(options, std::move(rules)));
    YAGURA_TRY(session->writer_, store::Writer::open(options.lake, options.writer));
    session->worker_ = session->writer_->worker();
    session->detection_ = std::make_unique<LiveDetection>(
        session->rules_,
        LiveDetection::Options{.lake = options.lake, .lateness = options.lateness},
        *session->writer_);
    YAGURA_CHECK(session->detection_->begin());
    // Later than that, since it gives rows new places.
    if (options.compact)
        session->compaction_ = std::make_unique<LiveCompaction>(options.lake, *session->writer_);
    session->pause_while_warming();
    YAGURA_CHECK(session->make_consumer());
    return session;
}

void LiveSession::pause_while_warming() {
    if (!detection_->is_warming()) {
        pause_.reset();
    } else if (compaction_ && !pause_) {
        pause_ = std::make_unique<LiveCompaction::Pause>(*compaction_);
    }
}

Result<void> LiveSession::make_consumer() {
    consumer_ = std::make_unique<IngestConsumer>(rules_->plans,
                                                 worker_options_,
                                                 *worker_,
                                                 detection_->signals(),
                                                 rules_->policy.exceptions.size(),
                                                 nullptr,
                                                 options_.costs ? kMeasureOneIn : 0);
    consumer_->keep_signals(rules_->streams);
    return {};
}

void LiveSession::forget(const std::string& path) {
    tail_.forget(path);
    met_.erase(path);
    read_as_one_.erase(path);
}

// Nobody can set the time at which an inode changed, so a file that did not change since it was
// committed need not be read to know.
bool LiveSession::is_as_ingested(const std::string& path, const store::LedgerObject& object) const {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return false;
    return static_cast<uint64_t>(status.st_size) == object.size &&
           changed_of(status) < object.committed - std::chrono::seconds(2);
}

// The first look at a path: what does the ledger have of it? False when that is all of it; nothing
// is remembered then.
Result<bool> LiveSession::meet(const std::string& path) {
    YAGURA_TRY(const auto known, writer_->latest_at(lasting_path(path)));
    if (!known) return true;
    const bool is_done = known->state == store::ObjectState::done;
    if (is_done && is_as_ingested(path, *known)) return false;
    if (is_done && !tail_.resume(path, known->size, known->content)) return true;
    // Records that could not be used have ordinals too, which the ledger does not count.
    if (!is_done || known->faults > 0) read_as_one_.insert(path);
    return true;
}

// Called when all is committed, so that the ledger knows what is forgotten here.
void LiveSession::forget_long_unseen() {
    if (met_.size() <= options_.most_remembered) return;
    std::vector<std::pair<uint64_t, std::string>> looks;
    for (const auto& [path, look] : met_) looks.emplace_back(look, path);
    const auto half = looks.begin() + static_cast<std::ptrdiff_t>(looks.size() / 2);
    std::nth_element(looks.begin(), half, looks.end());
    for (auto old = looks.begin(); old != half; ++old) forget(old->second);
}

// False when reading shall end.
Result<bool> LiveSession::read_input(source::Input& input, IngestConsumer& consumer) {
    YAGURA_TRY(const bool wanted, consumer.begin(input.object(), input));
    if (!wanted) return true;
    EventReader events(rules_->plans, consumer);
    events.begin_object();
    auto stats = reader_.read(input, events);
    events.end_object();
    span_.merge(consumer.take_span());
    if (!stats) {
        consumer.unreadable(input.object(), stats.error());
        return false;
    }
    YAGURA_CHECK(consumer.end(input.object(), *stats));
    return !consumer.stop();
}

Result<void> LiveSession::read_again(const std::string& file, const store::Replayable& replayable) {
    // Files that are followed have grown since.
    const uint64_t size = replayable.object.size;
    const source::Object object{.path = file, .size = size, .end = size == 0 ? UINT64_MAX : size};
    const ReplayablesByFile again{{file, replayable}};
    IngestConsumer consumer(rules_->plans,
                            worker_options_,
                            *worker_,
                            detection_->signals(),
                            rules_->policy.exceptions.size(),
                            &again);
    consumer.keep_signals(rules_->streams);
    auto input = source::Input::open(object);
    if (!input) return {};  // gone since somebody looked
    YAGURA_CHECK(read_input(*input, consumer));
    return {};
}

// Records that the ledger has are skipped by their ordinals.
Result<void> LiveSession::read_whole(const std::string& path) {
    read_as_one_.erase(path);
    auto all = tail_.all(path);
    if (!all) return consumer_->unreadable({.path = path}, all.error()), Result<void>();
    if (!*all) return {};
    YAGURA_CHECK(read_input(**all, *consumer_));
    return {};
}

Result<void> LiveSession::read(const std::string& path, bool is_closed) {
    if (!met_.contains(path)) {
        YAGURA_TRY(const bool is_more, meet(path));
        if (!is_more) return {};
    }
    met_[path] = ++looks_;
    for (;;) {
        auto part = tail_.next(path, is_closed);
        if (!part) consumer_->unreadable({.path = path}, part.error());
        if (!part || !*part) break;
        source::Input& input = **part;
        if (input.part() && read_as_one_.contains(path)) {
            YAGURA_CHECK(read_whole(path));
            continue;
        }
        const auto more = read_input(input, *consumer_);
        if (!more && more.error().code() == Code::conflict) {  // the ledger is somewhere else
            YAGURA_CHECK(read_whole(path));
            continue;
        }
        if (!more) return more.error();
        if (!*more) break;
    }
    return {};
}

Result<bool> LiveSession::commit() {
    const bool is_news = worker_->has_uncommitted();
    YAGURA_CHECK(consumer_->finish());
    detection_->note(std::exchange(span_, {}));
    forget_long_unseen();
    return is_news;
}

Result<void> LiveSession::begin_anew(std::shared_ptr<const CompiledRules> rules) {
    YAGURA_CHECK(commit());
    tell_costs();
    auto next = std::make_unique<LiveDetection>(
        rules,
        LiveDetection::Options{.lake = options_.lake, .lateness = options_.lateness},
        *writer_);
    // Rows must keep their places until the lake was read.
    if (compaction_ && !pause_) pause_ = std::make_unique<LiveCompaction::Pause>(*compaction_);
    YAGURA_CHECK(next->begin_after(*detection_));
    consumer_.reset();
    detection_ = std::move(next);
    rules_ = std::move(rules);
    pause_while_warming();
    return make_consumer();
}

Result<void> LiveSession::use(std::shared_ptr<const CompiledRules> rules) {
    return begin_anew(std::move(rules));
}

Result<void> LiveSession::settle(LiveDetection::Mode mode) {
    const auto start = Clock::now();
    const bool was_warming = detection_->is_warming();
    // More late ones may come right behind; but logs that never pause must not put it off forever.
    const auto due = mode == LiveDetection::Mode::coming ? anew_after_ + kPutOff : anew_after_;
    const bool is_time = start >= due;
    if (!was_warming && detection_->is_overtaken() &&
        (is_time || mode == LiveDetection::Mode::all)) {
        anew_begun_ = start;
        YAGURA_CHECK(begin_anew(rules_));
    }
    YAGURA_CHECK(detection_->settle(mode));
    if (was_warming && !detection_->is_warming())
        anew_after_ = Clock::now() + kMostlyNot * (Clock::now() - anew_begun_);
    pause_while_warming();
    if (start >= costs_due_) tell_costs();
    return {};
}

void LiveSession::tell_costs() {
    if (!options_.costs) return;
    costs_due_ = Clock::now() + kTellCosts;
    if (const auto costs = consumer_->take_costs(); !costs.empty()) options_.costs(costs);
}

Result<void> LiveSession::checkpoint() {
    YAGURA_CHECK(commit());
    tell_costs();
    return detection_->checkpoint();
}

}  // namespace yagura::pipeline
