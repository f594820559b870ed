// Times people and AWS write: a parsed time prints as itself, and no text overflows.
#include "base/time.h"

#include <cstdint>
#include <string_view>

#include "expect.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace yagura;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto time = parse_iso8601(text)) {
        YAGURA_EXPECT(to_micros(*time) >= 0);
        YAGURA_EXPECT(parse_iso8601(format_iso8601(*time)) == time);
    }
    if (const auto time = parse_epoch(text))
        YAGURA_EXPECT(parse_iso8601(format_iso8601(*time)) == time);
    if (const auto span = parse_duration(text)) YAGURA_EXPECT(span->count() >= 0);
    if (const auto time = parse_time_expression(text, from_micros(1'700'000'000'000'000)))
        format_day(*time);
    return 0;
}
