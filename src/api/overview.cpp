// GET /overview: where to look first.
#include <algorithm>
#include <map>
#include <set>

#include "api/finding_json.h"
#include "api/finding_request.h"
#include "api/people_json.h"
#include "api/pulse.h"
#include "api/resource_json.h"
#include "console/console.h"
#include "console/finding_list.h"
#include "finding/severity.h"

namespace yagura::api {
namespace {

using console::BoardFinding;
using console::Sight;
using console::Standing;
using console::Status;
using http::Response;

constexpr size_t kMostRows = 10;
constexpr int64_t kMostBuckets = 60;
constexpr size_t kLevels = finding::kLevels;

// What findings of one rule, principal, … add up to.
struct Group {
    uint64_t findings = 0;
    uint64_t count = 0;
    match::Level level = match::Level::informational;
    Timestamp last{};
    uint32_t example = 0;  // a place: the highest ranked of them
    double score = 0;

    void add(const Sight& sight, uint32_t place) {
        add(sight, place, sight.finding(place).kept.count);
    }
    // `events` of those of the finding.
    void add(const Sight& sight, uint32_t place, uint64_t events) {
        const store::KeptFinding& kept = sight.finding(place).kept;
        if (findings == 0) example = place;
        ++findings;
        count += events;
        level = std::max(level, kept.level);
        last = std::max(last, kept.last);
        score += sight.score(place);
    }
};
using Groups = std::map<uint32_t, Group>;
using Order = std::vector<std::pair<uint32_t, Group>>;

// All that the page shows about findings, in one pass over those that count.
struct Tally {
    std::array<uint64_t, kLevels> levels{};
    std::array<uint64_t, console::kStatuses> statuses{};
    uint64_t total = 0;
    uint64_t open = 0;
    Groups rules, principals, addresses, accounts, resources;
    std::array<Group, finding::kTactics> tactics;
    std::vector<uint32_t> places;
};

Tally tally_of(const Sight& sight, const console::FindingFilter& filter) {
    Tally out;
    for (const uint32_t place : console::matching_findings(sight, filter)) {
        const BoardFinding& finding = sight.finding(place);
        const Standing& standing = sight.standing(place);
        ++out.statuses[static_cast<size_t>(standing.status)];
        if (standing.status == Status::suppressed) continue;
        ++out.total;
        out.open += standing.counts_as_open;
        ++out.levels[static_cast<size_t>(finding.kept.level)];
        out.places.push_back(place);
        out.rules[finding.rule].add(sight, place);
        if (!finding.kept.principal.empty()) out.principals[finding.principal].add(sight, place);
        if (!finding.kept.source_ip.empty()) out.addresses[finding.address].add(sight, place);
        if (!finding.kept.account.empty()) out.accounts[finding.account].add(sight, place);
        for (size_t i = 0; i < finding.resources.size(); ++i)
            out.resources[finding.resources[i]].add(sight, place, finding.kept.resources[i].count);
        for (size_t i = 0; i < finding::kTactics; ++i)
            if (finding.tactics[i]) out.tactics[i].add(sight, place);
    }
    return out;
}

template <class Before>
Order first_of(const Groups& groups, Before&& before) {
    Order order(groups.begin(), groups.end());
    const size_t kept = std::min(order.size(), kMostRows);
    std::partial_sort(order.begin(),
                      order.begin() + static_cast<ptrdiff_t>(kept),
                      order.end(),
                      [&](const auto& a, const auto& b) {
                          if (before(a.second, b.second)) return true;
                          if (before(b.second, a.second)) return false;
                          return a.first < b.first;
                      });
    order.resize(kept);
    return order;
}

bool has_more_findings(const Group& a, const Group& b) {
    return std::tie(a.findings, a.count) > std::tie(b.findings, b.count);
}
bool has_more_or_graver_findings(const Group& a, const Group& b) {
    return std::tie(a.findings, a.level, a.count) > std::tie(b.findings, b.level, b.count);
}
bool has_more_score(const Group& a, const Group& b) {
    return a.score > b.score;
}
bool is_rarer(const Group& a, const Group& b) {
    if (a.count != b.count) return a.count < b.count;
    return std::tie(a.level, a.last) > std::tie(b.level, b.last);
}

void write_summary(JsonObject& answer, std::string& out, const Tally& tally) {
    answer.key("findings");
    JsonObject findings(out);
    findings.number("total", tally.total);
    findings.number("open", tally.open);
    findings.key("by_level");
    JsonObject levels(out);
    for (size_t i = kLevels; i-- > 0;)
        levels.number(match::level_name(static_cast<match::Level>(i)), tally.levels[i]);
    levels.close();
    findings.key("by_status");
    JsonObject statuses(out);
    for (size_t i = 0; i < console::kStatuses; ++i)
        statuses.number(console::status_name(static_cast<Status>(i)), tally.statuses[i]);
    statuses.close();
    findings.close();
}

// Hours, or days where hours would be too many.
struct Line {
    Timestamp from{};
    std::chrono::seconds bucket{3600};
    size_t buckets = 0;
};

Line line_of(const Sight& sight, const Tally& tally, const TimeRange& range) {
    if (tally.places.empty()) return {};
    Timestamp first = sight.finding(tally.places[0]).kept.first, last = first;
    for (const uint32_t place : tally.places) {
        first = std::min(first, sight.finding(place).kept.first);
        last = std::max(last, sight.finding(place).kept.first);
    }
    if (range.from) first = std::max(first, *range.from);
    if (range.to) last = std::min(last, *range.to);
    Line line;
    for (const int64_t seconds : {300, 900, 3600, 10800, 21600, 86400, 604800, 2592000}) {
        line.bucket = std::chrono::seconds(seconds);
        if ((last - first) / line.bucket < kMostBuckets) break;
    }
    const auto floored = std::chrono::duration_cast<std::chrono::seconds>(first.time_since_epoch());
    line.from = Timestamp(floored / line.bucket * line.bucket);
    line.buckets = last < line.from ? 0 : static_cast<size_t>((last - line.from) / line.bucket + 1);
    line.buckets = std::min<size_t>(line.buckets, 2 * kMostBuckets);
    return line;
}

// When findings began, by severity.
void write_over_time(JsonObject& answer,
                     std::string& out,
                     const Sight& sight,
                     const Tally& tally,
                     const TimeRange& range) {
    const Line line = line_of(sight, tally, range);
    std::array<std::vector<uint64_t>, kLevels> counts;
    for (auto& of_level : counts) of_level.resize(line.buckets);
    for (const uint32_t place : tally.places) {
        const store::KeptFinding& kept = sight.finding(place).kept;
        // What began before the range was there at its first moment.
        const int64_t at = kept.first < line.from ? 0 : (kept.first - line.from) / line.bucket;
        if (at < static_cast<int64_t>(line.buckets))
            ++counts[static_cast<size_t>(kept.level)][static_cast<size_t>(at)];
    }
    answer.key("over_time");
    JsonObject over(out);
    over.integer("bucket_seconds", line.bucket.count());
    over.key("starts");
    JsonList starts(out);
    for (size_t i = 0; i < line.buckets; ++i)
        append_json(starts.next(),
                    format_iso8601(line.from + line.bucket * static_cast<int64_t>(i)));
    starts.close();
    over.key("series");
    JsonList series(out);
    for (size_t level = kLevels; level-- > 0;) {
        JsonObject one(series.next());
        one.text("level", match::level_name(static_cast<match::Level>(level)));
        one.raw("counts", fmt::format("[{}]", fmt::join(counts[level], ",")));
        one.close();
    }
    series.close();
    over.close();
}

void write_rules(JsonObject& answer,
                 std::string& out,
                 std::string_view name,
                 const Sight& sight,
                 const Order& order) {
    answer.key(name);
    JsonList list(out);
    for (const auto& [rule, group] : order) {
        JsonObject row(list.next());
        row.text("rule_id", sight.catalogue->rules.text(rule));
        write_text(row, out, "title", title_of(sight.finding(group.example).kept));
        row.text("level", match::level_name(group.level));
        row.number("findings", group.findings);
        row.number("count", group.count);
        row.text("last", format_iso8601(group.last));
        row.close();
    }
    list.close();
}

void write_named(JsonObject& answer,
                 std::string& out,
                 std::string_view name,
                 const console::Names& names,
                 const Order& order) {
    answer.key(name);
    JsonList list(out);
    for (const auto& [number, group] : order) {
        JsonObject row(list.next());
        write_text(row, out, "value", names.text(number));
        row.number("count", group.count);
        row.number("findings", group.findings);
        row.text("level", match::level_name(group.level));
        row.close();
    }
    list.close();
}

void write_resources_of(JsonObject& answer,
                        std::string& out,
                        const console::Names& names,
                        const Order& order) {
    answer.key("top_resources");
    JsonList list(out);
    for (const auto& [number, group] : order) {
        JsonObject row(list.next());
        write_resource(row, out, names.text(number));
        row.number("count", group.count);
        row.number("findings", group.findings);
        row.text("level", match::level_name(group.level));
        row.close();
    }
    list.close();
}

void write_accounts_of(JsonObject& answer,
                       std::string& out,
                       const FindingWriter& findings,
                       const Order& order) {
    answer.key("top_accounts");
    JsonList list(out);
    for (const auto& [number, group] : order) {
        const std::string& account = findings.sight().catalogue->accounts.text(number);
        JsonObject row(list.next());
        row.text("account", account);
        if (const auto alias = findings.alias(account); !alias.empty()) row.text("alias", alias);
        row.number("findings", group.findings);
        row.number("count", group.count);
        row.text("level", match::level_name(group.level));
        row.close();
    }
    list.close();
}

void write_tactics(JsonObject& answer, std::string& out, const Tally& tally) {
    answer.key("tactics");
    JsonList list(out);
    for (size_t i = 0; i < finding::kTactics; ++i) {
        const auto& tactic = finding::tactic_row(static_cast<finding::Tactic>(i));
        JsonObject row(list.next());
        row.text("id", tactic.id);
        row.text("name", tactic.title.in(language()));
        row.number("findings", tally.tactics[i].findings);
        if (tally.tactics[i].findings > 0)
            row.text("level", match::level_name(tally.tactics[i].level));
        row.close();
    }
    list.close();
}

void write_ingest(JsonObject& answer, std::string& out, const PulseNumbers& pulse) {
    answer.key("ingest");
    JsonObject ingest(out);
    ingest.number("events_total", pulse.events);
    write_time(ingest, "last_event", pulse.last_event);
    write_time(ingest, "last_ingest", pulse.last_ingest);
    ingest.raw("events_24h_spark", fmt::format("[{}]", fmt::join(pulse.hours, ",")));
    if (pulse.last_event && pulse.last_ingest && *pulse.last_ingest > *pulse.last_event) {
        const auto lag = *pulse.last_ingest - *pulse.last_event;
        ingest.integer("lag_seconds",
                       std::chrono::duration_cast<std::chrono::seconds>(lag).count());
    }
    ingest.close();
}

// What is new in one sense among the findings that count, as GET /findings?new=… lists it.
std::vector<uint32_t> new_places(const Sight& sight,
                                 const console::FindingFilter& asked,
                                 int64_t mark,
                                 console::Novelty novelty) {
    console::FindingFilter filter;
    filter.statuses = {Status::fresh, Status::acknowledged, Status::closed};
    filter.accounts = asked.accounts;
    filter.newer_than = mark;
    filter.novelty = novelty;
    return console::matching_findings(sight, filter);
}

uint64_t different(const Sight& sight,
                   const std::vector<uint32_t>& places,
                   uint32_t BoardFinding::*part) {
    std::set<uint32_t> numbers;
    for (const uint32_t place : places) numbers.insert(sight.finding(place).*part);
    return numbers.size();
}

Result<void> write_changes(JsonObject& answer,
                           std::string& out,
                           const Call& call,
                           const Sight& sight,
                           const console::FindingFilter& filter,
                           const PulseNumbers& pulse) {
    console::Mark now{call.services.now(), 0, pulse.events};
    for (const store::Placed& placed : sight.ranking->order)
        now.last_finding = std::max(now.last_finding, sight.finding(placed.place).kept.id);
    YAGURA_TRY(console::Console * console, console_of(call));
    YAGURA_TRY(const auto before, console->visits.look(call.who.name, now));
    const int64_t mark = before ? before->last_finding : now.last_finding;
    const auto fresh = [&](console::Novelty novelty) {
        return new_places(sight, filter, mark, novelty);
    };
    answer.key("changes");
    JsonObject changes(out);
    if (before) write_time(changes, "since", before->time);
    changes.number("new_findings", fresh(console::Novelty::finding).size());
    const uint64_t events_then = before ? before->events : pulse.events;
    changes.number("new_events", pulse.events - std::min(events_then, pulse.events));
    const auto of_rules = fresh(console::Novelty::rule);
    changes.number("new_rules_hit", different(sight, of_rules, &BoardFinding::rule));
    const auto of_principals = fresh(console::Novelty::principal);
    changes.number("new_principals", different(sight, of_principals, &BoardFinding::principal));
    changes.close();
    return {};
}

Result<Response> show_overview(Call& call) {
    YAGURA_TRY(const FindingWriter findings, FindingWriter::of(call));
    YAGURA_TRY(const console::FindingFilter filter, read_filter(call, findings.sight()));
    PulseNumbers pulse, chosen;  // of all one sees, and of the accounts asked for
    if (call.services.pulse) {
        const AccountScope& all = call.who.accounts;
        YAGURA_TRY(pulse, call.services.pulse->of(all, call.services.now(), call.request.left));
        chosen = pulse;
        if (!filter.accounts.empty()) {
            const AccountScope some = all.intersected(AccountScope::of(filter.accounts));
            YAGURA_TRY(chosen,
                       call.services.pulse->of(some, call.services.now(), call.request.left));
        }
    }
    const Sight& sight = findings.sight();
    const Tally tally = tally_of(sight, filter);
    std::string out;
    JsonObject answer(out);
    write_summary(answer, out, tally);
    write_over_time(answer, out, sight, tally, filter.range);
    const auto& catalogue = *sight.catalogue;
    write_rules(answer, out, "top_rules", sight, first_of(tally.rules, has_more_findings));
    const Order principals = first_of(tally.principals, has_more_score);
    write_named(answer, out, "top_principals", catalogue.principals, principals);
    write_named(answer,
                out,
                "top_addresses",
                catalogue.addresses,
                first_of(tally.addresses, has_more_score));
    write_resources_of(
        answer, out, catalogue.resources, first_of(tally.resources, has_more_or_graver_findings));
    write_accounts_of(answer, out, findings, first_of(tally.accounts, has_more_findings));
    write_rules(answer, out, "rarest", sight, first_of(tally.rules, is_rarer));
    write_tactics(answer, out, tally);
    write_ingest(answer, out, chosen);
    YAGURA_CHECK(write_changes(answer, out, call, sight, filter, pulse));
    answer.close();
    return private_json(std::move(out));
}

// clang-format off
constexpr Parameter kParameters[] = {
    {.name = "account", .title = {"only findings of these accounts", "これらのアカウントの検出のみ"}},
    {.name = "from", .title = {"only findings active at or after this time", "この時刻以降に活動があった検出のみ"}},
    {.name = "to", .title = {"only findings active before this time", "この時刻より前に活動があった検出のみ"}},
    {.name = "since", .title = {"instead of from: 24h", "from の代わり（24h など）"}},
};
constexpr Route kRoutes[] = {
    {.method = Method::get, .path = "/overview", .role = Role::viewer,
     .summary = {"Where to look first", "まず見るべきもの"}, .parameters = kParameters, .answer = "Overview", .handle = show_overview},
};
// clang-format on

}  // namespace

extern const Resource overview;
const Resource overview{"overview", kRoutes};

}  // namespace yagura::api
