// UTF-8 tools: repaired text is valid, what is shown holds no control character, JSON strings stay
// closed.
#include "base/text.h"

#include <cstdint>
#include <string_view>

#include "expect.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace yagura;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const std::string repaired = repair_utf8(text);
    YAGURA_EXPECT(is_valid_utf8(repaired));
    YAGURA_EXPECT(!is_valid_utf8(text) || repaired == text);

    const std::string shown = printable(text);
    YAGURA_EXPECT(is_valid_utf8(shown));
    for (const char c : shown) YAGURA_EXPECT(static_cast<uint8_t>(c) >= 0x20 && c != 0x7F);
    YAGURA_EXPECT(printable(shown) == shown);

    const std::string escaped = json_escape(text);
    bool open = false;
    for (const char c : escaped) {
        YAGURA_EXPECT(static_cast<uint8_t>(c) >= 0x20 && (open || c != '"'));
        open = c == '\\' && !open;
    }
    YAGURA_EXPECT(!open);

    YAGURA_EXPECT(fold_case(fold_case(text)) == fold_case(text));
    for (const size_t columns : {size_t{0}, size_t{1}, size_t{7}}) {
        YAGURA_EXPECT(display_width(shorten(text, columns)) <= columns);
    }
    return 0;
}
