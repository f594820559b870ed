// GET /entities/{kind}/{value}: everything the lake knows about one of them.
#include <algorithm>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "api/asking.h"
#include "api/entity_question.h"
#include "api/finding_json.h"
#include "api/people_json.h"
#include "api/place_json.h"
#include "base/ip.h"
#include "base/messages/console.h"
#include "base/text.h"
#include "console/finding_list.h"
#include "logtype/resource.h"

namespace yagura::api {
namespace {

using http::Response;

constexpr size_t kMostValues = 20;
constexpr size_t kMostFindings = 50;
constexpr size_t kLongestValue = 4096;
constexpr std::chrono::hours kWeek{24 * 7};

template <class Map, class Weight>
auto most(const Map& counts, Weight&& weight) {
    std::vector<std::pair<std::string_view, typename Map::mapped_type>> out(counts.begin(),
                                                                            counts.end());
    std::stable_sort(out.begin(), out.end(), [&](const auto& a, const auto& b) {
        return weight(a.second) > weight(b.second);
    });
    if (out.size() > kMostValues) out.resize(kMostValues);
    return out;
}

void write_counts(JsonObject& answer,
                  std::string& out,
                  std::string_view name,
                  std::string_view value_name,
                  const Counts& counts) {
    answer.key(name);
    JsonList list(out);
    for (const auto& [value, count] : most(counts, [](uint64_t n) { return n; })) {
        JsonObject row(list.next());
        row.text(value_name, value);
        row.number("count", count);
        row.close();
    }
    list.close();
}

void write_apis(JsonObject& answer, std::string& out, const EntityDeeds& deeds) {
    answer.key("apis");
    JsonList list(out);
    const auto calls = [](const ApiCount& api) { return api.success + api.failed; };
    for (const auto& [name, api] : most(deeds.apis, calls)) {
        JsonObject row(list.next());
        row.text("name", name);
        row.number("success", api.success);
        row.number("failed", api.failed);
        row.close();
    }
    list.close();
}

void write_line(JsonObject& answer, std::string& out, const EntityLine& line) {
    answer.key("line");
    JsonObject row(out);
    row.integer("bucket_seconds", line.bucket.count());
    row.key("starts");
    JsonList starts(out);
    for (size_t i = 0; i < line.counts.size(); ++i)
        append_json(starts.next(),
                    format_iso8601(line.from + line.bucket * static_cast<int64_t>(i)));
    starts.close();
    row.raw("counts", fmt::format("[{}]", fmt::join(line.counts, ",")));
    row.raw("failed", fmt::format("[{}]", fmt::join(line.failed, ",")));
    row.close();
}

// "ROLE/SESSION" of arn:aws:sts::111122223333:assumed-role/ROLE/SESSION, and "NAME" of a user's:
// how findings call who did it.
std::string name_in(std::string_view arn) {
    if (!arn.starts_with("arn:")) return std::string(arn);
    for (const std::string_view part : {":assumed-role/", ":user/", ":role/"}) {
        const size_t at = arn.find(part);
        if (at != std::string_view::npos) return std::string(arn.substr(at + part.size()));
    }
    return std::string(arn);
}

// The role sessions of an instance are named after it; those that were found doing something are
// known without looking.
EntityNames names_of(const console::Sight& sight,
                     const EntityKind& kind,
                     const std::string& value) {
    constexpr size_t kMostSessions = 20;
    EntityNames out{value};
    if (kind.name != "instance") return out;
    std::set<uint32_t> known;
    for (const store::Placed& placed : sight.ranking->order) {
        const console::BoardFinding& finding = sight.finding(placed.place);
        const std::string& principal = finding.kept.principal;
        const bool is_session = principal.size() > value.size() && principal.ends_with(value) &&
                                principal[principal.size() - value.size() - 1] == '/';
        if (is_session && known.size() < kMostSessions && known.insert(finding.principal).second)
            out.principals.push_back(principal);
    }
    return out;
}

// The resources of findings that have their page here.
std::vector<std::string> resources_of(const console::Sight& sight,
                                      const EntityKind& kind,
                                      std::string_view name) {
    std::vector<std::string> out;
    const console::Names& known = sight.catalogue->resources;
    for (uint32_t i = 0; i < known.size(); ++i) {
        const logtype::ResourceView resource = logtype::parse_resource(known.text(i));
        if (resource.name == name && logtype::resource_entity(resource.kind) == kind.name)
            out.push_back(known.text(i));
    }
    return out;
}

// By who did it: findings name principals, addresses and accounts; those of a key or a session are
// those of the principals that used it. Nothing when no finding can be by it.
std::optional<console::FindingFilter> findings_by(const EntityKind& kind,
                                                  const EntityNames& names,
                                                  const EntityTotals& totals) {
    console::FindingFilter filter;
    filter.any_status = true;
    if (kind.name == "address") {
        filter.addresses = {names.value};
    } else if (kind.name == "account") {
        filter.accounts = {names.value};
    } else if (kind.name == "principal") {
        filter.principals = {names.value};
        if (name_in(names.value) != names.value) filter.principals.push_back(name_in(names.value));
    } else if (kind.name == "key" || kind.name == "session") {
        filter.principals = {name_in(names.value)};
        for (const auto& [principal, count] : totals.principals)
            filter.principals.push_back(principal);
    } else if (kind.name == "role") {
        for (const auto& [principal, count] : totals.principals)
            if (principal.starts_with(names.value + '/')) filter.principals.push_back(principal);
        if (filter.principals.empty()) return std::nullopt;
    } else if (!names.principals.empty()) {
        filter.principals = names.principals;
    } else {
        return std::nullopt;
    }
    return filter;
}

// The findings by it, or about it, and the question of GET /findings that lists them.
struct FindingsOf {
    std::string_view relation;
    console::FindingFilter filter;
    std::vector<uint32_t> places;
};

// Those lists that hold something.
std::vector<FindingsOf> findings_of(const console::Sight& sight,
                                    const EntityKind& kind,
                                    const EntityNames& names,
                                    const EntityTotals& totals) {
    std::vector<FindingsOf> out;
    if (auto by = findings_by(kind, names, totals)) out.push_back({"by", std::move(*by), {}});
    console::FindingFilter about;
    about.any_status = true;
    about.resources = resources_of(sight, kind, names.value);
    if (!about.resources.empty()) out.push_back({"about", std::move(about), {}});
    for (FindingsOf& list : out) list.places = console::matching_findings(sight, list.filter);
    std::erase_if(out, [](const FindingsOf& list) { return list.places.empty(); });
    return out;
}

void write_filter(JsonObject& row, std::string& out, const console::FindingFilter& filter) {
    row.key("filter");
    JsonObject parameters(out);
    const auto write = [&](std::string_view name, const std::vector<std::string>& values) {
        if (values.empty()) return;
        parameters.key(name);
        append_json_list(out, values);
    };
    write("source_ip", filter.addresses);
    write("account", filter.accounts);
    write("principal", filter.principals);
    write("resource", filter.resources);
    parameters.close();
}

// The highest ranked of them, how many there are, and how to ask for all.
void write_findings(JsonObject& answer,
                    std::string& out,
                    const FindingWriter& findings,
                    const std::vector<FindingsOf>& lists) {
    std::set<uint32_t> wanted;
    for (const FindingsOf& list : lists) wanted.insert(list.places.begin(), list.places.end());
    answer.number("findings_total", wanted.size());
    answer.key("findings_lists");
    JsonList asked(out);
    for (const FindingsOf& list : lists) {
        JsonObject row(asked.next());
        row.text("relation", list.relation);
        row.number("total", list.places.size());
        write_filter(row, out, list.filter);
        row.close();
    }
    asked.close();
    answer.key("findings");
    JsonList shown(out);
    size_t count = 0;
    for (const store::Placed& placed : findings.sight().ranking->order) {
        if (count == kMostFindings) break;
        if (wanted.erase(placed.place) == 0) continue;
        findings.write(shown.next(), placed.place);
        ++count;
    }
    shown.close();
}

// Where an address is and whose it is.
void write_address(JsonObject& answer, std::string& out, const Call& call, std::string_view value) {
    if (const auto place = place_of(call, value)) {
        answer.boolean("is_private", IpAddress::parse(value)->is_private());
        answer.boolean("aws_owned", !place->aws_service.empty());
        answer.key("place");
        write_place(out, *place);
        answer.boolean("has_places", call.services.geo && !call.services.geo->is_empty());
        return;
    }
    // CloudTrail writes the name of a service that called on somebody's behalf.
    if (value.ends_with(".amazonaws.com") || value == "AWS Internal")
        answer.boolean("aws_owned", true);
}

// Screens show what it is before what it did is counted.
struct Parts {
    bool card = false, line = false, mix = false;
};
Result<Parts> parts_of(const Call& call) {
    const auto asked = call.request.parameter("parts");
    if (!asked) return Parts{true, true, true};
    Parts out;
    for (const std::string_view part : split(*asked, ',')) {
        if (part == "card") {
            out.card = true;
        } else if (part == "line") {
            out.line = true;
        } else if (part == "mix") {
            out.mix = true;
        } else {
            return fail(Code::invalid, say(message::console_one_of, "parts", "card, line, mix"));
        }
    }
    return out;
}

// One question about one entity, and what has been found out so far.
struct Asked {
    Call& call;
    const EntityKind& kind;
    EntityNames names;
    TimeRange range;
    Timestamp now;
    query::EnginePool::Lease& lease;
    std::vector<std::string> notes = {};
    std::optional<EntityTotals> totals = {};
};

Result<void> need_totals(Asked& asked) {
    if (asked.totals) return {};
    YAGURA_TRY(asked.totals,
               ask_entity_totals(asked.lease, asked.kind, asked.names, asked.range, asked.now));
    return {};
}

Result<void> add_card(Asked& asked,
                      const FindingWriter& findings,
                      JsonObject& answer,
                      std::string& out) {
    if (asked.kind.name == "address") write_address(answer, out, asked.call, asked.names.value);
    YAGURA_CHECK(need_totals(asked));
    const EntityTotals& totals = *asked.totals;
    write_time(answer, "first", totals.first);
    write_time(answer, "last", totals.last);
    answer.number("events", totals.events);
    write_counts(answer, out, "log_types", "name", totals.log_types);
    write_counts(answer, out, "accounts", "value", totals.accounts);
    write_findings(
        answer, out, findings, findings_of(findings.sight(), asked.kind, asked.names, totals));
    return {};
}

void write_mix(const EntityDeeds& deeds, JsonObject& answer, std::string& out) {
    write_apis(answer, out, deeds);
    write_counts(answer, out, "regions", "value", deeds.regions);
    write_counts(answer, out, "principals", "value", deeds.principals);
    write_counts(answer, out, "addresses", "value", deeds.addresses);
    write_counts(answer, out, "keys", "value", deeds.keys);
    write_counts(answer, out, "user_agents", "value", deeds.user_agents);
    write_counts(answer, out, "errors", "value", deeds.errors);
}

// The time that was asked for, or the week up to the newest event.
struct LineSpan {
    Timestamp from, to;
};
Result<LineSpan> line_span(Asked& asked) {
    const TimeRange& range = asked.range;
    const bool is_asked = range.from || range.to;
    asked.notes.push_back(
        say(is_asked ? message::console_line_asked : message::console_line_to_newest));
    if (range.to) return LineSpan{range.from.value_or(*range.to - kWeek), *range.to};
    YAGURA_CHECK(need_totals(asked));
    const Timestamp to = asked.totals->last.value_or(asked.now) + std::chrono::microseconds(1);
    return LineSpan{range.from.value_or(to - kWeek), to};
}

Result<void> add_deeds(Asked& asked, const Parts& parts, JsonObject& answer, std::string& out) {
    std::optional<EntityLine> line;
    std::optional<LineSpan> span;
    if (parts.line) {
        YAGURA_TRY(span, line_span(asked));
        line = empty_line(span->from, span->to);
    }
    const auto& [call, kind, names, range, now, lease, notes, totals] = asked;
    if (parts.mix) {
        YAGURA_TRY(EntityDeeds deeds,
                   ask_entity_deeds(lease, kind, names, range, std::move(line), now));
        write_mix(deeds, answer, out);
        line = std::move(deeds.line);
    } else {
        const TimeRange seen{range.from.value_or(line->from), span->to};
        YAGURA_TRY(line, ask_entity_line(lease, kind, names, seen, std::move(*line), now));
    }
    if (line) write_line(answer, out, *line);
    return {};
}

Result<const EntityKind*> kind_of(const Call& call) {
    if (const EntityKind* kind = find_entity_kind(call.part("kind"))) return kind;
    std::vector<std::string_view> names;
    for (const EntityKind& known : entity_kinds()) names.push_back(known.name);
    return fail(Code::not_found,
                say(message::console_entity_kind,
                    printable(call.part("kind")),
                    fmt::format("{}", fmt::join(names, ", "))));
}

Result<Response> show_entity(Call& call) {
    YAGURA_TRY(const EntityKind* const kind, kind_of(call));
    const std::string value(call.part("value"));
    if (value.empty() || value.size() > kLongestValue)
        return fail(Code::invalid, say(message::console_too_long, "value", kLongestValue));
    if (!call.services.engines) return fail(Code::unsupported, say(message::console_none));
    YAGURA_TRY(const TimeRange range, call.range());
    YAGURA_TRY(const Parts parts, parts_of(call));
    YAGURA_TRY(const FindingWriter findings, FindingWriter::of(call));
    YAGURA_TRY(auto lease, quick_lease(call));
    Asked asked{
        call, *kind, names_of(findings.sight(), *kind, value), range, call.services.now(), lease};

    std::string out;
    JsonObject answer(out);
    answer.text("kind", kind->name);
    answer.text("value", value);
    if (parts.card) YAGURA_CHECK(add_card(asked, findings, answer, out));
    if (parts.mix || parts.line) YAGURA_CHECK(add_deeds(asked, parts, answer, out));
    answer.key("notes");
    append_json_list(out, asked.notes);
    answer.close();
    return private_json(std::move(out));
}

// clang-format off
constexpr Parameter kParameters[] = {
    {.name = "from", .title = {"only events at or after this time", "この時刻以降のイベントのみ"}},
    {.name = "to", .title = {"only events before this time", "この時刻より前のイベントのみ"}},
    {.name = "since", .title = {"instead of from: 24h", "from の代わり（24h など）"}},
    {.name = "parts", .title = {"what is wanted: card (what it is, how much of it, its findings), mix (what it did, from where), line (when); usually all", "必要な部分: card（概要・件数・検出結果）、mix（操作や送信元の内訳）、line（推移）。既定はすべて"}},
};
constexpr Route kRoutes[] = {
    {.method = Method::get, .path = "/entities/{kind}/{value}", .role = Role::viewer,
     .summary = {"What one address, principal, key, session, instance, bucket, account or user agent did", "アドレス・プリンシパル・キー・セッション・インスタンス・バケット・アカウント・ユーザーエージェントの活動"},
     .parameters = kParameters, .answer = "Entity", .handle = show_entity},
};
// clang-format on

}  // namespace

extern const Resource entities;
const Resource entities{"entities", kRoutes};

}  // namespace yagura::api
