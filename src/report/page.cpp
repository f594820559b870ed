// Script and style are allowed by their hashes, so even markup smuggled into the data could not
// run.

#include "report/page.h"

#include <string>

#include "base/hash.h"
#include "base/language.h"
#include "report/embedded.h"

namespace yagura::report {
namespace {

std::string base64(std::string_view bytes) {
    constexpr std::string_view kDigits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (size_t i = 0; i < bytes.size(); i += 3) {
        uint32_t group = 0;
        const size_t count = std::min<size_t>(3, bytes.size() - i);
        for (size_t j = 0; j < 3; ++j)
            group = group << 8 | (j < count ? static_cast<uint8_t>(bytes[i + j]) : 0);
        for (size_t j = 0; j < 4; ++j)
            out += j <= count ? kDigits[group >> (18 - 6 * j) & 63] : '=';
    }
    return out;
}

// As Content-Security-Policy names a script or style: "sha256-…" over the text of the element.
std::string policy_hash(std::string_view text) {
    const Sha256 digest = sha256(text);
    return "sha256-" + base64({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

}  // namespace

void write_page(const Page& page, Output& out) {
    std::string script(kShellJs);
    for (const std::string_view part : page.scripts) script += part;
    const std::string script_hash = policy_hash(script);
    const std::string style_hash = policy_hash(kShellCss);
    const std::pair<std::string_view, std::string_view> values[] = {
        {"@LANG@", language() == Language::japanese ? "ja" : "en"},
        {"@STYLE_HASH@", style_hash},
        {"@SCRIPT_HASH@", script_hash},
        {"@STYLE@", kShellCss},
        {"@MAIN@", page.main},
        {"@DATA@", page.data},
        {"@SCRIPT@", script},
    };
    // In the order of the page, so that a marker inside a value is never taken for one of ours.
    std::string_view rest = kShellHtml;
    for (const auto& [marker, value] : values) {
        const size_t at = rest.find(marker);
        out.write(rest.substr(0, at));
        out.write(value);
        rest.remove_prefix(at + marker.size());
    }
    out.write(rest);
}

}  // namespace yagura::report
