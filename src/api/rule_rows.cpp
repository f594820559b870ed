// A rule as JSON, with its hits: those of the accounts of who asks.
#include <fmt/format.h>

#include "api/people_json.h"
#include "api/rules.h"
#include "finding/attack.h"

namespace yagura::api {

using desk::Entry;

namespace {

constexpr std::chrono::hours kDay{24};
constexpr size_t kLineDays = 30;

bool is_over_several(const Entry& entry) {
    return entry.kind == desk::Kind::correlation || entry.kind == desk::Kind::first_seen;
}

void write_count(JsonObject& row, std::string_view key, const std::optional<uint64_t>& count) {
    if (count) {
        row.number(key, *count);
    } else {
        row.raw(key, "null");
    }
}

void write_tags(JsonObject& row, std::string& out, const match::RuleInfo& info) {
    row.key("tags");
    append_json_list(out, info.tags);
    row.key("tactics");
    JsonList tactics(out);
    for (const finding::Tactic tactic : finding::in_order(finding::tactics_of(info.tags)))
        append_json(tactics.next(), finding::tactic_row(tactic).tag);
    tactics.close();
}

void write_needed_by(std::string& out, const Entry& entry) {
    JsonList list(out);
    for (const match::Correlation* correlation : entry.needed_by) {
        JsonObject row(list.next());
        write_text(row, out, "id", correlation->info.id);
        write_text(row, out, "title", title_of(correlation->info));
        row.close();
    }
    list.close();
}

void write_filters(std::string& out, const Entry& entry, const std::string& folder) {
    JsonList list(out);
    for (const rule::Filter* filter : entry.rule.filters) {
        JsonObject row(list.next());
        write_text(row, out, "id", filter->info.id);
        write_text(row, out, "title", title_of(filter->info));
        write_text(row, out, "file", shown_file(filter->info.file, folder));
        row.close();
    }
    list.close();
}

void write_choice(JsonObject& row,
                  std::string& out,
                  std::string_view key,
                  std::string_view who,
                  Timestamp when,
                  std::string_view reason) {
    row.key(key);
    JsonObject choice(out);
    write_text(choice, out, "who", who);
    choice.text("when", format_iso8601(when));
    write_text(choice, out, "reason", reason);
    choice.close();
}

}  // namespace

std::string_view origin_of(const Entry& entry) {
    if (entry.is_custom) return "own";
    return entry.info().bundled ? "shipped" : "added";
}

Result<RuleRows> RuleRows::of(const Call& call) {
    YAGURA_TRY(desk::RuleDesk* const desk, desk_of(call));
    RuleRows rows;
    rows.shelf_ = desk->shelf();
    rows.scope_ = call.who.accounts;
    rows.now_ = call.services.now();
    rows.folder_ = desk->folder().string();
    if (call.who.accounts.is_all()) rows.costs_ = call.services.costs;
    if (call.services.rule_hits) {
        auto table = call.services.rule_hits->table();
        if (table) rows.hits_ = std::move(*table);
    }
    return rows;
}

RuleRows::Hits RuleRows::hits_of(const Entry& entry) const {
    if (!hits_) return {};
    const std::string& id = entry.info().id;
    if (entry.kind == desk::Kind::filter) return {0, 0, 0};
    if (is_over_several(entry)) {
        return {hits_->found_since(id, scope_, now_ - kDay),
                hits_->found_since(id, scope_, now_ - 7 * kDay),
                hits_->found(id, scope_)};
    }
    return {hits_->since(id, scope_, now_ - kDay),
            hits_->since(id, scope_, now_ - 7 * kDay),
            hits_->total(id, scope_)};
}

std::optional<desk::CostBook::Cost> RuleRows::cost_of(const Entry& entry) const {
    // A rule over several events costs what those it looks at cost.
    if (!costs_ || entry.rule.rules.empty()) return std::nullopt;
    return costs_->cost(entry.info().id);
}

void RuleRows::write(JsonObject& row, std::string& out, const Entry& entry) const {
    const match::RuleInfo& info = entry.info();
    write_text(row, out, "id", info.id);
    write_text(row, out, "title", title_of(info));
    row.text("level", match::level_name(info.level));
    write_text(row, out, "status", info.status);
    row.text("kind", desk::kind_name(entry.kind));
    if (!info.author.empty()) write_text(row, out, "author", info.author);
    write_tags(row, out, info);
    write_text(row, out, "log_source", entry.rule.source);
    row.boolean("enabled", !entry.disabled);
    if (const auto* disabled = entry.disabled)
        write_choice(row, out, "disabled", disabled->who, disabled->when, disabled->reason);
    if (const auto* tuned = entry.tuned) {
        row.text("own_level", match::level_name(entry.own_level));
        write_choice(row, out, "tuned", tuned->who, tuned->when, tuned->reason);
    }
    row.boolean("building_block", entry.is_building_block());
    row.text("origin", origin_of(entry));
    row.boolean("custom", entry.is_custom);
    row.boolean("replaces", entry.original != nullptr);
    write_text(row, out, "file", shown_file(info.file, folder_));
    const Hits hits = hits_of(entry);
    write_count(row, "hits_24h", hits.day);
    write_count(row, "hits_7d", hits.week);
    write_count(row, "hits_total", hits.total);
    if (const auto cost = cost_of(entry)) {
        row.raw("cost_ns", fmt::format("{:.1f}", cost->nanoseconds_per_event));
        row.number("cost_events", cost->events);
    }
    if (!entry.needed_by.empty()) {
        row.key("needed_by");
        write_needed_by(out, entry);
    }
    if (!entry.mistake.empty()) write_text(row, out, "error", entry.mistake);
}

// The last thirty days, or those before the latest hit there is when nothing is that new.
void RuleRows::write_line(JsonObject& row, std::string& out, const Entry& entry) const {
    if (!hits_ || is_over_several(entry)) return;
    Timestamp end = now_;
    const auto latest = hits_->latest(scope_);
    if (latest && *latest < now_ - kLineDays * kDay) end = *latest;
    const auto last_day = std::chrono::floor<std::chrono::days>(end);
    const Timestamp first = last_day - std::chrono::days(kLineDays - 1);
    row.text("line_from", format_iso8601(first));
    row.key("line");
    JsonList line(out);
    for (const uint64_t rows : hits_->days(entry.info().id, scope_, first, kLineDays))
        line.next() += std::to_string(rows);
    line.close();
    if (!entry.rule.filters.empty()) {
        row.key("filters");
        write_filters(out, entry, folder_);
    }
}

}  // namespace yagura::api
