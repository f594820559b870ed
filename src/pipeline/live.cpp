#include "pipeline/live.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include <sys/stat.h>

#include "base/language.h"
#include "base/messages/live.h"
#include "source/folder_watch.h"
#include "source/object.h"

namespace yagura::pipeline {
namespace {

using Clock = std::chrono::steady_clock;
namespace fs = std::filesystem;

constexpr std::chrono::milliseconds kStep{50};
constexpr std::chrono::milliseconds kMoment{150};  // of reading what was there before
constexpr std::chrono::seconds kBacklogCommit{3};  // rows of it may wait so long
constexpr std::chrono::seconds kRetry{1};          // after an error
constexpr std::chrono::seconds kCheckpoint{30};
constexpr std::chrono::milliseconds kSettleQuiet{700};  // longer than a watch waits
constexpr std::chrono::seconds kStillWritten{2};        // a file changed so lately may be
constexpr size_t kWriterBuffer = 192u << 20;

fs::path plain(const fs::path& path) {
    std::error_code error;
    const fs::path real = fs::weakly_canonical(path, error);
    return error ? path.lexically_normal() : real;
}

bool lies_in(const fs::path& inner, const fs::path& outer) {
    const auto [in_outer, in_inner] =
        std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end());
    return in_outer == outer.end();
}

Result<void> check_folder(const std::string& path, const fs::path& lake) {
    std::error_code error;
    if (path.empty() || !fs::exists(path, error))
        return fail(Code::not_found, say(message::live_no_folder, path));
    const fs::path wanted = plain(path), own = plain(lake);
    if (lies_in(wanted, own) || lies_in(own, wanted))
        return fail(Code::invalid, say(message::live_own_folder, path));
    return {};
}

// A file that was there before, and when to look at it.
struct Waiting {
    std::string path;
    Clock::time_point from{};
    std::optional<Timestamp> modified;  // at the first look
};

// Nothing when it is gone.
std::optional<Timestamp> modified_of(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return std::nullopt;
    return from_micros(int64_t{status.st_mtim.tv_sec} * 1'000'000 + status.st_mtim.tv_nsec / 1000);
}

}  // namespace

struct LiveIngest::Impl {
    explicit Impl(LiveOptions wanted) : options(std::move(wanted)) {}

    void run();
    Result<void> step();
    void open_session();
    void list_backlog();
    Result<void> read_changes();
    Result<void> read_backlog();
    bool is_backlog_due() const;
    Result<void> read_file(const std::string& path, bool is_closed);
    Result<void> step_job();
    Result<void> commit(bool is_due);
    Result<void> settle_session();
    Result<bool> close_when_done();
    void take_rules();
    void fail_job(const Error& error);
    void wait_idle();
    void shut_down();
    Result<void> begin_job(std::string kind, std::unique_ptr<LiveJobSteps> steps);
    void set_problem(std::string text) {
        const std::lock_guard lock(mutex);
        problem = std::move(text);
    }
    bool is_job_running() const {
        const std::lock_guard lock(mutex);
        return job && !job->finished;
    }

    LiveOptions options;
    std::unique_ptr<LiveNewsroom> newsroom;
    std::unique_ptr<RuleKeeper> keeper;
    std::atomic<bool> stop{false};

    // Of the thread:
    std::optional<source::FolderWatch> watch;
    std::shared_ptr<const CompiledRules> rules;
    std::unique_ptr<LiveSession> session;
    std::deque<Waiting> backlog;
    std::unique_ptr<LiveJobSteps> steps;
    Clock::time_point retry_at{};
    Clock::time_point committed_at{};
    Clock::time_point came_at{};  // when something was read last
    Clock::time_point checkpoint_at{};

    mutable std::mutex mutex;  // of what follows
    mutable std::condition_variable changed;
    std::string problem;
    std::vector<WatchedFolder> folders;
    std::optional<LiveJob> job;
    std::unique_ptr<LiveJobSteps> next_steps;
    uint64_t reloads_done = 0;
    std::optional<Clock::time_point> settling;  // asked for then

    std::jthread thread;  // last
};

