#include "logtype/derive.h"

#include <algorithm>
#include <cstring>

namespace yagura::logtype {

using event::Event;
using event::Kind;
using event::ValueView;

void read_time(Event& event, event::SlotId slot, const RecordContext& context) {
    const std::string_view text = event.text(slot);
    auto time = parse_iso8601(text);
    if (!time && !text.empty()) time = parse_epoch(text);
    if (!time && context.time) {
        time = context.time;
        event.oddities |= event::kTimeFromEnvelope;
    }
    if (!time) event.oddities |= event::kTimeMissing;
    event.time = time.value_or(Timestamp{});
}

void set_text(Event& event, event::SlotId slot, std::string_view text) {
    if (!text.empty()) event.set(slot, ValueView::of_string(text));
}

void fill_from_context(Event& event, event::SlotId slot, std::string_view text) {
    if (!text.empty() && !event.has(slot)) event.set(slot, ValueView::of_string(text));
}

bool has(std::string_view text, std::string_view part) {
    if (text.empty()) return false;  // it may have no address
    return memmem(text.data(), text.size(), part.data(), part.size()) != nullptr;
}

std::string_view join(Arena& arena,
                      std::string_view a,
                      std::string_view between,
                      std::string_view b) {
    char* const out = arena.allocate(a.size() + between.size() + b.size());
    char* end = out;
    for (const std::string_view part : {a, between, b})
        end = std::copy(part.begin(), part.end(), end);  // an empty part may have no address
    return {out, static_cast<size_t>(end - out)};
}

std::string_view member_text(const ValueView& json, std::string_view key, Arena& arena) {
    // A look for `"key" : "` is enough: the sub-tree is valid JSON and the answer only a label for
    // people.
    const std::string_view text = json.text();
    for (size_t at = text.find(key); at != std::string_view::npos; at = text.find(key, at + 1)) {
        size_t next = at + key.size();
        const bool is_key =
            at > 0 && text[at - 1] == '"' && next < text.size() && text[next] == '"';
        if (!is_key) continue;
        next = text.find_first_not_of(" \t\r\n", next + 1);
        if (next == std::string_view::npos || text[next] != ':') continue;
        next = text.find_first_not_of(" \t\r\n", next + 1);
        if (next == std::string_view::npos || text[next] != '"') continue;
        size_t end = next + 1;
        bool escaped = false;
        while (end < text.size() && text[end] != '"') {
            escaped |= text[end] == '\\';
            end += text[end] == '\\' ? 2 : 1;
        }
        if (end >= text.size()) return {};
        const ValueView value{
            text.data() + next + 1, static_cast<uint32_t>(end - next - 1), Kind::string, escaped};
        return event::plain_text(value, arena);
    }
    return {};
}

}  // namespace yagura::logtype
