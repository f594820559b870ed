// Records to events: whatever log type, envelope or mixture the bytes pretend to be, every record
// is an event of one log type or a fault, in order, and the same at every reading.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "decode/record_reader.h"
#include "expect.h"
#include "pipeline/event_reader.h"
#include "source/input.h"

namespace {

using namespace yagura;

class Consumer : public pipeline::EventConsumer {
  public:
    void consume(event::Event& event,
                 const pipeline::TypePlan& plan,
                 const decode::RecordOrigin& origin) override {
        YAGURA_EXPECT(origin.ordinal != decode::kNoOrdinal);
        YAGURA_EXPECT(event.ordinal == origin.ordinal);
        YAGURA_EXPECT(seen.empty() || origin.ordinal > last_);
        last_ = origin.ordinal;
        seen.emplace_back(plan.type->name);
        for (size_t slot = 0; slot < plan.type->fields.size(); ++slot)
            seen.back() += event.text(static_cast<event::SlotId>(slot));
        const auto identity = logtype::event_identity(*plan.type, event);
        if (identity) seen.back() += std::to_string(identity->low);
        seen.back() += std::to_string(to_micros(event.time));
    }
    void fault(const Fault& fault, const decode::RecordOrigin&, std::string_view bytes) override {
        YAGURA_EXPECT(bytes.size() <= decode::kQuarantineBytes);
        faults.push_back(fault.code);
    }

    std::vector<std::string> seen;
    std::vector<FaultCode> faults;

  private:
    uint64_t last_ = 0;
};

const pipeline::TypePlans& plans() {
    static const pipeline::TypePlans made({}, {.collect_extra = true});
    return made;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    decode::ReadOptions options;
    options.max_inflated_bytes = 4 << 20;
    decode::RecordReader reader(options);
    Consumer first, second;
    for (Consumer* consumer : {&first, &second}) {
        pipeline::EventReader events(plans(), *consumer);
        auto input = source::Input::of_bytes(bytes, "fuzz");
        events.begin_object();
        YAGURA_EXPECT(reader.read(input, events).has_value());
        events.end_object();
    }
    YAGURA_EXPECT(first.seen == second.seen);
    YAGURA_EXPECT(first.faults == second.faults);
    return 0;
}