void LiveIngest::Impl::take_rules() {
    auto news = keeper->take();
    if (!news) return;
    RulesTold told{.loaded = news->rules ? news->rules->rules->loaded : 0,
                   .mistakes = news->reload.mistakes,
                   .error = news->error ? news->error->sentence() : std::string()};
    if (news->rules) {
        rules = std::move(news->rules);
        if (session) {
            if (auto used = session->use(rules); !used) {
                set_problem(used.error().sentence());
                session.reset();
            }
        }
    }
    newsroom->tell(std::move(told));
    const std::lock_guard lock(mutex);
    reloads_done = news->asked;
    changed.notify_all();
}

void LiveIngest::Impl::list_backlog() {
    backlog.clear();
    const auto listing = source::list_objects(options.watch);
    if (!listing) return set_problem(listing.error().sentence());
    for (const source::Object& object : listing->objects) backlog.push_back({object.path, {}, {}});
}

void LiveIngest::Impl::open_session() {
    if (Clock::now() < retry_at) return;
    LiveSession::Options wanted{
        .lake = options.lake, .lateness = options.lateness, .writer = {}, .stop = &stop};
    wanted.costs = options.costs;
    wanted.writer.buffer_bytes = kWriterBuffer;
    wanted.writer.commit_after = std::chrono::hours(1);  // we say when
    auto opened = LiveSession::open(wanted, rules);
    if (!opened) {
        retry_at = Clock::now() + kRetry;
        set_problem(opened.error().sentence());
        if (opened.error().code() != Code::busy || options.watch.empty()) fail_job(opened.error());
        return;
    }
    session = std::move(*opened);
    set_problem("");
    committed_at = checkpoint_at = Clock::now();
    list_backlog();
}

Result<void> LiveIngest::Impl::read_file(const std::string& path, bool is_closed) {
    YAGURA_CHECK(session->read(path, is_closed));
    came_at = Clock::now();
    const std::lock_guard lock(mutex);
    for (WatchedFolder& folder : folders) {
        if (!lies_in(fs::path(path).lexically_normal(), fs::path(folder.path).lexically_normal()))
            continue;
        ++folder.objects;
        folder.last = current_time();
        break;
    }
    return {};
}

Result<void> LiveIngest::Impl::read_changes() {
    const bool is_busy = steps || is_backlog_due();
    YAGURA_TRY(const auto changes, watch->wait(is_busy ? std::chrono::milliseconds(0) : kStep));
    for (const source::Change& change : changes) {
        if (change.is_gone) {
            session->forget(change.path);
        } else {
            YAGURA_CHECK(read_file(change.path, change.is_closed));
        }
        if (stop) break;
    }
    return changes.empty() ? Result<void>() : commit(true);
}

Result<void> LiveIngest::Impl::read_backlog() {
    const auto now = Clock::now();
    size_t left = backlog.size();
    while (left-- > 0 && !stop && Clock::now() < now + kMoment) {
        Waiting next = std::move(backlog.front());
        backlog.pop_front();
        if (next.from > now) {
            backlog.push_back(std::move(next));
            continue;
        }
        const auto modified = modified_of(next.path);
        const bool is_still_written = next.modified
                                          ? modified != next.modified
                                          : modified && current_time() - *modified < kStillWritten;
        YAGURA_CHECK(read_file(next.path, !is_still_written));
        // What is written between two looks is written under the eyes of the watch.
        if (is_still_written && !next.modified)
            backlog.push_back({std::move(next.path), now + kStillWritten + kSettleQuiet, modified});
    }
    return commit(!is_backlog_due());
}

bool LiveIngest::Impl::is_backlog_due() const {
    const auto now = Clock::now();
    return std::any_of(
        backlog.begin(), backlog.end(), [&](const Waiting& next) { return next.from <= now; });
}

Result<void> LiveIngest::Impl::commit(bool is_due) {
    if (!is_due && Clock::now() - committed_at < kBacklogCommit) return {};
    committed_at = Clock::now();
    YAGURA_TRY(const bool is_news, session->commit());
    if (is_news) newsroom->poke();
    return {};
}

