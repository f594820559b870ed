#include "pipeline/workers.h"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace yagura::pipeline {
namespace {

constexpr auto kProgressInterval = std::chrono::milliseconds(100);

// What the workers of one run share.
struct Run {
    std::span<const source::Object> objects;
    const TypePlans& plans;
    const std::atomic<bool>* stop;
    std::atomic<size_t> next{0};
    std::atomic<uint64_t> objects_done{0};
    std::atomic<uint64_t> bytes_done{0};
    std::atomic<uint64_t> records{0};
    std::atomic<bool> failed{false};
    std::mutex mutex;
    std::condition_variable changed;
    size_t reading = 0;  // workers with something left to read
    size_t running = 0;
    std::optional<Error> error;

    bool is_stopped() const {
        return failed.load(std::memory_order_relaxed) ||
               (stop && stop->load(std::memory_order_relaxed));
    }
};

Result<void> read_object(Run& run,
                         const source::Object& object,
                         decode::RecordReader& reader,
                         EventReader& events,
                         ObjectConsumer& consumer) {
    auto input = source::Input::open(object);
    if (!input) {
        consumer.unreadable(object, input.error());
        return {};
    }
    YAGURA_TRY(const bool wanted, consumer.begin(object, *input));
    if (!wanted) return {};
    events.begin_object();
    auto stats = reader.read(*input, events);
    events.end_object();
    if (!stats) {
        consumer.unreadable(object, stats.error());
        return {};
    }
    run.records += stats->records;
    return consumer.end(object, *stats);
}

Result<void> read_all(Run& run, ObjectConsumer& consumer) {
    decode::RecordReader reader;
    EventReader events(run.plans, consumer);
    while (!run.is_stopped()) {
        const size_t i = run.next.fetch_add(1);
        if (i >= run.objects.size()) break;
        YAGURA_CHECK(read_object(run, run.objects[i], reader, events, consumer));
        ++run.objects_done;
        run.bytes_done += run.objects[i].size;
    }
    return {};
}

void report(Run& run, const Result<void>& result, size_t& busy) {
    const std::lock_guard lock(run.mutex);
    if (!result) {
        run.failed = true;
        if (!run.error) run.error = result.error();
    }
    --busy;
    run.changed.notify_all();
}

void work(Run& run, ObjectConsumer& consumer) {
    const auto read = read_all(run, consumer);
    report(run, read, run.reading);
    report(run, read ? consumer.finish() : Result<void>(), run.running);
}

}  // namespace

uint32_t core_count(const WorkerOptions& options) {
    if (options.threads != 0) return options.threads;
    return std::max(1u, std::thread::hardware_concurrency());
}

uint32_t worker_count(const WorkerOptions& options, size_t objects) {
    const uint32_t wanted = core_count(options);
    return static_cast<uint32_t>(std::max<size_t>(1, std::min<size_t>(wanted, objects)));
}

PendingListing start_listing(std::vector<std::string> paths, const WorkerOptions& options) {
    const auto when = core_count(options) > 1 ? std::launch::async : std::launch::deferred;
    return std::async(when, [paths = std::move(paths)] { return source::list_objects(paths); });
}

Result<void> run_workers(std::span<const source::Object> objects,
                         const TypePlans& plans,
                         const WorkerOptions& options,
                         std::span<ObjectConsumer* const> consumers,
                         const std::function<void()>& when_read) {
    Run run{.objects = objects, .plans = plans, .stop = options.stop};
    Progress progress{.objects = objects.size()};
    for (const source::Object& object : objects) progress.bytes += object.size;
    run.reading = run.running = consumers.size();
    std::vector<std::jthread> threads;
    for (ObjectConsumer* consumer : consumers) {
        threads.emplace_back([&run, consumer] { work(run, *consumer); });
    }
    {
        std::unique_lock lock(run.mutex);
        const bool has_cores = core_count(options) > 1;
        bool is_told = !when_read;
        while (run.running > 0 || !is_told) {
            if (!is_told && run.reading == 0 && (has_cores || run.running == 0)) {
                is_told = true;
                lock.unlock();
                if (!run.failed) when_read();
                lock.lock();
                continue;
            }
            run.changed.wait_for(lock, kProgressInterval);
            if (!options.on_progress) continue;
            progress.objects_done = run.objects_done;
            progress.bytes_done = run.bytes_done;
            progress.records = run.records;
            lock.unlock();
            options.on_progress(progress);
            lock.lock();
        }
    }
    threads.clear();
    if (run.error) return *run.error;
    return {};
}

}  // namespace yagura::pipeline
