#include <fmt/format.h>

#include "base/json_text.h"
#include "finding/attack.h"
#include "finding/severity.h"
#include "report/numbers.h"
#include "report/outputs.h"

namespace yagura::report {
namespace {

using finding::HitView;
using finding::Part;

// Timesketch's index refuses longer keywords.
constexpr size_t kTimesketchBytes = 32'766;

std::string_view cut_utf8(std::string_view text, size_t bytes) {
    if (text.size() <= bytes) return text;
    while (bytes > 0 && (static_cast<uint8_t>(text[bytes]) & 0xC0) == 0x80) --bytes;
    return text.substr(0, bytes);
}

// "high: Root user signed in: ConsoleLogin by root from 203.0.113.7"
std::string message_of(const HitView& hit) {
    std::string message =
        fmt::format("{}: {}", finding::severity(hit.rule->level).name, hit.rule->title);
    const auto add = [&](std::string_view before, Part part) {
        if (!hit.text(part).empty()) message += fmt::format("{}{}", before, hit.text(part));
    };
    add(": ", Part::event_name);
    add(" by ", Part::principal);
    add(" from ", Part::source_ip);
    add(" on ", Part::target);
    add(" failed with ", Part::error_code);
    return message;
}

constexpr struct {
    std::string_view key;
    Part part;
} kSearchable[] = {
    {"event_id", Part::event_id},
    {"event_name", Part::event_name},
    {"event_source", Part::event_source},
    {"account_id", Part::account},
    {"region", Part::region},
    {"principal", Part::principal},
    {"source_ip", Part::source_ip},
    {"access_key", Part::access_key},
    {"user_agent", Part::user_agent},
    {"error_code", Part::error_code},
    {"error_message", Part::error_message},
    {"user_arn", Part::user_arn},
    {"target", Part::target},
};

// {"group":{"principal":"alice"},"count":12,"first":"…","last":"…","events":["…"]}; a sum, an
// average or a percentile has `value` instead of `count`.
void append_correlated(std::string& out, const finding::Correlated& correlated) {
    JsonObject about(out);
    about.key("group");
    JsonObject group(out);
    for (const auto& [key, value] : correlated.group) group.text(key, value);
    group.close();
    about.raw(correlated.is_count ? "count" : "value", fmt::format("{}", correlated.measured));
    about.text("first", format_iso8601(from_micros(correlated.first)));
    about.text("last", format_iso8601(from_micros(correlated.last)));
    about.key("events");
    append_json_list(out, correlated.events);
    about.close();
}

}  // namespace

void write_json_lines(const ScanReport& report, Output& out, const finding::Whys* whys) {
    std::string line;
    for (size_t i = 0; i < report.hits.hit_count(); ++i) {
        const HitView hit = report.hits.hit(i);
        line.clear();
        JsonObject row(line);
        const bool timed = is_known_time(to_micros(hit.time()));
        row.text("time", timed ? format_iso8601(hit.time()) : "");
        row.text("rule_id", hit.rule->id);
        row.text("rule_title", hit.rule->title);
        row.text("rule_author", hit.rule->author);
        row.text("rule_level", finding::severity(hit.rule->level).name);
        row.key("tags");
        append_json_list(line, hit.rule->tags);
        row.text("log_type", hit.log_type());
        row.text("event_id", hit.text(Part::event_id));
        row.text("event_name", hit.text(Part::event_name));
        row.text("account_id", hit.text(Part::account));
        row.text("region", hit.text(Part::region));
        row.text("principal", hit.text(Part::principal));
        row.text("source_ip", hit.text(Part::source_ip));
        row.text("object", hit.object());
        row.number("ordinal", hit.facts->ordinal);
        if (hit.correlated) {
            row.key("correlation");
            append_correlated(line, *hit.correlated);
        }
        if (const auto why = whys ? whys->of(hit) : std::string_view(); !why.empty())
            row.raw("why", why);
        row.close();
        line += '\n';
        out.write(line);
    }
}

void write_timesketch(const ScanReport& report, Output& out) {
    std::string line;
    for (size_t i = 0; i < report.hits.hit_count(); ++i) {
        const HitView hit = report.hits.hit(i);
        line.clear();
        JsonObject row(line);
        const auto text = [&](std::string_view key, std::string_view value) {
            if (!value.empty()) row.text(key, cut_utf8(value, kTimesketchBytes));
        };
        text("message", message_of(hit));
        text("datetime", format_iso8601(hit.time()));
        text("timestamp_desc", "Event Time");
        text("rule_id", hit.rule->id);
        text("rule_title", hit.rule->title);
        text("rule_author", hit.rule->author);
        text("rule_level", finding::severity(hit.rule->level).name);
        text("log_type", hit.log_type());
        for (const auto& [key, part] : kSearchable) text(key, hit.text(part));
        text("object", hit.object());
        row.number("ordinal", hit.facts->ordinal);
        row.key("tag");
        std::vector<std::string> tags = hit.rule->tags;
        tags.insert(tags.begin(), std::string(finding::severity(hit.rule->level).name));
        append_json_list(line, tags);
        row.close();
        line += '\n';
        out.write(line);
    }
}

}  // namespace yagura::report