void LiveIngest::Impl::fail_job(const Error& error) {
    const std::lock_guard lock(mutex);
    steps.reset();
    next_steps.reset();
    if (!job || job->finished) return;
    job->error = error.sentence();
    job->finished = true;
    changed.notify_all();
}

Result<void> LiveIngest::Impl::step_job() {
    LiveJob now;
    {
        const std::lock_guard lock(mutex);
        if (next_steps) steps = std::move(next_steps);
        if (!steps) return {};
        now = *job;
    }
    auto done = steps->step(*session, now);
    came_at = Clock::now();
    if (!done) {
        const Error error = done.error();
        fail_job(error);
        // Mistakes of the request leave the session as it is.
        if (error.code() == Code::conflict || error.code() == Code::not_found) return {};
        return error;
    }
    YAGURA_CHECK(commit(*done));
    if (*done) newsroom->poke();
    const std::lock_guard lock(mutex);
    if (*done) steps.reset();
    now.finished = *done && !options.watch.empty();
    job = now;
    changed.notify_all();
    return {};
}

// Correlations, and now and then the place from which the lake goes on.
Result<void> LiveIngest::Impl::settle_session() {
    const auto now = Clock::now();
    const bool is_idle = backlog.empty() && !steps && now - came_at > options.idle;
    const bool is_asked = [&] {
        const std::lock_guard lock(mutex);
        return settling && now - std::max(came_at, *settling) > kSettleQuiet;
    }();
    const auto mode = is_asked && backlog.empty() && !steps ? LiveDetection::Mode::all
                      : is_idle                             ? LiveDetection::Mode::idle
                                                            : LiveDetection::Mode::coming;
    YAGURA_CHECK(session->settle(mode));
    if (mode == LiveDetection::Mode::all && !session->is_warming()) {
        YAGURA_CHECK(session->checkpoint());
        newsroom->poke();
        const std::lock_guard lock(mutex);
        settling.reset();
        changed.notify_all();
    }
    if (now - checkpoint_at < kCheckpoint || session->is_warming()) return {};
    checkpoint_at = now;
    return session->checkpoint();
}

// Without folders to follow the lake is somebody else's as soon as the job is done.
Result<bool> LiveIngest::Impl::close_when_done() {
    if (!options.watch.empty() || steps) return false;
    YAGURA_CHECK(commit(true));
    YAGURA_CHECK(session->settle(LiveDetection::Mode::all));
    if (session->is_warming()) {
        std::this_thread::sleep_for(kStep);
        return false;
    }
    YAGURA_CHECK(session->checkpoint());
    session.reset();
    newsroom->poke();
    const std::lock_guard lock(mutex);
    if (job) job->finished = true;
    settling.reset();
    changed.notify_all();
    return true;
}

Result<void> LiveIngest::Impl::step() {
    if (watch) YAGURA_CHECK(read_changes());
    if (!backlog.empty()) YAGURA_CHECK(read_backlog());
    YAGURA_CHECK(step_job());
    YAGURA_TRY(const bool closed, close_when_done());
    return closed ? Result<void>() : settle_session();
}

void LiveIngest::Impl::wait_idle() {
    std::unique_lock lock(mutex);
    if (options.watch.empty() && settling && (!job || job->finished)) {
        settling.reset();
        changed.notify_all();
    }
    changed.wait_for(lock, kStep);
}

void LiveIngest::Impl::shut_down() {
    if (session) (void)session->checkpoint();
    session.reset();
    fail_job({Code::cancelled, say(message::live_stopped)});
}

void LiveIngest::Impl::run() {
    while (!stop) {
        take_rules();
        if (!session && (!options.watch.empty() || is_job_running())) open_session();
        if (!session) {
            wait_idle();
            continue;
        }
        if (auto stepped = step(); !stepped) {
            // As after a crash: the lake knows how far it is.
            set_problem(stepped.error().sentence());
            fail_job(stepped.error());
            session.reset();
            retry_at = Clock::now() + kRetry;
        }
    }
    shut_down();
}

