// Records in, events out: tells the log type of what decoding yields and fills an Event from each
// record.
//
// The type is told from the first record of a member (or of a CloudWatch log group) and kept while
// records fit it, that of JSON records and that of lines each for itself; a record that does not
// fit is looked at alone, so mixed files work. Belongs to one worker.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "decode/record.h"
#include "event/event.h"
#include "pipeline/type_plans.h"
#include "source/object.h"

namespace yagura::pipeline {

// What a worker does with what it reads. One per worker; objects come one after another.
class EventConsumer {
  public:
    virtual ~EventConsumer() = default;

    // `event` and what it points to are valid during the call.
    virtual void consume(event::Event& event,
                         const TypePlan& plan,
                         const decode::RecordOrigin& origin) = 0;

    // A record or object that could not be used; see decode::RecordSink::fault.
    virtual void fault(const Fault& fault,
                       const decode::RecordOrigin& origin,
                       std::string_view bytes) = 0;

    // True ends the reading early.
    virtual bool stop() const { return false; }
};

class EventReader final : public decode::RecordSink {
  public:
    EventReader(const TypePlans& plans, EventConsumer& consumer);

    // Forgets what was learnt of the last object.
    void begin_object();
    // Tells the consumer of a stream in which nothing was recognised: as one fault of the object,
    // since a thousand lines of a text file that is no log are one thing to know, not a thousand.
    void end_object();

    // Records of CloudTrail digests and other things that are recognised but are no logs.
    uint64_t not_logs() const { return not_logs_; }

    std::optional<Fault> json(event::JsonDocument& document,
                              uint32_t& at,
                              const decode::RecordOrigin& origin) override;
    std::optional<Fault> line(std::string_view line, const decode::RecordOrigin& origin) override;
    void fault(const Fault& fault,
               const decode::RecordOrigin& origin,
               std::string_view bytes) override {
        consumer_.fault(fault, origin, bytes);
    }
    bool stop() const override { return consumer_.stop(); }

  private:
    std::optional<Fault> fill(event::JsonDocument& document,
                              uint32_t& at,
                              const decode::RecordOrigin& origin,
                              const TypePlan& plan);
    const TypePlan* recognise(logtype::Shape shape,
                              std::string_view record,
                              const decode::RecordOrigin& origin) const;
    bool is_same_stream(const decode::RecordOrigin& origin);
    std::optional<Fault> unknown(std::string_view record, const decode::RecordOrigin& origin);
    void settle_unknown(bool stream_is_known);
    void forget_stream();

    const TypePlans& plans_;
    EventConsumer& consumer_;
    event::Event event_;
    // Of the stream being read: a JSON log's and a text log's. A log group can hold both.
    const TypePlan* json_plan_ = nullptr;
    const TypePlan* line_plan_ = nullptr;
    std::string stream_;      // object, log group and detail type of it
    std::vector<int> order_;  // columns of a text log
    // Records nobody recognised before the first one that was.
    static constexpr size_t kUnknownKept = 100;
    struct Unknown {
        struct Place {
            uint64_t offset = 0;
            uint64_t ordinal = 0;
            std::string bytes;
        };
        uint64_t count = 0;
        std::string object;
        std::vector<Place> places;  // of the first kUnknownKept
    };
    Unknown unknown_;
    bool stream_is_known_ = false;
    uint64_t not_logs_ = 0;
};

}  // namespace yagura::pipeline
