#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "base/json_text.h"
#include "finding/severity.h"
#include "logtype/resource.h"
#include "report/numbers.h"
#include "report/outputs.h"

namespace yagura::report {
namespace {

// Matches by rule id. Those of rules that only serve others are tags, and no matches of the scan.
void write_by_rule(JsonObject& json,
                   std::string& text,
                   std::string_view key,
                   const ScanReport& report,
                   bool only_tags) {
    std::map<std::string_view, uint64_t> matches;  // two files may hold rules of one id
    for (const finding::RuleTally& tally : report.hits.rules()) {
        if (tally.only_tags == only_tags) matches[tally.rule->id] += tally.count;
    }
    json.key(key);
    JsonObject rules(text);
    for (const auto& [id, count] : matches) rules.number(id, count);
    rules.close();
}

constexpr size_t kResources = 100;

void write_resources(JsonObject& json, std::string& out, const finding::HitCollector& hits) {
    const std::vector<ResourceNumbers> rows = numbers_by_resource(hits);
    json.key("resources");
    JsonList list(out);
    for (size_t i = 0; i < std::min(kResources, rows.size()); ++i) {
        JsonObject row(list.next());
        logtype::write_members(row, logtype::parse_resource(hits.strings().text(rows[i].key)));
        row.text("level", finding::severity(rows[i].highest).name);
        row.number("findings", rows[i].findings);
        row.number("matches", rows[i].matches);
        row.close();
    }
    list.close();
}

void write_unreadable(JsonObject& json, std::string& out, const finding::Quarantine& quarantine) {
    json.key("unreadable");
    JsonList list(out);
    for (const finding::QuarantinedPart& part : quarantine.parts()) {
        JsonObject row(list.next());
        row.text("object", part.object);
        row.text("reason", fault_name(part.code));
        row.text("detail", part.detail);
        row.number("offset", part.offset);
        row.number("count", part.count);
        row.close();
    }
    list.close();
}

}  // namespace

void write_summary_json(const ScanReport& report, Output& out) {
    const finding::ScanTotals& totals = report.totals;
    std::string text;
    JsonObject json(text);
    json.number("objects", totals.objects);
    json.number("objects_quarantined", totals.quarantine.objects());
    json.number("records", totals.records);
    json.number("records_unique", totals.records_unique());
    json.number("records_duplicate", totals.records_duplicate);
    json.number("records_quarantined", totals.quarantine.records());
    json.key("by_log_type");
    JsonObject types(text);
    for (const auto& [name, count] : totals.by_log_type) types.number(name, count);
    types.close();
    json.number("matches", report.hits.matches());
    json.number("findings", report.hits.findings().size());
    json.key("by_level");
    JsonObject levels(text);
    for (size_t i = finding::kLevels; i-- > 0;) {
        levels.number(finding::severity(static_cast<finding::Level>(i)).name,
                      report.hits.by_level()[i]);
    }
    levels.close();
    write_by_rule(json, text, "by_rule", report, false);
    write_by_rule(json, text, "tags_by_rule", report, true);
    write_resources(json, text, report.hits);
    json.key("exceptions");
    JsonObject exceptions(text);
    for (const ExceptionUse& use : report.exceptions)
        exceptions.number(use.exception->id, use.matches);
    exceptions.close();
    json.number("throttled", report.throttled);
    json.number("rules_loaded", report.rules.loaded);
    json.number("rules_quarantined", report.rules.quarantined);
    json.number("windows_open", totals.undecided.open_windows);
    json.number("correlation_evictions", totals.undecided.left_out);
    json.raw("seconds", fmt::format("{:.3f}", report.seconds));
    json.number("bytes_in", totals.bytes_in);
    json.number("bytes_inflated", totals.bytes_inflated);
    json.number("digests", totals.digests);
    write_unreadable(json, text, totals.quarantine);
    json.close();
    out.write(text + "\n");
}

}  // namespace yagura::report
