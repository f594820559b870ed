// The JSON walk: all ways over a record agree on whether it is good and where it ends.
#include <cstdint>
#include <string_view>

#include "event/event.h"
#include "event/json_document.h"
#include "event/plan.h"
#include "expect.h"

namespace {

using namespace yagura;
using namespace yagura::event;

const FieldPlan& plan() {
    static constexpr Field kFields[] = {
        {"a", "a"}, {"a.b", "a_b"}, {"items", "items"}, {"items.key", "items_key"}, {"x.y.z", "z"}};
    static const Dictionary kDictionary(kFields);
    static const FieldPlan kPlan = [] {
        FieldPlan plan(kDictionary);
        plan.want("extra.k");
        plan.collect_extra();
        plan.freeze();
        return plan;
    }();
    return kPlan;
}

bool lies_in(const ValueView& value, std::string_view text) {
    return value.data >= text.data() && value.data + value.size <= text.data() + text.size();
}

void walk(JsonDocument& document, uint32_t& at) {
    static Event event;
    const uint32_t start = at;
    uint32_t skipped = at;
    ValueView whole;
    uint32_t read = at;
    const bool good = !document.skip(skipped);
    YAGURA_EXPECT(good == !document.read(read, whole));
    YAGURA_EXPECT(!good || read == skipped);
    event.reset(plan());
    const auto fault = walk_record(document, at, event);
    if (fault) {
        YAGURA_EXPECT(at == start);
        YAGURA_EXPECT(!good || fault->code == FaultCode::not_a_record);
        at = good ? skipped : document.size();
        return;
    }
    YAGURA_EXPECT(good && at == skipped);
    YAGURA_EXPECT(event.record == whole.text());
    for (SlotId slot = 0; slot < plan().slot_count(); ++slot) {
        event.any_value(slot, [&](const ValueView& value) {
            YAGURA_EXPECT(lies_in(value, document.text()));
            plain_text(value, event.arena());
            return false;
        });
    }
    for (const auto& extra : event.extra()) YAGURA_EXPECT(lies_in(extra.value, document.text()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const PaddedText text(std::string_view(reinterpret_cast<const char*>(data), size));
    JsonDocument document;
    if (document.index(text.view())) return 0;
    for (uint32_t at = 0; at < document.size();) {
        const uint32_t before = at;
        walk(document, at);
        YAGURA_EXPECT(at > before);
    }
    return 0;
}
