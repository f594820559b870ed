#include "event/value.h"

#include "base/hex.h"
#include "base/text.h"

namespace yagura::event {
namespace {

// The four digits after "\u" at `position`, or -1.
int hex4(std::string_view text, size_t position) {
    if (position + 4 > text.size()) return -1;
    int value = 0;
    for (size_t i = 0; i < 4; ++i) {
        const int digit = hex_digit(text[position + i]);
        if (digit < 0) return -1;
        value = value * 16 + digit;
    }
    return value;
}

}  // namespace

bool append_unescaped(std::string& out, std::string_view text) {
    bool clean = true;
    for (size_t i = 0; i < text.size();) {
        const size_t slash = text.find('\\', i);
        out.append(text, i, slash == std::string_view::npos ? text.size() - i : slash - i);
        if (slash == std::string_view::npos) break;
        const char kind = slash + 1 < text.size() ? text[slash + 1] : '\0';
        i = slash + 2;
        switch (kind) {
            case 'n':
                out += '\n';
                break;
            case 't':
                out += '\t';
                break;
            case 'r':
                out += '\r';
                break;
            case 'b':
                out += '\b';
                break;
            case 'f':
                out += '\f';
                break;
            case '"':
            case '\\':
            case '/':
                out += kind;
                break;
            case 'u': {
                const int unit = hex4(text, i);
                if (unit < 0) {
                    out += "\\u";
                    clean = false;
                    break;
                }
                i += 4;
                auto code_point = static_cast<uint32_t>(unit);
                if (unit >= 0xD800 && unit <= 0xDBFF && text.substr(i, 2) == "\\u") {
                    const int low = hex4(text, i + 2);
                    if (low >= 0xDC00 && low <= 0xDFFF) {
                        code_point = 0x10000 + ((code_point - 0xD800) << 10) +
                                     static_cast<uint32_t>(low - 0xDC00);
                        i += 6;
                    }
                }
                if (code_point >= 0xD800 && code_point <= 0xDFFF) {
                    code_point = 0xFFFD;
                    clean = false;
                }
                append_utf8(out, code_point);
                break;
            }
            default:
                out += '\\';
                if (kind != '\0') out += kind;
                clean = false;
        }
    }
    return clean;
}

std::string_view unescaped_text(const ValueView& value, Arena& arena) {
    std::string out;
    append_unescaped(out, value.text());
    return arena.copy(out);
}

}  // namespace yagura::event
