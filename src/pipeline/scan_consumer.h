// What a worker of a scan does with each event: know duplicates, match, judge, collect.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <vector>

#include "pipeline/identity_set.h"
#include "pipeline/scan.h"

namespace yagura::pipeline {

// Belongs to one worker.
class ScanConsumer final : public ObjectConsumer {
  public:
    // All but `signals` (null: nothing waits for matches) are shared by the workers of a scan and
    // must outlive this.
    ScanConsumer(const TypePlans& plans,
                 const ScanOptions& options,
                 IdentitySet& seen,
                 finding::PrintLimit& print_limit,
                 std::shared_ptr<finding::HitLimits> limits,
                 detect::SignalCollector* signals);

    Result<bool> begin(const source::Object& object, source::Input& input) override;
    void consume(event::Event& event,
                 const TypePlan& plan,
                 const decode::RecordOrigin& origin) override;
    void fault(const Fault& fault,
               const decode::RecordOrigin& origin,
               std::string_view bytes) override;
    Result<void> end(const source::Object& object, const decode::ReadStats& stats) override;
    void unreadable(const source::Object& object, const Error& error) override;
    bool stop() const override {
        return options_.workers.stop && options_.workers.stop->load(std::memory_order_relaxed);
    }

    finding::ScanTotals& totals() { return totals_; }
    std::vector<finding::Printed>& printed() { return printed_.lines(); }
    finding::HitCollector& hits() { return hits_; }
    finding::Whys& whys() { return whys_; }
    const match::ExceptionTally& exceptions() const { return exceptions_; }

  private:
    void keep_first_falco(const TypePlan& plan);
    void print(const match::Rule& rule,
               const event::Event& event,
               const decode::RecordOrigin& origin);
    bool tell(uint32_t i,
              event::Event& event,
              const TypePlan& plan,
              const decode::RecordOrigin& origin);
    Hash128 identity_of(event::Event& event, const logtype::LogType& type);

    const ScanOptions& options_;
    IdentitySet& seen_;
    detect::SignalCollector* signals_;  // null: nothing waits for matches
    EventSink* sink_;
    source::Input* input_ = nullptr;
    std::optional<Hash128> content_;
    std::vector<match::Evaluator> evaluators_;
    std::vector<uint32_t> matches_;
    finding::PrintedLines printed_;
    match::ExceptionTally exceptions_;
    match::ExceptionTally unreported_;
    finding::ScanTotals totals_;
    finding::HitCollector hits_;
    finding::Whys whys_;
};

}  // namespace yagura::pipeline
