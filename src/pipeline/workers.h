// Reads objects in parallel, one worker per core, each with its own consumer.
//
//   run_workers(objects, plans, {.threads = 2}, [&](size_t worker) { return consumer of that
//   worker; });
//
// Objects are handed out in their order; inside a worker the path is straight, no queue carries a
// view.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "decode/record_reader.h"
#include "pipeline/event_reader.h"
#include "source/input.h"
#include "source/object.h"

namespace yagura::pipeline {

// What a consumer learns about objects beside their events.
class ObjectConsumer : public EventConsumer {
  public:
    // Before the first event. False skips the object (already in the lake). An error ends the run.
    virtual Result<bool> begin(const source::Object& object, source::Input& input) = 0;
    // After the last one. An error ends the run.
    virtual Result<void> end(const source::Object& object, const decode::ReadStats& stats) = 0;
    // The object could not be opened or read at all.
    virtual void unreadable(const source::Object& object, const Error& error) = 0;
    // After the worker's last object, also when stopped.
    virtual Result<void> finish() { return {}; }
};

struct Progress {
    uint64_t objects_done = 0;
    uint64_t objects = 0;
    uint64_t bytes_done = 0;
    uint64_t bytes = 0;
    uint64_t records = 0;
};

struct WorkerOptions {
    uint32_t threads = 0;                     // 0: one per core
    const std::atomic<bool>* stop = nullptr;  // set by Ctrl+C
    std::function<void(const Progress&)>
        on_progress;  // called about ten times a second, from the calling thread
};

// Threads to use for work that is not one object per thread.
uint32_t core_count(const WorkerOptions& options);
uint32_t worker_count(const WorkerOptions& options, size_t objects);

// Lists the objects of `paths` beside what the caller does until it asks: finding files takes about
// as long as reading rules and making programs of them, and shares nothing with it.
using PendingListing = std::shared_future<Result<source::Listing>>;
PendingListing start_listing(std::vector<std::string> paths, const WorkerOptions& options);

// `consumers[i]` serves worker i. Returns the first error of a worker; unreadable objects are no
// errors. `when_read` is called once, from the calling thread, when all has been read, beside the
// consumers' finish() where more than one core may be used; not after an error.
Result<void> run_workers(std::span<const source::Object> objects,
                         const TypePlans& plans,
                         const WorkerOptions& options,
                         std::span<ObjectConsumer* const> consumers,
                         const std::function<void()>& when_read = {});

}  // namespace yagura::pipeline