Result<void> LiveIngest::Impl::begin_job(std::string kind, std::unique_ptr<LiveJobSteps> wanted) {
    const std::lock_guard lock(mutex);
    if (job && !job->finished) return fail(Code::busy, say(message::live_job_running));
    job = LiveJob{.kind = std::move(kind)};
    next_steps = std::move(wanted);
    changed.notify_all();
    return {};
}

LiveIngest::LiveIngest(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

LiveIngest::~LiveIngest() {
    stop();
}

void LiveIngest::stop() {
    impl_->stop = true;
    impl_->changed.notify_all();
    if (impl_->thread.joinable()) impl_->thread.join();
}

Result<std::unique_ptr<LiveIngest>> LiveIngest::start(LiveOptions options) {
    for (const std::string& path : options.watch) YAGURA_CHECK(check_folder(path, options.lake));
    auto impl = std::make_unique<Impl>(std::move(options));
    const LiveOptions& wanted = impl->options;
    YAGURA_TRY(impl->keeper,
               RuleKeeper::start(
                   {wanted.rules, wanted.source, wanted.policy, wanted.context, wanted.poll}));
    impl->rules = impl->keeper->current();
    for (const std::string& path : wanted.watch) impl->folders.push_back({.path = path});
    if (!wanted.watch.empty()) {
        YAGURA_TRY(auto watch, source::FolderWatch::open(wanted.watch, {.poll = wanted.poll}));
        impl->watch.emplace(std::move(watch));
    }
    if (!fs::exists(wanted.lake / "catalog.sqlite")) {
        // Somebody else who writes makes it.
        auto writer = store::Writer::open(wanted.lake, {});
        if (!writer && writer.error().code() != Code::busy) return writer.error();
    }
    impl->newsroom = std::make_unique<LiveNewsroom>(wanted.lake);
    impl->thread = std::jthread([raw = impl.get()] { raw->run(); });
    return std::unique_ptr<LiveIngest>(new LiveIngest(std::move(impl)));
}

LiveNewsroom& LiveIngest::newsroom() {
    return *impl_->newsroom;
}

std::vector<WatchedFolder> LiveIngest::watched() const {
    const std::lock_guard lock(impl_->mutex);
    return impl_->folders;
}

std::string LiveIngest::problem() const {
    const std::lock_guard lock(impl_->mutex);
    return impl_->problem;
}

std::shared_ptr<const rule::RuleSet> LiveIngest::rules() const {
    return impl_->keeper->current()->rules;
}

std::shared_ptr<const match::Policy> LiveIngest::policy() const {
    const auto compiled = impl_->keeper->current();
    return {compiled, &compiled->policy};
}

void LiveIngest::reload_rules() {
    std::unique_lock lock(impl_->mutex);
    const uint64_t wanted = impl_->keeper->reload();
    constexpr std::chrono::seconds kLongest{30};
    impl_->changed.wait_for(
        lock, kLongest, [&] { return impl_->reloads_done >= wanted || impl_->stop; });
}

Result<void> LiveIngest::ingest_folder(const std::string& path) {
    YAGURA_CHECK(check_folder(path, impl_->options.lake));
    return impl_->begin_job("folder", folder_job(path));
}

Result<void> LiveIngest::load_sample() {
    return impl_->begin_job("sample", sample_job(impl_->options.lake));
}

Result<void> LiveIngest::remove_sample() {
    return impl_->begin_job("remove_sample", remove_sample_job(impl_->options.lake));
}

Result<void> LiveIngest::replay() {
    return impl_->begin_job("replay", replay_job(impl_->options.lake));
}

std::optional<LiveJob> LiveIngest::job() const {
    const std::lock_guard lock(impl_->mutex);
    return impl_->job;
}

bool LiveIngest::wait_for_job(std::chrono::milliseconds most) const {
    std::unique_lock lock(impl_->mutex);
    return impl_->changed.wait_for(
        lock, most, [&] { return !impl_->job || impl_->job->finished || impl_->stop; });
}

bool LiveIngest::settle(std::chrono::milliseconds most) {
    std::unique_lock lock(impl_->mutex);
    impl_->settling = Clock::now();
    return impl_->changed.wait_for(lock, most, [&] { return !impl_->settling; });
}

}  // namespace yagura::pipeline
