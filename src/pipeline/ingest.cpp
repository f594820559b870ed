#include "pipeline/ingest.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>

#include "pipeline/ingest_consumer.h"
#include "pipeline/lake_detection.h"
#include "store/object_file.h"

namespace yagura::pipeline {
namespace {

void add(IngestResult& result, const IngestConsumer& consumer) {
    result.quarantine.merge(consumer.quarantine());
    result.bytes_in += consumer.bytes_in();
    result.bytes_inflated += consumer.bytes_inflated();
    result.exceptions.resize(consumer.exceptions().size());
    for (size_t i = 0; i < result.exceptions.size(); ++i)
        result.exceptions[i] += consumer.exceptions()[i];
}

TypePlans plans_for(const detect::RulesView& rules,
                    const detect::Targets& targets,
                    const match::Policy* policy) {
    return TypePlans(
        rules.rules,
        {.collect_extra = true, .targets = &targets, .policy = policy, .now = current_time()});
}

size_t exception_count(const match::Policy* policy) {
    return policy ? policy->exceptions.size() : 0;
}

// Rules over several events: what fires is worked out while the last rows are committed, and told
// when they are in the lake.
class Deciding {
  public:
    Deciding(LakeDetection& detection, const match::Policy* policy, const std::atomic<bool>* stop)
        : detection_(detection), stop_(stop), exceptions_(exception_count(policy)) {}

    void work_out(const EventSpan& read) {
        if (!is_stopped()) verdict_ = detection_.work_out(read, exceptions_);
    }

    Result<void> settle(IngestResult& result) {
        result.stopped = is_stopped();
        YAGURA_TRY(auto verdict, std::move(verdict_));
        if (verdict) {
            YAGURA_TRY(result.correlations, detection_.settle(std::move(*verdict)));
        }
        result.earlier = detection_.looked_back();
        for (size_t i = 0; i < exceptions_.size(); ++i) result.exceptions[i] += exceptions_[i];
        return {};
    }

  private:
    bool is_stopped() const { return stop_ && stop_->load(); }

    LakeDetection& detection_;
    const std::atomic<bool>* stop_;
    match::ExceptionTally exceptions_;
    Result<std::optional<LakeDetection::Verdict>> verdict_;
};

}  // namespace

Result<IngestResult> ingest(const detect::RulesView& rules, const IngestOptions& options) {
    const auto start = std::chrono::steady_clock::now();
    const PendingListing listed =
        options.listing.valid() ? options.listing : start_listing(options.paths, options.workers);
    const detect::Targets targets(rules);
    const TypePlans plans = plans_for(rules, targets, options.policy);
    YAGURA_CHECK(listed.get());
    const source::Listing& listing = *listed.get();
    const uint32_t workers = worker_count(options.workers, listing.objects.size());
    store::WriterOptions writer_options = options.writer;
    writer_options.workers = workers;
    YAGURA_TRY(auto writer, store::Writer::open(options.lake, writer_options));
    YAGURA_TRY(
        auto detection,
        LakeDetection::open(
            rules, targets, options.policy, options.lake, *writer, core_count(options.workers)));

    std::vector<std::unique_ptr<store::LakeWorker>> lake_workers;
    std::vector<std::unique_ptr<IngestConsumer>> consumers;
    std::vector<ObjectConsumer*> pointers;
    for (uint32_t i = 0; i < workers; ++i) {
        lake_workers.push_back(writer->worker());
        consumers.push_back(std::make_unique<IngestConsumer>(plans,
                                                             options.workers,
                                                             *lake_workers.back(),
                                                             detection->new_collector(),
                                                             exception_count(options.policy),
                                                             nullptr,
                                                             options.measure_one_in));
        consumers.back()->keep_signals(detection->streams());
        pointers.push_back(consumers.back().get());
    }
    Deciding deciding(*detection, options.policy, options.workers.stop);
    YAGURA_CHECK(run_workers(listing.objects, plans, options.workers, pointers, [&] {
        EventSpan span;
        for (const auto& consumer : consumers) span.merge(consumer->take_span());
        deciding.work_out(span);
    }));

    IngestResult result;
    result.objects_found = listing.objects.size();
    for (const auto& consumer : consumers) {
        add(result, *consumer);
        match::add(result.costs, consumer->take_costs());
    }
    for (const source::Skipped& skipped : listing.skipped) {
        result.quarantine.add_object(skipped.path, {skipped.code, 0}, skipped.reason);
    }
    result.totals = writer->totals();
    YAGURA_CHECK(deciding.settle(result));
    result.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return result;
}

Result<ReplayResult> replay(const detect::RulesView& rules, const ReplayOptions& options) {
    const auto start = std::chrono::steady_clock::now();
    store::WriterOptions writer_options = options.writer;
    writer_options.workers = 1;
    YAGURA_TRY(auto writer, store::Writer::open(options.lake, writer_options));
    YAGURA_TRY(auto replayables, writer->quarantined());
    ReplayResult result;
    ReplayablesByFile by_file;
    std::vector<source::Object> objects;
    for (store::Replayable& replayable : replayables) {
        std::string file = store::readable_file(options.lake, replayable.object);
        if (file.empty()) {
            ++result.objects_gone;
            continue;
        }
        // Files that were followed have grown since.
        const uint64_t size = replayable.object.size;
        objects.push_back({.path = file, .size = size, .end = size == 0 ? UINT64_MAX : size});
        by_file.emplace(std::move(file), std::move(replayable));
    }
    const detect::Targets targets(rules);
    const TypePlans plans = plans_for(rules, targets, options.policy);
    YAGURA_TRY(auto detection,
               LakeDetection::open(rules, targets, options.policy, options.lake, *writer, 1));
    const auto worker = writer->worker();
    IngestConsumer consumer(plans,
                            options.workers,
                            *worker,
                            detection->new_collector(),
                            exception_count(options.policy),
                            &by_file);
    consumer.keep_signals(detection->streams());
    ObjectConsumer* const pointer = &consumer;
    Deciding deciding(*detection, options.policy, options.workers.stop);
    YAGURA_CHECK(run_workers(objects, plans, options.workers, {&pointer, 1}, [&] {
        deciding.work_out(consumer.take_span());
    }));
    result.read.objects_found = objects.size();
    add(result.read, consumer);
    result.read.totals = writer->totals();
    YAGURA_CHECK(deciding.settle(result.read));
    result.read.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return result;
}

}  // namespace yagura::pipeline
