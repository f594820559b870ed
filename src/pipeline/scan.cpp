#include "pipeline/scan.h"

#include "pipeline/identity_set.h"

namespace yagura::pipeline {
namespace {

using decode::RecordOrigin;

class ScanConsumer final : public ObjectConsumer {
  public:
    ScanConsumer(const TypePlans& plans,
                 const ScanOptions& options,
                 IdentitySet& seen,
                 std::shared_ptr<finding::HitLimits> limits)
        : options_(options),
          seen_(seen),
          sink_(options.new_sink ? options.new_sink() : nullptr),
          hits_(std::move(limits)) {
        for (const TypePlan& plan : plans.all())
            evaluators_.emplace_back(plan.program, plan.fields);
    }

    Result<bool> begin(const source::Object&, source::Input& input) override {
        input_ = &input;
        content_.reset();
        return true;
    }

    void consume(event::Event& event, const TypePlan& plan, const RecordOrigin& origin) override {
        ++totals_.records;
        if (!seen_.insert(identity_of(event, *plan.type))) {
            ++totals_.records_duplicate;
            return;
        }
        if (event.oddities & event::kRepaired) ++totals_.records_repaired;
        if (!options_.range.contains(event.time)) {
            ++totals_.records_outside_range;
            return;
        }
        totals_.count_event(event, *plan.type);
        if (sink_) sink_->add(event, *plan.type);
        matches_.clear();
        evaluators_[plan.index].match(event, matches_);
        for (const uint32_t i : matches_) {
            hits_.add(plan.rules[i]->info, event, *plan.type, origin.object, origin.ordinal);
        }
    }

    void fault(const Fault& fault, const RecordOrigin& origin, std::string_view) override {
        if (fault.code == FaultCode::not_a_log) return;  // a digest: recognised, and no log
        if (origin.ordinal == decode::kNoOrdinal) {
            totals_.quarantine.add_object(origin.object, fault);
        } else {
            totals_.quarantine.add_record(origin.object, fault);
        }
    }

    Result<void> end(const source::Object&, const decode::ReadStats& stats) override {
        ++totals_.objects;
        totals_.bytes_in += stats.bytes_in;
        totals_.bytes_inflated += stats.bytes_inflated;
        return {};
    }

    void unreadable(const source::Object& object, const Error&) override {
        ++totals_.objects;
        totals_.quarantine.add_object(object.path, {FaultCode::unreadable, 0});
    }

    bool stop() const override {
        return options_.workers.stop && options_.workers.stop->load(std::memory_order_relaxed);
    }

    finding::ScanTotals& totals() { return totals_; }
    finding::HitCollector& hits() { return hits_; }

  private:
    // Log types without ids: the same object content at the same place is the same record.
    Hash128 identity_of(event::Event& event, const logtype::LogType& type) {
        if (const auto own = logtype::event_identity(type, event)) return *own;
        if (!content_) {
            auto id = input_->content_id();
            content_ = id ? hash128({reinterpret_cast<const char*>(id->data()), id->size()})
                          : hash128(input_->object().path);
        }
        const uint64_t key[3] = {content_->low, content_->high, event.ordinal};
        return hash128({reinterpret_cast<const char*>(key), sizeof key});
    }

    const ScanOptions& options_;
    IdentitySet& seen_;
    EventSink* sink_;
    source::Input* input_ = nullptr;
    std::optional<Hash128> content_;
    std::vector<match::Evaluator> evaluators_;
    std::vector<uint32_t> matches_;
    finding::ScanTotals totals_;
    finding::HitCollector hits_;
};

}  // namespace

Result<ScanResult> scan(std::span<const match::Rule> rules, const ScanOptions& options) {
    const auto start = std::chrono::steady_clock::now();
    YAGURA_TRY(const source::Listing listing, source::list_objects(options.paths));
    const TypePlans plans(rules, {});
    IdentitySet seen;
    auto limits = std::make_shared<finding::HitLimits>(options.keep_from);

    std::vector<std::unique_ptr<ScanConsumer>> consumers;
    std::vector<ObjectConsumer*> pointers;
    for (uint32_t i = 0; i < worker_count(options.workers, listing.objects.size()); ++i) {
        consumers.push_back(std::make_unique<ScanConsumer>(plans, options, seen, limits));
        pointers.push_back(consumers.back().get());
    }
    YAGURA_CHECK(run_workers(listing.objects, plans, options.workers, pointers));

    ScanResult result{.hits = finding::HitCollector(limits), .totals = {}};
    for (const auto& consumer : consumers) {
        result.hits.merge(std::move(consumer->hits()));
        result.totals.merge(consumer->totals());
    }
    for (const source::Skipped& skipped : listing.skipped) {
        result.totals.quarantine.add_object(skipped.path, {skipped.code, 0});
    }
    result.hits.finish(static_cast<uint32_t>(consumers.size()));
    result.identities_forgotten = seen.forgotten();
    result.stopped = options.workers.stop && options.workers.stop->load();
    result.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return result;
}

}  // namespace yagura::pipeline
