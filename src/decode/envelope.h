// What AWS wraps around records: which wrapping a JSON object is, and how to take it off.
//
//   CloudWatch Logs subscription:
//   {"messageType":…,"owner":…,"logGroup":…,"logStream":…,"logEvents":[…]} EventBridge:
//   {"version":…,"detail-type":…,"source":…,"account":…,"detail":{…}} S3 delivery: {"Records":[…]}
//
// Sources: CloudWatch Logs user guide, "Subscription filters"; EventBridge user guide, "Event
// structure"; CloudTrail user guide, "CloudTrail log file examples".
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "decode/buffer.h"
#include "decode/delivery.h"
#include "event/json_document.h"

namespace yagura::decode {

enum class Wrapping : uint8_t { none, records, cloudwatch, eventbridge };

struct Classified {
    Wrapping wrapping = Wrapping::none;
    bool decided = true;  // false: `text` ended before the object told what it is
    // `{"eventVersion"`: opening bracket and first key as they stand; empty when there is none.
    std::string_view start;
    // No envelope begins with that key: objects that start so need not be looked at again.
    bool is_plain_start = false;
};

// Looks at the keys of the object at the start of `text`, one level deep, without an index and
// without believing that the text is valid. Records are looked for only when `outermost`.
Classified classify(std::string_view text, bool outermost);

// Position of the comma or bracket behind the member's value that begins at `at`; text.size() when
// there is none. Believes nothing either.
size_t skip_member_value(std::string_view text, size_t at);

// Takes envelopes off and delivers what is inside. Keeps buffers.
class Unwrapper {
  public:
    explicit Unwrapper(Delivery& delivery) : delivery_(delivery) {}

    // Delivers the object at entry `at` and moves past it. `base` is the offset of the document's
    // text in the member. A fault means nothing of it was delivered.
    std::optional<Fault> deliver(event::JsonDocument& document,
                                 uint32_t& at,
                                 uint64_t base,
                                 Wrapping wrapping);

    // Delivers (or quarantines) `text` if it is one JSON object, which may be one around `Records`
    // when it is `outermost`; false, and nothing done, if it is not.
    bool json_text(std::string_view text, uint64_t offset, bool outermost);

  private:
    std::optional<Fault> eventbridge(event::JsonDocument& document, uint32_t& at, uint64_t base);
    std::optional<Fault> records(event::JsonDocument& document, uint32_t& at, uint64_t base);
    void element(event::JsonDocument& document, uint32_t& at, uint64_t base);
    std::optional<Fault> cloudwatch(event::JsonDocument& document, uint32_t& at, uint64_t base);
    void log_events(event::JsonDocument& document, uint32_t at, uint64_t base);
    void log_event(event::JsonDocument& document, uint32_t& at, uint64_t base);
    void message(const event::ValueView& message, uint64_t offset);

    Delivery& delivery_;
    event::JsonDocument message_document_;
    Buffer message_;
    std::string scratch_;
    std::array<std::string, 4> envelope_;  // texts the origin points to
    std::array<std::string, 4> event_;
};

}  // namespace yagura::decode
