#include "pipeline/scan.h"

#include "finding/throttle.h"
#include "pipeline/firing_judge.h"
#include "pipeline/lake_signals.h"
#include "pipeline/scan_consumer.h"

namespace yagura::pipeline {
namespace {

// First-seen rules about which nothing is known yet look at a lake's rows first.
Result<void> learn(const detect::RulesView& rules,
                   const detect::Targets& targets,
                   const ScanOptions& options,
                   int64_t first,
                   detect::FirstSeenMemory& memory) {
    if (options.first_seen_lake.empty() || first == INT64_MAX) return {};
    const LakeRows rows{.lake = options.first_seen_lake,
                        .range = {{}, from_micros(first)},
                        .threads = core_count(options.workers)};
    const auto is_new = [&](size_t rule) { return !memory.knows(rule); };
    return learn_from_lake(rows, rules, targets, is_new, memory);
}

// Decides what is asked about several events, now that all are known.
Result<void> correlate(const detect::Targets& targets,
                       detect::Batch& batch,
                       detect::FirstSeenMemory& memory,
                       const ScanOptions& options,
                       ScanResult& result) {
    if (targets.is_empty()) return {};
    std::shared_ptr<FiringJudge> judge;
    if (options.policy && !options.policy->is_empty())
        judge = std::make_shared<FiringJudge>(*options.policy, targets, current_time());
    YAGURA_TRY(result.correlations,
               batch.decide(result.totals.last, [&](const detect::Firing& firing) {
                   if (!judge) return detect::add_to(result.hits, firing, targets);
                   const match::Verdict verdict = judge->look(firing, result.exceptions);
                   if (verdict.exception) return;
                   detect::Firing judged = firing;
                   judged.rule = verdict.info;
                   detect::add_to(result.hits, judged, targets);
               }));
    const detect::CorrelationCounts& counts = result.correlations;
    result.totals.undecided = {
        counts.windows.open_windows,
        counts.windows.evicted_groups + counts.windows.evicted_events + counts.forgotten};
    result.owners.push_back(std::move(judge));
    if (!options.first_seen_state.empty()) {
        for (size_t i = 0; i < targets.all_first_seen().size(); ++i) memory.set_known(i);
        YAGURA_CHECK(memory.save(options.first_seen_state));
    }
    return {};
}

bool throttles(const ScanOptions& options) {
    return options.policy && !options.policy->throttles.empty();
}

std::shared_ptr<finding::HitLimits> limits_of(const ScanOptions& options) {
    const bool lists = options.list || throttles(options);
    return std::make_shared<finding::HitLimits>(options.keep_from,
                                                lists ? finding::HitLimits::kDefaultMaxKept : 0);
}

void throttle(const match::Policy& policy, ScanResult& result) {
    finding::Throttler throttler(policy.throttles);
    result.hits.retain([&](const finding::HitView& hit) { return throttler.tells(hit); });
    result.throttled = throttler.held_back();
}

}  // namespace

Result<ScanResult> scan(const detect::RulesView& rules, const ScanOptions& options) {
    const auto start = std::chrono::steady_clock::now();
    const PendingListing listed =
        options.listing.valid() ? options.listing : start_listing(options.paths, options.workers);
    const detect::Targets targets(rules);
    const auto plans_owner =
        std::make_shared<const TypePlans>(rules.rules,
                                          TypePlans::Options{.collect_extra = false,
                                                             .targets = &targets,
                                                             .policy = options.policy,
                                                             .now = current_time()});
    YAGURA_CHECK(listed.get());
    const source::Listing& listing = *listed.get();
    const TypePlans& plans = *plans_owner;
    detect::FirstSeenMemory memory(targets);
    if (!options.first_seen_state.empty()) YAGURA_CHECK(memory.load(options.first_seen_state));
    IdentitySet seen;
    finding::PrintLimit print_limit;
    const auto limits = limits_of(options);

    std::vector<std::unique_ptr<ScanConsumer>> consumers;
    std::vector<ObjectConsumer*> pointers;
    detect::BatchOptions correlation = options.correlation;
    correlation.threads = core_count(options.workers);
    detect::Batch batch(targets, memory, correlation);
    for (uint32_t i = 0; i < worker_count(options.workers, listing.objects.size()); ++i) {
        consumers.push_back(
            std::make_unique<ScanConsumer>(plans,
                                           options,
                                           seen,
                                           print_limit,
                                           limits,
                                           targets.is_empty() ? nullptr : &batch.new_collector()));
        pointers.push_back(consumers.back().get());
    }
    YAGURA_CHECK(run_workers(listing.objects, plans, options.workers, pointers));

    ScanResult result{.hits = finding::HitCollector(limits), .totals = {}};
    result.owners.push_back(plans_owner);
    result.exceptions.resize(options.policy ? options.policy->exceptions.size() : 0);
    for (const auto& consumer : consumers) {
        result.hits.merge(std::move(consumer->hits()));
        result.totals.merge(consumer->totals());
        result.whys.merge(std::move(consumer->whys()));
        auto& printed = consumer->printed();
        std::move(printed.begin(), printed.end(), std::back_inserter(result.printed));
        for (size_t i = 0; i < result.exceptions.size(); ++i)
            result.exceptions[i] += consumer->exceptions()[i];
    }
    finding::keep_first_printed(result.printed, print_limit.most);
    result.printed_left_out = print_limit.made - result.printed.size();
    for (const source::Skipped& skipped : listing.skipped) {
        result.totals.quarantine.add_object(skipped.path, {skipped.code, 0}, skipped.reason);
    }
    YAGURA_CHECK(learn(rules, targets, options, result.totals.first, memory));
    YAGURA_CHECK(correlate(targets, batch, memory, options, result));
    result.hits.finish(static_cast<uint32_t>(consumers.size()));
    if (throttles(options)) throttle(*options.policy, result);
    result.identities_forgotten = seen.forgotten();
    result.stopped = options.workers.stop && options.workers.stop->load();
    result.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return result;
}

}  // namespace yagura::pipeline
